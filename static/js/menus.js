// Closes what is open: menus on Escape or a click elsewhere, dialogs by their buttons or a click
// beside them.
import { on } from "./dom.js";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target) || event.target.closest(".menu__item")) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...menu.querySelectorAll(".menu__item")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    items.at((items.indexOf(document.activeElement) + step) % items.length)?.focus();
    event.preventDefault();
  }
});

on("click", "[data-opens]", (event, opener) => {
  document.getElementById(opener.dataset.opens)?.showModal();
});
on("click", "[data-closes]", (event, button) => button.closest("dialog").close());
on("click", "dialog", (event, dialog) => {
  // The backdrop is the dialog itself, outside of its box.
  if (event.target !== dialog || dialog.role === "alertdialog") return;
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left &&
    event.clientX <= box.right &&
    event.clientY >= box.top &&
    event.clientY <= box.bottom;
  if (!inside) dialog.close();
});
