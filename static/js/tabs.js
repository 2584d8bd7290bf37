// A row of tabs that is wider than the screen shows the one somebody is on.
import { upgrade } from "./dom.js";

upgrade(".tabs [aria-current]", (tab) => {
  const row = tab.parentElement;
  const away = tab.getBoundingClientRect().left - row.getBoundingClientRect().left;
  row.scrollLeft += away - (row.clientWidth - tab.clientWidth) / 2;
});
