// A part of the page drawn anew leaves people where they were: their focus, what they had unfolded, what they wrote, the place they look at.
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

// What somebody wrote while the answer was on its way is newer than the answer.
const WRITTEN = "textarea[id], input[id]:not([type=hidden], [type=checkbox], [type=radio], [type=file])";
const writtenIn = (root) => new Map([...root.querySelectorAll(WRITTEN)].map((field) => [field.id, field.value]));
const sent = new WeakMap();
let newer = [];

document.addEventListener("htmx:beforeRequest", ({ detail }) => sent.set(detail.xhr, writtenIn(detail.target)));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const old = sent.get(detail.xhr);
  if (!old || !detail.shouldSwap) return;
  // The same form for another project: what was written for the one goes along to the other.
  const kept = detail.requestConfig?.elt.closest("[data-keeps-words]") ? [...old].filter(([id, value]) => value && document.getElementById(id)?.matches("textarea")) : [];
  // The last of two values stays: what was written since the request comes after what it was asked with.
  newer = kept.concat([...writtenIn(detail.target)].filter(([id, value]) => old.has(id) && old.get(id) !== value));
});
document.addEventListener("htmx:afterSettle", () => {
  for (const [id, value] of newer) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  newer = [];
});

// The first field that has to be put right has the focus and comes into sight.
document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  const [here, wrong] = [document.activeElement, "[aria-invalid=true]"];
  const field = target.contains(here) && here.matches(wrong) ? here : detail.xhr?.status === 422 && target.querySelector(wrong);
  if (!field) return;
  field.focus({ preventScroll: true });
  // With what is wrong about it, which stands below.
  (field.closest(".field") ?? field).scrollIntoView({ block: "nearest" });
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
