// Typing @ in a text suggests who can be meant: arrows choose, Enter or Tab takes, Escape closes.
import { announce, upgrade } from "./dom.js";

const BEGUN = /(?:^|[^\w@.])@([\w.+'-]{0,60})$/u;
const PAUSE = 120;
let lists = 0;

upgrade("textarea[data-mentions]", (text) => {
  const menu = document.createElement("div");
  const list = document.createElement("ul");
  menu.className = "menu menu--start";
  menu.hidden = true;
  list.className = "menu__panel bare";
  list.id = `mentions-${++lists}`;
  list.role = "listbox";
  list.setAttribute("aria-label", text.dataset.mentionsLabel);
  menu.append(list);
  text.after(menu);
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-controls", list.id);
  let chosen = -1;
  let asked = "";
  let timer = 0;

  const begun = () =>
    text.selectionStart === text.selectionEnd &&
    BEGUN.exec(text.value.slice(0, text.selectionStart))?.[1];

  function close() {
    clearTimeout(timer);
    menu.hidden = true;
    asked = "";
    text.removeAttribute("aria-activedescendant");
  }

  function choose(index) {
    const items = [...list.children];
    chosen = (index + items.length) % items.length;
    items.forEach((item, at) => {
      item.setAttribute("aria-selected", at === chosen);
      item.toggleAttribute("aria-current", at === chosen);
    });
    text.setAttribute("aria-activedescendant", items[chosen].id);
    items[chosen].scrollIntoView({ block: "nearest" });
  }

  function take(item) {
    const end = text.selectionStart;
    const start = end - begun().length;
    text.setRangeText(`${item.dataset.handle} `, start, end, "end");
    close();
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  }

  function show({ people, said }) {
    list.replaceChildren(
      ...people.map((one, index) => {
        const item = document.createElement("li");
        item.className = "menu__item";
        item.id = `${list.id}-${index}`;
        item.role = "option";
        item.dataset.handle = one.handle;
        const handle = Object.assign(document.createElement("span"), {
          className: "small soft push",
          textContent: `@${one.handle}`,
        });
        item.append(one.name, handle);
        item.addEventListener("mousedown", (event) => {
          event.preventDefault(); // the text keeps the focus
          take(item);
        });
        return item;
      }),
    );
    menu.hidden = !people.length;
    if (!people.length) return close();
    choose(0);
    announce(said);
    return undefined;
  }

  async function ask(letters) {
    asked = letters;
    const query = new URLSearchParams({ q: letters, project: text.dataset.mentionsProject ?? "" });
    const answer = await fetch(`${text.dataset.mentions}?${query}`, {
      headers: { Accept: "application/json" },
    }).catch(() => null);
    if (answer?.ok && begun() === letters) show(await answer.json());
  }

  text.addEventListener("input", () => {
    const letters = begun();
    clearTimeout(timer);
    if (typeof letters !== "string") return close();
    if (letters !== asked || menu.hidden) timer = setTimeout(ask, PAUSE, letters);
    return undefined;
  });
  // First in line: what the page or the form would do with these keys waits until the list is
  // closed.
  text.addEventListener(
    "keydown",
    (event) => {
      if (menu.hidden || event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) choose(chosen + step);
      else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey)
        take(list.children[chosen]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  text.addEventListener("blur", close);
});
