// A tile shows its clip under the pointer: x position is time. Sprites load when first wanted; long
// press scrubs on touch.
import { calm, on, previewsOff } from "./dom.js";

const TILE = "[data-tile][data-sprite]:not([data-veil='true'])";
const HOLD = 350;
const loading = new WeakMap();

function load(tile) {
  if (!loading.has(tile)) {
    const image = new Image();
    image.src = tile.dataset.sprite;
    loading.set(
      tile,
      image.decode().then(() => {
        const sprite = tile.querySelector(".tile__sprite");
        sprite.style.backgroundImage = `url("${image.src}")`;
        sprite.style.backgroundSize = `${tile.dataset.columns * 100}% ${tile.dataset.rows * 100}%`;
      }),
    );
  }
  return loading.get(tile);
}

/** Show the moment `at` (0 to 1) of the tile's clip. */
async function show(tile, at) {
  tile.dataset.wants = at;
  await load(tile).catch(() => {});
  if (!("wants" in tile.dataset)) return;
  const [columns, rows] = [Number(tile.dataset.columns), Number(tile.dataset.rows)];
  const cell = Math.min(columns * rows - 1, Math.floor(tile.dataset.wants * columns * rows));
  const percent = (index, count) => (count > 1 ? (index / (count - 1)) * 100 : 0);
  const sprite = tile.querySelector(".tile__sprite");
  sprite.style.backgroundPosition = `${percent(cell % columns, columns)}% ${percent(Math.floor(cell / columns), rows)}%`;
  tile.querySelector(".tile__needle").style.setProperty("--at", tile.dataset.wants);
  tile.dataset.scrubbing = "";
}

function rest(tile) {
  delete tile.dataset.scrubbing;
  delete tile.dataset.wants;
}

const under = (event, tile) => {
  const box = tile.getBoundingClientRect();
  return Math.min(0.999, Math.max(0, (event.clientX - box.left) / box.width));
};

on("pointermove", TILE, (event, tile) => {
  if (event.pointerType === "touch" || previewsOff()) return;
  show(tile, under(event, tile));
});
on("pointerout", TILE, (event, tile) => {
  if (event.pointerType !== "touch" && !tile.contains(event.relatedTarget)) rest(tile);
});

// Touch: hold, then slide. The link under the finger must not open when the finger leaves.
on(
  "touchstart",
  TILE,
  (event, tile) => {
    if (previewsOff() || event.touches.length > 1) return;
    let held = false;
    const timer = setTimeout(() => {
      held = true;
      show(tile, under(event.touches[0], tile));
    }, HOLD);
    const move = (moved) => {
      if (!held) return clearTimeout(timer);
      moved.preventDefault();
      show(tile, under(moved.touches[0], tile));
    };
    const end = (ended) => {
      clearTimeout(timer);
      tile.removeEventListener("touchmove", move);
      tile.removeEventListener("touchend", end);
      tile.removeEventListener("touchcancel", end);
      if (held && ended.cancelable) ended.preventDefault();
      rest(tile);
    };
    tile.addEventListener("touchmove", move, { passive: false });
    tile.addEventListener("touchend", end);
    tile.addEventListener("touchcancel", end);
  },
  { passive: true },
);
on("contextmenu", "[data-tile][data-scrubbing]", (event) => event.preventDefault());

// Keyboard focus has no x position: walk through the clip, unless this person asked for calm.
on("focusin", TILE, (event, tile) => {
  if (!event.target.matches(".tile__link:focus-visible") || calm() || previewsOff()) return;
  let at = 0;
  const timer = setInterval(() => {
    if (!tile.contains(document.activeElement)) {
      clearInterval(timer);
      rest(tile);
    } else show(tile, (at = (at + 0.02) % 1));
  }, 90);
});
