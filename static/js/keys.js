// Shortcuts: silent while somebody types, bound to the dialog that is open, single keys only where
// they are wanted.
// Markup says most of them: data-key="a" on a button or link presses it, on a field focuses it.
import { upgrade } from "./dom.js";

const handlers = [];
const NATIVE_SPACE = "button, summary, select, input, a.button";

/** Let `fn` answer `combo` ("j", "shift+l", "ctrl+k", "arrowleft", "space"); returning false passes it on. */
export function key(combo, fn, { whileTyping = false } = {}) {
  handlers.push({ combo, fn, whileTyping });
}

function comboOf(event) {
  const name = event.key === " " ? "space" : event.key.toLowerCase();
  const shifted = event.shiftKey && (name.length > 1 || /\p{L}/u.test(name));
  return [
    (event.ctrlKey || event.metaKey) && "ctrl",
    event.altKey && "alt",
    shifted && "shift",
    name,
  ]
    .filter(Boolean)
    .join("+");
}

function isTyping(target) {
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches(
    "input:not([type=checkbox], [type=radio], [type=range], [type=button], [type=submit], [type=file])",
  );
}

/** The element that answers `combo`: nearest scope of the focus first, never inside a scope somebody is not in. */
function elementFor(combo, root) {
  const selector = `[data-key~="${CSS.escape(combo)}"]`;
  const scope = document.activeElement?.closest("[data-key-scope]");
  const here = scope && root.contains(scope) && scope.querySelector(selector);
  return (
    here ||
    [...root.querySelectorAll(selector)].find(
      (element) => !element.closest("[data-key-scope]") && element.checkVisibility(),
    )
  );
}

function act(element) {
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) {
    element.focus();
    element.select?.();
  } else element.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || !event.target.matches) return;
  const combo = comboOf(event);
  const typing = isTyping(event.target);
  const single = [...combo].length === 1;
  if (single && document.body.dataset.singleKeys === "off") return;
  if (combo === "space" && !typing && event.target.matches(NATIVE_SPACE)) return;
  if (combo.startsWith("arrow") && event.target.matches("input")) return;

  for (const { combo: wanted, fn, whileTyping } of handlers) {
    if (wanted !== combo || (typing && !whileTyping)) continue;
    if (fn(event) !== false) return event.preventDefault();
  }
  if (typing && !combo.startsWith("ctrl+")) return;
  const element = elementFor(combo, document.querySelector("dialog:modal") ?? document);
  if (element) {
    event.preventDefault();
    act(element);
  }
});

// The sheet: groups that work on this page come first, and a search narrows it.
upgrade("#keys-sheet", (sheet) => {
  const open = () => {
    if (document.querySelector("dialog:modal")) return false;
    for (const group of sheet.querySelectorAll("[data-where]")) {
      if (group.dataset.where && document.querySelector(group.dataset.where))
        group.parentElement.prepend(group);
    }
    sheet.showModal();
  };
  key("?", open);
  sheet.querySelector("[data-keys-search]").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const group of sheet.querySelectorAll("[data-where]")) {
      const rows = [...group.querySelectorAll(".keys__row")];
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
      group.hidden = rows.every((row) => row.hidden);
    }
  });
});
