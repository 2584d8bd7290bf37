// Asks before what can't be taken back, in a dialog of the page; without JavaScript the form just
// goes.
import { upgrade } from "./dom.js";
import { fault } from "./toasts.js";

/** The form as the page has it now: a live part may have been drawn anew while the question stood. */
function nowOf(form) {
  const action = form.getAttribute("action");
  return form.isConnected
    ? form
    : [...document.forms].find((one) => one.getAttribute("action") === action);
}

function nowIn(form, button) {
  if (!button || button.isConnected) return button;
  return [...form.elements].find(
    (one) => one.matches("button") && one.name === button.name && one.value === button.value,
  );
}

upgrade("#confirm", (dialog) => {
  const yes = dialog.querySelector("[value=yes]");
  let goOn;

  function ask(question, source, then) {
    dialog.querySelector("#confirm-question").textContent = question;
    yes.textContent = source.dataset.verb || dialog.dataset.verb;
    yes.classList.toggle("button--danger-primary", "danger" in source.dataset);
    dialog.returnValue = "no";
    goOn = then;
    dialog.showModal();
  }

  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "yes") goOn();
  });

  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, event.detail.elt, () => event.detail.issueRequest(true));
  });

  document.addEventListener(
    "submit",
    (event) => {
      const { target: form, submitter } = event;
      const source = [submitter, form].find((element) => element?.dataset.confirm);
      if (!source || "sure" in form.dataset) return delete form.dataset.sure;
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(source.dataset.confirm, source, () => {
        const now = nowOf(form);
        if (!now) return fault("changed");
        now.dataset.sure = "";
        now.requestSubmit(nowIn(now, submitter));
      });
    },
    true,
  );
});
