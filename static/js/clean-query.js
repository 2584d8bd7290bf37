// Leaves empty fields of a search out of the address.
import { on } from "./dom.js";

on("htmx:configRequest", "form[data-leaves-out-empty]", (event) => {
  const { parameters } = event.detail;
  for (const [key, value] of Object.entries(parameters)) if (value === "") delete parameters[key];
});
