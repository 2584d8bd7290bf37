// New clips come in on top, but not while somebody is further down: they would push away what is
// under the thumb.
import { on } from "./dom.js";

let owed = false;
const away = () => scrollY > innerHeight / 2;
on("htmx:beforeRequest", "[data-live-from-the-top]", (event, list) => {
  if (event.detail.elt !== list || !away()) return;
  event.preventDefault();
  owed = true;
});
addEventListener("scrollend", () => {
  if (!owed || away()) return;
  owed = false;
  document.dispatchEvent(new CustomEvent("mjweb:jobs", { detail: { ids: [] } }));
});
