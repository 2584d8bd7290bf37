// Toasts leave after a while, unless they carry a fault or somebody is looking at them.
import { announce, on, upgrade } from "./dom.js";

const SECONDS = 8;

function leave(toast) {
  if (toast.contains(document.activeElement))
    (document.querySelector(".tile__link[tabindex='0']") ?? document.getElementById("main"))?.focus(
      { preventScroll: true },
    );
  toast.dataset.leaving = "";
  setTimeout(() => toast.remove(), 250);
}

upgrade("[data-toast]", (toast) => {
  if ("stays" in toast.dataset) return;
  let timer;
  const start = () => (timer = setTimeout(leave, SECONDS * 1000, toast));
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", start);
  start();
});

// A live region speaks of what is added to it: what came with the page has to be said.
const arrived = [...document.querySelectorAll("#toasts .toast__text")]
  .map((text) => text.textContent)
  .join(" ");
if (arrived) setTimeout(announce, 300, arrived);

on("click", "[data-dismisses]", (event, button) => {
  const toast = button.closest("[data-toast]");
  // An undo sends its request from this very button: let it go first.
  if (button.hasAttribute("hx-post"))
    button.addEventListener("htmx:afterRequest", () => leave(toast), { once: true });
  else leave(toast);
});

// An undo that succeeded is not offered again.
on("htmx:afterRequest", "[data-toast] form", (event, form) => {
  if (event.detail.successful) leave(form.closest("[data-toast]"));
});

/** Show a fault in the words that stand in the page's #toast-words template. */
export function fault(kind) {
  const words = document.getElementById("toast-words");
  const host = document.getElementById("toasts");
  if (!words || !host) return;
  const text = words.dataset[kind] ?? words.dataset.failed;
  if ([...host.querySelectorAll(".toast__text")].some((shown) => shown.textContent === text))
    return;
  const toast = words.content.firstElementChild.cloneNode(true);
  toast.querySelector(".toast__text").textContent = text;
  host.append(toast);
}
