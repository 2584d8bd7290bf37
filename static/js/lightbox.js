// Space on a tile plays its clip large; arrows walk on through the grid without closing.
import { calm, upgrade } from "./dom.js";
import { focused, tilesOf } from "./grid.js";
import { key } from "./keys.js";

const PLAYABLE = (tile) => tile.dataset.video && tile.dataset.veil !== "true";

upgrade("#lightbox", (box) => {
  const video = box.querySelector("video");
  let tile = null;

  function show(next) {
    tile = next;
    const link = tile.querySelector(".tile__link");
    video.src = tile.dataset.video;
    video.autoplay = !calm();
    box.querySelector("[data-title]").textContent = link.getAttribute("aria-label");
    box.querySelector("[data-open]").href = link.href;
    if (!box.open) box.showModal();
    video.focus();
  }

  function step(by) {
    if (!box.open) return false;
    const tiles = tilesOf(tile.closest("[data-grid]") ?? document).filter(PLAYABLE);
    const next = tiles[tiles.indexOf(tile) + by];
    if (next) show(next);
    return undefined;
  }

  box.addEventListener("close", () => {
    video.removeAttribute("src");
    video.load();
    // It may have been drawn anew meanwhile.
    document.getElementById(tile?.querySelector(".tile__link").id)?.focus();
  });
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === video) box.querySelector("[data-open]").click();
    if (event.key === " " && !event.target.matches("button, a")) {
      event.preventDefault();
      box.close();
    }
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      step(event.key === "ArrowLeft" ? -1 : 1);
    }
  });
  key("space", () => {
    const here = focused();
    if (!here || box.open || !PLAYABLE(here)) return false;
    show(here);
    return undefined;
  });
});
