// Keeps the focus where it was when a part of the page is replaced.

const PRESSABLE = "a[href], button, summary, input:not([type=hidden]), select, textarea";
const nameOf = (element) =>
  [
    element.closest("[id]")?.id,
    element.tagName,
    element.getAttribute("href") ?? element.name,
    element.textContent.trim(),
  ].join(" ");
const pressablesIn = (root) =>
  [...root.querySelectorAll(PRESSABLE)].filter((element) => element.checkVisibility());
let left = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, shouldSwap, requestConfig } = event.detail;
  const here = document.activeElement;
  if (!shouldSwap || !target.contains(here) || here === document.body) return;
  // Where the region goes altogether, the one beside it takes over, at the same place in it.
  const goes = requestConfig?.elt.getAttribute("hx-swap") === "delete";
  const beside = goes ? (target.nextElementSibling ?? target.previousElementSibling) : null;
  left = {
    name: nameOf(here),
    region: target.id,
    beside,
    place: pressablesIn(target).indexOf(here),
  };
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
