// Turns faults of the network, and answers for #toasts, into toasts.
import { fault } from "./toasts.js";

document.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.matches("body")) fault("offline");
});
document.addEventListener("htmx:responseError", (event) => {
  fault({ 403: "forbidden", 404: "gone", 410: "gone" }[event.detail.xhr.status] ?? "failed");
});
// An answer that asks to be shown among the toasts is shown, whatever its status.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Retarget") !== "#toasts") return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
