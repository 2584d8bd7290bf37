// Where sending a form leads to the same form about the next thing, the second half of a double tap
// lands on its button. A tap so soon after belongs to the form that was sent.
import { on } from "./dom.js";

const DOUBLE_TAP_MS = 800;
const KEY = "single-tap";

const sent = () => JSON.parse(sessionStorage.getItem(KEY)) ?? { at: 0, from: "" };

on("submit", "form[data-single-tap]", () => {
  sessionStorage.setItem(KEY, JSON.stringify({ at: Date.now(), from: location.pathname }));
});
on(
  "click",
  "form[data-single-tap]",
  (event) => {
    const { at, from } = sent();
    // A key that presses a button clicks as well, but is no tap: its detail is 0.
    if (!event.detail || from === location.pathname || Date.now() - at > DOUBLE_TAP_MS) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
