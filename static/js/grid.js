// The grid is one stop for Tab; arrows, j and k walk through its tiles, and what a tile offers is
// reached by its own keys.
import { upgrade } from "./dom.js";
import { key } from "./keys.js";

const LINK = ".tile__link";
const PRESSABLE = "a, button, input, summary";

export const tilesOf = (grid) => [...grid.querySelectorAll("[data-tile]")];
export const focused = () => document.activeElement?.closest?.("[data-tile]");

/** Only the current tile can be reached with Tab. */
function rove(grid, current) {
  for (const tile of tilesOf(grid)) {
    const index = tile === current ? 0 : -1;
    for (const element of tile.querySelectorAll(PRESSABLE)) element.tabIndex = index;
  }
}

function current(grid) {
  return (
    grid.querySelector("[data-tile]:has(.tile__link[tabindex='0'])") ??
    grid.querySelector("[data-tile]")
  );
}

/** The nearest tile in the row above (-1) or below (1). */
function vertical(grid, tile, step) {
  const box = tile.getBoundingClientRect();
  const centre = box.left + box.width / 2;
  const rows = tilesOf(grid)
    .map((other) => ({ other, place: other.getBoundingClientRect() }))
    .filter(({ place }) => (step > 0 ? place.top >= box.bottom - 2 : place.bottom <= box.top + 2));
  if (!rows.length) return null;
  const tops = rows.map(({ place }) => place.top);
  const top = step > 0 ? Math.min(...tops) : Math.max(...tops);
  const away = ({ place }) => Math.abs(place.left + place.width / 2 - centre);
  return rows
    .filter(({ place }) => Math.abs(place.top - top) < 2)
    .sort((a, b) => away(a) - away(b))[0].other;
}

function move(grid, from, how) {
  const tiles = tilesOf(grid);
  if (!from) return current(grid);
  if (how === "up" || how === "down") return vertical(grid, from, how === "up" ? -1 : 1);
  return tiles[tiles.indexOf(from) + how];
}

/** Walk from the focused tile (or enter the grid) and tell who listens whether Shift was held. */
function walk(how, { enter = false, extend = false } = {}) {
  return () => {
    const from = focused();
    const elsewhere = document.activeElement?.closest("[data-player], dialog");
    const grid =
      from?.closest("[data-grid]") ??
      (enter && !elsewhere ? document.querySelector("[data-grid]") : null);
    if (!grid) return false;
    const to = move(grid, from, how);
    if (!to) return undefined;
    to.querySelector(LINK).focus();
    to.scrollIntoView({ block: "nearest" });
    if (extend) grid.dispatchEvent(new CustomEvent("mjweb:extend", { detail: { from, to } }));
    return undefined;
  };
}

key("j", walk(1, { enter: true }));
key("k", walk(-1, { enter: true }));
for (const [name, how] of [
  ["left", -1],
  ["right", 1],
  ["up", "up"],
  ["down", "down"],
]) {
  key(`arrow${name}`, walk(how));
  key(`shift+arrow${name}`, walk(how, { extend: true }));
}

upgrade("[data-grid]", (grid) => {
  rove(grid, current(grid));
  grid.addEventListener("focusin", (event) => {
    const tile = event.target.closest("[data-tile]");
    if (tile) rove(grid, tile);
  });
});
// A job's tile may come back as its clips, or not at all: who stood on it stays there, or goes on
// to the next.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target } = event.detail;
  if (!target?.id || !target.contains(document.activeElement)) return;
  const links = [...document.querySelectorAll(`[data-grid] ${LINK}`)];
  const beside =
    links[links.findLastIndex((link) => target.contains(link)) + 1] ??
    links[links.findIndex((link) => target.contains(link)) - 1];
  const stay = () =>
    (
      document.getElementById(target.id)?.querySelector(LINK) ??
      beside ??
      document.getElementById("main")
    )?.focus();
  document.addEventListener("htmx:oobAfterSwap", () => queueMicrotask(stay), { once: true });
});
// A tile drawn anew, or a new page of them, must not add stops for Tab.
upgrade("[data-grid] [data-tile]", (tile) => {
  const grid = tile.closest("[data-grid]");
  rove(grid, focused() ?? current(grid));
});
