// A clip that somebody chose to look at stays visible in this tab, also when its tile is replaced.
import { on, upgrade } from "./dom.js";

const KEPT = "unveiled";
const lifted = new Set(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));

upgrade("[data-veil-id]", (element) => {
  if (lifted.has(element.dataset.veilId)) element.dataset.veil = "false";
});
on("click", "[data-lifts-veil]", (event, button) => {
  const element = button.closest("[data-veil]");
  element.dataset.veil = "false";
  lifted.add(element.dataset.veilId);
  sessionStorage.setItem(KEPT, JSON.stringify([...lifted]));
  element.querySelector(".tile__link, [data-do=toggle]")?.focus();
});
