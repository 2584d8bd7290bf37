// Asks before what can't be taken back, in the house's own dialog; without JavaScript the form just goes.
import { upgrade } from "./dom.js";

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
        form.dataset.sure = "";
        form.requestSubmit(submitter);
      });
    },
    true,
  );
});
