// Keeps what was typed while an answer was on its way: it is newer than the answer.

const WRITTEN =
  "textarea[id], input[id]:not([type=hidden], [type=checkbox], [type=radio], [type=file])";
const writtenIn = (root) =>
  new Map([...root.querySelectorAll(WRITTEN)].map((field) => [field.id, field.value]));
const sent = new WeakMap();
let newer = [];

document.addEventListener("htmx:beforeRequest", ({ detail }) =>
  sent.set(detail.xhr, writtenIn(detail.target)),
);
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const old = sent.get(detail.xhr);
  if (!old || !detail.shouldSwap) return;
  // The same form for another project: what was written for the one goes along to the other.
  const keepsWords = detail.requestConfig?.elt.closest("[data-keeps-words]");
  const isText = ([id, value]) => value && document.getElementById(id)?.matches("textarea");
  const kept = keepsWords ? [...old].filter(isText) : [];
  // The last of two values stays: what was written since the request comes after what it was asked
  // with.
  const isNewer = ([id, value]) => old.has(id) && old.get(id) !== value;
  newer = kept.concat([...writtenIn(detail.target)].filter(isNewer));
});
document.addEventListener("htmx:afterSettle", () => {
  for (const [id, value] of newer) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  newer = [];
});
