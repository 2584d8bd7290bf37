// Times as this person says them: relative while near, in their own zone, and running while a job
// is on its way.
import { remember, upgrade } from "./dom.js";

const language = document.documentElement.lang || undefined;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const formats = {
  short: new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }),
  clock: new Intl.DateTimeFormat(language, { timeStyle: "medium" }),
  long: new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" }),
};
const today = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const near = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const STEPS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
];

function relative(date) {
  let amount = (date - Date.now()) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return near.format(Math.round(amount), unit);
    amount /= size;
  }
  return formats.short.format(date);
}

// The hour is enough for what happened today.
const moment = (date) =>
  (date.toDateString() === new Date().toDateString() ? today : formats.short).format(date);

function elapsed(date) {
  const seconds = Math.max(0, Math.floor((Date.now() - date) / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = `${String(minutes).padStart(hours ? 2 : 1, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${tail}` : tail;
}

function show(element) {
  const date = new Date(element.dateTime);
  if (Number.isNaN(date.getTime())) return;
  if ("since" in element.dataset) element.textContent = elapsed(date);
  else {
    element.textContent = (
      formats[element.dataset.format] ?? {
        format: element.dataset.format === "moment" ? moment : relative,
      }
    ).format(date);
    element.title = formats.long.format(date);
  }
}

upgrade("time[datetime]", show);
setInterval(
  () => document.hidden || document.querySelectorAll("time[data-since]").forEach(show),
  1000,
);
setInterval(
  () => document.hidden || document.querySelectorAll("time[data-format=relative]").forEach(show),
  20000,
);
if (zone && !document.cookie.includes(`tz=${encodeURIComponent(zone)}`)) remember("tz", zone);
