// Keeps what somebody unfolded when a part of the page is replaced.
import { on, upgrade } from "./dom.js";

const unfolded = new Map();
on("click", "details[id] > summary", (event, summary) =>
  unfolded.set(summary.parentElement.id, !summary.parentElement.open),
);
upgrade("details[id]", (details) => {
  if (unfolded.has(details.id)) details.open = unfolded.get(details.id);
});
