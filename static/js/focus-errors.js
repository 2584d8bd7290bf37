// Gives the focus to the first field that has to be corrected, and scrolls to it.

document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  const [here, wrong] = [document.activeElement, "[aria-invalid=true]"];
  const stays = target.contains(here) && here.matches(wrong);
  const field = stays ? here : detail.xhr?.status === 422 && target.querySelector(wrong);
  if (!field) return;
  field.focus({ preventScroll: true });
  // With what is wrong about it, which stands below.
  (field.closest(".field") ?? field).scrollIntoView({ block: "nearest" });
});
