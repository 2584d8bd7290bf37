// A picture that is still on its way shows its own average colour, and fades in when it is there.
import { upgrade } from "./dom.js";

upgrade("img[data-colour]", (image) => {
  if (image.complete) return;
  image.style.setProperty("background-color", image.dataset.colour);
  image.addEventListener("load", () => image.style.removeProperty("background-color"), {
    once: true,
  });
});
