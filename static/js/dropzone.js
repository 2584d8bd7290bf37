// Images dragged, pasted or chosen land in a real file input; what can't be used is said next to
// it, at once.
import { fill, upgrade } from "./dom.js";

const size = (bytes) =>
  bytes < 1048576 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
const sameFile = (a, b) =>
  a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;

/** Draw a small picture of the file; what the browser can't decode (HEIC, mostly) keeps its place. */
async function preview(file, canvas) {
  try {
    const bitmap = await createImageBitmap(file);
    const side = Math.min(bitmap.width, bitmap.height);
    canvas.width = canvas.height = 240;
    canvas
      .getContext("2d")
      .drawImage(
        bitmap,
        (bitmap.width - side) / 2,
        (bitmap.height - side) / 2,
        side,
        side,
        0,
        0,
        240,
        240,
      );
    bitmap.close();
  } catch {
    canvas.replaceWith(
      Object.assign(document.createElement("span"), {
        className: "dropzone__blank",
        textContent: file.name.split(".").pop(),
      }),
    );
  }
}

upgrade("[data-dropzone]", (zone) => {
  const input = zone.querySelector("input[type=file]");
  const list = zone.querySelector(".dropzone__list");
  const errors = zone.parentElement.querySelector("[data-dropzone-error]");
  const words = zone.dataset;
  const [maxBytes, maxFiles] = [Number(words.maxBytes), Number(words.maxFiles)];
  let files = [];

  function problem(file) {
    const allowed = input.accept
      .split(",")
      .map((type) => type.trim().toLowerCase())
      .filter(Boolean);
    const fits = (type) =>
      type.startsWith(".")
        ? file.name.toLowerCase().endsWith(type)
        : type.endsWith("/*")
          ? file.type.startsWith(type.slice(0, -1))
          : file.type === type;
    // Some systems give no type at all: the server looks inside the file anyway.
    if (file.type && allowed.length && !allowed.some(fits))
      return fill(words.wrongType, { name: file.name });
    if (maxBytes && file.size > maxBytes)
      return fill(words.tooLarge, { name: file.name, limit: size(maxBytes) });
    return "";
  }

  function take(incoming) {
    const problems = [];
    for (const file of incoming) {
      const why = problem(file);
      if (why) problems.push(why);
      else if (!files.some((known) => sameFile(known, file))) files.push(file);
    }
    if (maxFiles && files.length > maxFiles) {
      files = files.slice(0, maxFiles);
      problems.push(fill(words.tooMany, { limit: maxFiles }));
    }
    errors.textContent = problems.join(" ");
    input.toggleAttribute("aria-invalid", problems.length > 0);
    show();
  }

  function show() {
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    list.replaceChildren(...files.map(item));
    zone.dispatchEvent(
      new CustomEvent("mjweb:files", { bubbles: true, detail: { count: files.length } }),
    );
  }

  function item(file) {
    const entry = document.createElement("li");
    entry.className = "dropzone__item";
    const canvas = document.createElement("canvas");
    const name = Object.assign(document.createElement("span"), {
      className: "clip-text",
      textContent: file.name,
      title: file.name,
    });
    const bytes = Object.assign(document.createElement("span"), {
      className: "faint",
      textContent: size(file.size),
    });
    const remove = Object.assign(document.createElement("button"), {
      type: "button",
      className: "button button--icon button--small",
      textContent: "×",
    });
    remove.setAttribute("aria-label", fill(words.remove, { name: file.name }));
    remove.addEventListener("click", () => {
      files = files.filter((kept) => kept !== file);
      show();
      input.focus();
    });
    entry.append(canvas, name, bytes, remove);
    preview(file, canvas);
    return entry;
  }

  input.addEventListener("change", () => take([...input.files]));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.dataset.over = "";
  });
  for (const type of ["dragleave", "drop"])
    zone.addEventListener(type, () => delete zone.dataset.over);
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    if (zone.isConnected && event.clipboardData.files.length) take([...event.clipboardData.files]);
  });
});
