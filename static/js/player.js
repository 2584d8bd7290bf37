// A player that counts in frames: every seek lands in the middle of one, so no browser shows its
// neighbour.
import { fill, on, upgrade } from "./dom.js";
import { key } from "./keys.js";

const players = new Map();
const SHUTTLE = [1, 2, 4];

export class Player {
  constructor(root) {
    this.root = root;
    this.video = root.querySelector("video");
    this.rate = Number(root.dataset.frameRateNum) / Number(root.dataset.frameRateDen);
    this.frames = Math.max(1, Number(root.dataset.frames));
    this.range = [0, this.frames - 1];
    this.loops = true;
    this.speed = 1;
    this.reverse = 0;
    this.find = (selector) => root.querySelector(selector);
    this.#dress();
    this.#listen();
    this.#follow();
    this.fromAddress();
  }

  /** The frame on screen. */
  get frame() {
    return Math.min(
      this.frames - 1,
      Math.max(0, Math.floor(this.video.currentTime * this.rate + 1e-3)),
    );
  }

  /** Go to the middle of frame `n`. */
  seek(n) {
    const frame = Math.min(this.frames - 1, Math.max(0, Math.round(n)));
    this.video.currentTime = (frame + 0.5) / this.rate;
    this.#show(frame);
  }

  step(by) {
    this.pause();
    this.seek((this.wanted ?? this.frame) + by);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  get playing() {
    return !this.video.paused || this.reverse > 0;
  }

  play(speed = this.speed) {
    this.#stopReverse();
    this.video.playbackRate = speed;
    if (this.frame >= this.range[1]) this.seek(this.range[0]);
    this.wanted = null;
    return this.video.play().catch(() => {});
  }

  pause() {
    this.#stopReverse();
    this.video.pause();
  }

  /** J and L: faster with every press, in that direction. */
  shuttle(direction) {
    if (direction > 0) {
      const at = this.video.paused ? -1 : SHUTTLE.indexOf(this.video.playbackRate);
      return this.play(SHUTTLE[Math.min(at + 1, SHUTTLE.length - 1)]);
    }
    this.video.pause();
    const next = SHUTTLE[Math.min(SHUTTLE.indexOf(this.reverse) + 1, SHUTTLE.length - 1)];
    this.#stopReverse();
    this.reverse = next;
    // No browser plays backwards: step at the clip's own pace.
    this.reverseTimer = setInterval(() => {
      const back = (this.wanted ?? this.frame) - this.reverse;
      if (back < this.range[0]) this.pause();
      this.seek(Math.max(back, this.range[0]));
    }, 1000 / this.rate);
    this.#state();
    return undefined;
  }

  /** I and O: play only what lies between; the same place again takes the point away. */
  mark(end) {
    const frame = this.wanted ?? this.frame;
    const free = end ? this.frames - 1 : 0;
    this.range[end] = this.range[end] === frame ? free : frame;
    if (this.range[0] >= this.range[1]) this.range[1 - end] = end ? 0 : this.frames - 1;
    const span = this.find("[data-range]");
    span.hidden = this.range[0] === 0 && this.range[1] === this.frames - 1;
    span.style.setProperty("--from", this.#part(this.range[0]));
    span.style.setProperty("--to", this.#part(this.range[1]));
  }

  loop() {
    this.loops = !this.loops;
    this.find("[data-do=loop]").setAttribute("aria-pressed", String(this.loops));
  }

  fullscreen() {
    return document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen?.();
  }

  fromAddress() {
    const found = location.hash.match(/(?:^#|&)t=(\d+)/);
    if (found) {
      this.pause();
      this.seek(Number(found[1]));
    }
  }

  #part(frame) {
    return this.frames > 1 ? frame / (this.frames - 1) : 0;
  }

  #stopReverse() {
    clearInterval(this.reverseTimer);
    this.reverse = 0;
  }

  #dress() {
    this.video.controls = false;
    this.find("[data-controls]").hidden = false;
    for (const dot of this.root.querySelectorAll(".timeline__mark")) {
      const [from, to] = [Number(dot.dataset.frame), Number(dot.dataset.end || dot.dataset.frame)];
      dot.style.setProperty("--at", this.#part(from));
      dot.style.setProperty("--span", this.#part(to - from));
    }
  }

  #listen() {
    const { root, video } = this;
    const deeds = {
      back: () => this.step(-1),
      forward: () => this.step(1),
      toggle: () => this.toggle(),
      loop: () => this.loop(),
      fullscreen: () => this.fullscreen(),
    };
    root.addEventListener("click", (event) =>
      deeds[event.target.closest("[data-do]")?.dataset.do]?.(),
    );
    video.addEventListener("click", () => this.toggle());
    this.find("[data-scrub]").addEventListener("input", (event) => {
      this.pause();
      this.seek(Number(event.target.value));
    });
    this.find("[data-speed]").addEventListener("change", (event) => {
      this.speed = video.playbackRate = Number(event.target.value);
    });
    for (const type of ["play", "pause", "ended"])
      video.addEventListener(type, () => this.#state());
    video.addEventListener("seeked", () => this.wanted === null || this.#show(this.wanted));
    video.addEventListener("ended", () => this.#end());
    video.addEventListener("loadedmetadata", () => this.wanted && this.seek(this.wanted));
  }

  /** Every frame the browser puts on screen is told here; a timer stands in where it can't say. */
  #follow() {
    const next = (fn) =>
      this.video.requestVideoFrameCallback
        ? this.video.requestVideoFrameCallback(fn)
        : requestAnimationFrame(fn);
    const tick = () => {
      if (!this.root.isConnected) return;
      if (!this.video.paused) {
        const frame = this.frame;
        this.#show(frame, false);
        if (frame >= this.range[1] && this.range[1] < this.frames - 1) this.#end();
      }
      next(tick);
    };
    next(tick);
  }

  #end() {
    if (this.loops) {
      this.seek(this.range[0]);
      this.play(this.video.playbackRate);
    } else {
      this.pause();
      this.seek(this.range[1]);
    }
  }

  #state() {
    const { root, playing } = this;
    root.toggleAttribute("data-playing", playing);
    const button = this.find("[data-do=toggle]");
    button.setAttribute("aria-label", playing ? button.dataset.pause : button.dataset.play);
    if (!playing && this.wanted === null) this.seek(this.frame);
    if (!playing && root.dataset.address !== undefined)
      history.replaceState(history.state, "", `#t=${this.frame}`);
  }

  #show(frame, wanted = true) {
    this.wanted = wanted ? frame : null;
    const seconds = frame / this.rate;
    const time = `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
    this.find("[data-time]").textContent = time;
    this.find("[data-frame-now]").textContent = frame;
    const scrub = this.find("[data-scrub]");
    scrub.value = frame;
    scrub.style.setProperty("--at", this.#part(frame));
    scrub.setAttribute(
      "aria-valuetext",
      fill(this.find("[data-controls]").dataset.frameText, {
        frame,
        frames: this.frames - 1,
        time,
      }),
    );
    this.root.dispatchEvent(
      new CustomEvent("mjweb:frame", { bubbles: true, detail: { frame, time } }),
    );
  }
}

upgrade("[data-player]", (root) => players.set(root, new Player(root)));

/** The player that keys mean: the one with the focus, else the first that can be seen. */
export function active() {
  const room = document.querySelector("dialog:modal") ?? document;
  const focused = document.activeElement?.closest("[data-player]");
  return players.get(focused ?? room.querySelector("[data-player]"));
}

const command = (fn) => () => {
  const player = active();
  // In a grid the arrows and Space belong to the tiles.
  if (!player || document.activeElement?.closest("[data-grid]")) return false;
  fn(player);
  return undefined;
};
key(
  "space",
  command((player) => player.toggle()),
);
key(
  "ctrl+space",
  command((player) => player.toggle()),
  { whileTyping: true },
);
key(
  "arrowleft",
  command((player) => player.step(-1)),
);
key(
  "arrowright",
  command((player) => player.step(1)),
);
key(
  "j",
  command((player) => player.shuttle(-1)),
);
key(
  "k",
  command((player) => player.pause()),
);
key(
  "l",
  command((player) => player.shuttle(1)),
);
key(
  "i",
  command((player) => player.mark(0)),
);
key(
  "o",
  command((player) => player.mark(1)),
);
key(
  "shift+l",
  command((player) => player.loop()),
);

// A note is about this frame: hold it while somebody writes.
on("input", "[data-pauses-player]", () => active()?.pause());
on("focusin", "[data-pauses-player]", () => active()?.pause());
addEventListener("hashchange", () => active()?.fromAddress());
