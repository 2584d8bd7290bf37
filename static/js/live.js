import { announce, on } from "./dom.js";

// One stream tells which jobs and clips changed; one request then brings all their tiles. A hidden
// tab listens to nothing.
const { stream, tiles } = document.body.dataset;
const PAUSE = 150;
const AGES = 4000;
const MOST = 60; // ids in one request: an address must stay short

const waiting = new Set();
let source = null;
let timer = 0;
let busy = false;
let retry = 2000;
let again = false; // the first page has its bell already

// Only a job or a clip that hangs in this page has a place for its newer self.
const shown = (id) => document.getElementById(`job-${id}`) ?? document.getElementById(`clip-${id}`);

async function refresh() {
  timer = 0;
  if (busy) return;
  busy = true;
  const ids = [...waiting].filter(shown);
  waiting.clear();
  for (let start = 0; tiles && start < ids.length; start += MOST) {
    const query = ids
      .slice(start, start + MOST)
      .map((id) => `id=${encodeURIComponent(id)}`)
      .join("&");
    await globalThis.htmx
      .ajax("GET", `${tiles}?${query}`, {
        source: document.body,
        target: document.body,
        swap: "none",
      })
      .catch(() => {});
  }
  busy = false;
  if (waiting.size) wake();
}

// A job may have left this page while its tiles were on their way: what has no place here any more
// is left out.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!tiles || !detail.requestConfig?.path.startsWith(tiles)) return;
  const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
  answer
    .querySelectorAll("body > .takes")
    .forEach((takes) => document.getElementById(takes.id) || takes.remove());
  // The clips of a job that is on its way may hang further down already.
  answer.querySelectorAll("body > .takes > .takes").forEach((clip) => {
    const here = document.getElementById(clip.id);
    if (here && here.parentElement.id !== clip.parentElement.id) clip.remove();
  });
  detail.serverResponse = answer.body.innerHTML;
});

function wake() {
  timer ||= setTimeout(refresh, PAUSE);
}

function heard(ids) {
  ids.forEach((id) => waiting.add(String(id)));
  document.dispatchEvent(new CustomEvent("mjweb:jobs", { detail: { ids } }));
  wake();
}

/** Ask for every job that was still moving: the stream does not repeat what it sent meanwhile. */
function catchUp() {
  const ids = moving();
  if (ids.length) heard(ids);
}

// Something this person did here has changed these: their tiles are asked for like any others.
document.addEventListener("mjweb:changed", ({ detail }) => heard(detail.ids));

const tellOfNotices = () => document.dispatchEvent(new CustomEvent("mjweb:notices"));

const moving = () =>
  [...document.querySelectorAll("[data-job][data-moving]")].map((one) => one.dataset.job);

/** Progress and time left age: ask again now and then, while something moves and somebody looks. */
function age() {
  const ids = document.hidden ? [] : moving().filter(shown);
  ids.forEach((id) => waiting.add(id));
  if (ids.length) wake();
}

function open(missed) {
  if (source || document.hidden) return;
  source = new EventSource(stream);
  source.addEventListener("message", (event) => {
    const { jobs = [], clips = [], notices } = JSON.parse(event.data);
    if (jobs.length + clips.length) heard([...jobs, ...clips]);
    if (notices) tellOfNotices();
  });
  source.addEventListener("open", () => {
    retry = 2000;
    if (missed) catchUp();
    if (again) tellOfNotices();
    again = true;
    missed = true; // the browser reconnects on its own, and calls this again
  });
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    close();
    setTimeout(open, retry, true);
    retry = Math.min(retry * 2, 60000);
  });
}

function close() {
  source?.close();
  source = null;
}

if (stream) {
  setInterval(age, AGES);
  open(true); // something may have moved between the page and this line
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open(true)));
  // A page in the back/forward cache must not hold a connection.
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open(true));
}

// The bell says aloud what has changed; a notice that is followed is read.
let rung = document.getElementById("bell")?.getAttribute("aria-label");
document.addEventListener("htmx:afterSettle", () => {
  const label = document.getElementById("bell")?.getAttribute("aria-label");
  if (label && rung && label !== rung) announce(label);
  rung = label ?? rung;
});
on("click", "a[data-reads]", (event, link) => {
  const form = link.closest("li").querySelector("form");
  if (!form) return;
  const read = fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    keepalive: true,
    redirect: "manual",
  }).catch(() => {});
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault(); // the page that follows counts what is unread
  read.finally(() => location.assign(link.href));
});
