// Small words the other modules share.

/** Call `fn` once for every element matching `selector`: those here now and those htmx brings later. */
export function upgrade(selector, fn) {
  const seen = new WeakSet();
  const visit = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      if (seen.has(element)) continue;
      seen.add(element);
      fn(element);
    }
  };
  visit(document);
  document.addEventListener("htmx:load", (event) => visit(event.target));
}

/** Listen on the document for `type` on elements matching `selector`; `fn` gets the event and that element. */
export function on(type, selector, fn, options) {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target.closest?.(selector);
      if (element) fn(event, element);
    },
    options,
  );
}

/** Say something to people who listen rather than look. */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}

/** Keep a choice for a year where the server can read it. */
export function remember(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax${secure}`;
}

/** Put values into a sentence that came translated from the server: "{name} is too large". */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const previewsOff = () => document.documentElement.dataset.previews === "off";
