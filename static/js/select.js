// Choosing many: checkboxes that also listen to Shift and Ctrl clicks and Shift with arrows; the
// bulk bar says how many.
import { fill, on } from "./dom.js";
import { tilesOf } from "./grid.js";

let anchor = null;
const boxOf = (tile) => tile?.querySelector(".tile__check input");

function refresh(grid) {
  const count = grid.querySelectorAll(".tile__check input:checked").length;
  grid.toggleAttribute("data-selecting", count > 0);
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  bar.hidden = count === 0;
  const label = bar.querySelector("[data-count]");
  label.textContent = fill(label.dataset.count, { count });
}

/** Choose every tile between `from` and `to`. */
function choose(grid, from, to) {
  const tiles = tilesOf(grid);
  const [start, end] = [tiles.indexOf(from), tiles.indexOf(to)].sort((a, b) => a - b);
  for (const tile of tiles.slice(Math.max(0, start), end + 1)) {
    const box = boxOf(tile);
    if (box) box.checked = true;
  }
  refresh(grid);
}

on("change", "[data-grid] .tile__check input", (event, box) => {
  anchor = box.closest("[data-tile]");
  refresh(box.closest("[data-grid]"));
});

on("click", "[data-grid] [data-tile]", (event, tile) => {
  const wanted = event.shiftKey || event.ctrlKey || event.metaKey;
  const box = boxOf(tile);
  if (!wanted || !box || event.target.closest(".tile__tools, .tile__actions")) return;
  const grid = tile.closest("[data-grid]");
  if (event.shiftKey && anchor?.isConnected) {
    event.preventDefault();
    choose(grid, anchor, tile);
  } else if (event.target.matches(".tile__link")) {
    event.preventDefault();
    box.click();
  }
});

document.addEventListener(
  "mjweb:extend",
  (event) => choose(event.target, event.detail.from, event.detail.to),
  true,
);
on("click", "[data-clears-selection]", () => {
  for (const grid of document.querySelectorAll("[data-grid]")) {
    for (const box of grid.querySelectorAll(".tile__check input:checked")) box.checked = false;
    refresh(grid);
  }
});
