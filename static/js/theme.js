// Cycles the colours: as the system, dark, light; the server reads the cookie, so pages never
// flash.
import { announce, on, remember, upgrade } from "./dom.js";

const ORDER = ["auto", "dark", "light"];
const root = document.documentElement;

function label(button) {
  const text = button.dataset[root.dataset.theme] ?? button.dataset.auto;
  button.setAttribute("aria-label", text);
  button.title = text;
  return text;
}

on("click", "[data-theme-cycle]", (event, button) => {
  root.dataset.theme = ORDER[(ORDER.indexOf(root.dataset.theme) + 1) % ORDER.length];
  remember("theme", root.dataset.theme);
  announce(label(button));
});
upgrade("[data-theme-cycle]", label);
