// Starts every module; each one looks for its own elements and stays silent where there are none.
import "./theme.js";
import "./toasts.js";
import "./menus.js";
import "./tabs.js";
import "./keys.js";
import "./palette.js";
import "./confirm.js";
import "./once.js";
import "./login.js";
import "./passkeys.js";
import "./copy.js";
import "./time.js";
import "./veil.js";
import "./blur.js";
import "./scrub.js";
import "./grid.js";
import "./select.js";
import "./lightbox.js";
import "./dropzone.js";
import "./player.js";
import "./swaps.js";
import "./unsent.js";
import "./mentions.js";
import "./live.js";

document.documentElement.dataset.js = "";
