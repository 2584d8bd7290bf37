// One switch pauses all previews.
import { remember, upgrade } from "./dom.js";

const root = document.documentElement;

upgrade("[data-previews-toggle]", (button) => {
  const show = () => button.setAttribute("aria-pressed", String(root.dataset.previews === "off"));
  show();
  button.addEventListener("click", () => {
    root.dataset.previews = root.dataset.previews === "off" ? "on" : "off";
    remember("previews", root.dataset.previews);
    show();
  });
});
