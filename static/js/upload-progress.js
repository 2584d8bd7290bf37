// Shows how much of an upload has been sent.
import { on } from "./dom.js";

on("htmx:xhr:progress", "form", (event, form) => {
  const bar = form.querySelector(".dropzone__progress");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = event.detail.loaded / event.detail.total;
});
on("htmx:afterRequest", "form", (event, form) => {
  const bar = form.querySelector(".dropzone__progress");
  if (bar) bar.hidden = true;
});
