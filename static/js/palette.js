// Ctrl/Cmd+K: type a few letters, press Enter, be there.
import { upgrade } from "./dom.js";
import { key } from "./keys.js";

upgrade("[data-palette]", (palette) => {
  const input = palette.querySelector("input");
  const items = [...palette.querySelectorAll("li:not([data-search])")];
  const search = palette.querySelector("[data-search]");
  const shown = () => [...palette.querySelectorAll("li:not([hidden]) a")];

  function narrow() {
    const words = input.value.trim().toLowerCase().split(/\s+/);
    for (const item of items)
      item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
    if (search) {
      const link = search.querySelector("a");
      search.hidden = !input.value.trim();
      link.href = `${link.dataset.base}?q=${encodeURIComponent(input.value.trim())}`;
      search.querySelector("[data-query]").textContent = `“${input.value.trim()}”`;
    }
    const first = shown()[0];
    for (const link of palette.querySelectorAll("a"))
      link.toggleAttribute("aria-current", link === first);
  }

  function open() {
    if (palette.open) return palette.close();
    if (document.querySelector("dialog:modal")) return;
    input.value = "";
    narrow();
    palette.showModal();
  }

  key("ctrl+k", open, { whileTyping: true });
  input.addEventListener("input", narrow);
  palette.addEventListener("keydown", (event) => {
    const links = shown();
    const at = links.indexOf(document.activeElement);
    if (event.key === "Enter" && event.target === input) {
      event.preventDefault();
      links[0]?.click();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = event.key === "ArrowDown" ? at + 1 : at - 1;
      (links[next] ?? input).focus();
    }
  });
});
