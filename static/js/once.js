// A form with data-once is sent once, however often its button is pressed; the button comes back
// when the answer was no.
import { on } from "./dom.js";

function mark(form, busy) {
  form.toggleAttribute("data-busy", busy);
  const buttons = [...form.elements].filter((element) =>
    element.matches("button:not([type=button])"),
  );
  for (const button of buttons) {
    button.toggleAttribute("data-busy", busy);
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.hasAttribute("data-busy")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else mark(form, true);
  },
  true,
);

on("htmx:afterRequest", "form[data-once]", (event, form) => {
  // Stay busy while the browser is on its way to another page.
  if (!event.detail.xhr?.getResponseHeader("HX-Redirect")) mark(form, false);
});
addEventListener("pageshow", (event) => {
  // Back through the browser's cache: the form is as it was left, so free it.
  if (event.persisted)
    document.querySelectorAll("form[data-busy]").forEach((form) => mark(form, false));
});
