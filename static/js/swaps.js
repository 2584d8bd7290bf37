// A part of the page drawn anew leaves people where they were: their focus, what they had unfolded, the place they look at.
import { announce, on, upgrade } from "./dom.js";

const PRESSABLE = "a[href], button, summary, input:not([type=hidden]), select, textarea";
const nameOf = (element) => [element.closest("[id]")?.id, element.tagName, element.getAttribute("href") ?? element.name, element.textContent.trim()].join(" ");
const pressablesIn = (root) => [...root.querySelectorAll(PRESSABLE)].filter((element) => element.checkVisibility());
let left = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, shouldSwap, requestConfig } = event.detail;
  const here = document.activeElement;
  if (!shouldSwap || !target.contains(here) || here === document.body) return;
  // Where the region goes altogether, the one beside it takes over, at the same place in it.
  const goes = requestConfig?.elt.getAttribute("hx-swap") === "delete";
  const beside = goes ? (target.nextElementSibling ?? target.previousElementSibling) : null;
  left = { name: nameOf(here), region: target.id, beside, place: pressablesIn(target).indexOf(here) };
});
// Told first on the first new element; htmx has by then found again whatever had an id.
document.addEventListener("htmx:afterSettle", (event) => {
  if (!left) return;
  const { name, region, beside, place } = left;
  left = null;
  if (document.activeElement !== document.body) return;
  const all = pressablesIn(beside ?? document.getElementById(region) ?? event.target);
  const same = beside ? all[place] : all.find((element) => nameOf(element) === name);
  (same ?? all[0] ?? document.getElementById("main"))?.focus({ preventScroll: true });
});

const unfolded = new Map();
on("click", "details[id] > summary", (event, summary) => unfolded.set(summary.parentElement.id, !summary.parentElement.open));
upgrade("details[id]", (details) => {
  if (unfolded.has(details.id)) details.open = unfolded.get(details.id);
});

// New clips come in on top: not while somebody is further down, where they would push away what is under the thumb.
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

// An address says what is narrowed, not what is not.
on("htmx:configRequest", "form[data-leaves-out-empty]", (event) => {
  const { parameters } = event.detail;
  for (const [key, value] of Object.entries(parameters)) if (value === "") delete parameters[key];
});

// A job's own page says it when the job moves on.
let state = "";
upgrade("#job[data-words]", (job) => {
  if (state && state !== job.dataset.state) announce(job.dataset.words);
  ({ state } = job.dataset);
});
