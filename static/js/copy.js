// A button that copies what a field says; where the browser does not let it, the field is chosen
// for the person to copy.
import { announce, on } from "./dom.js";

on("click", "[data-copies]", async (event, button) => {
  const field = document.getElementById(button.dataset.copies);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    return;
  }
  button.querySelector("span").textContent = button.dataset.said;
  announce(button.dataset.said);
});
