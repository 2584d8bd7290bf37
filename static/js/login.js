// In the demo: one press fills the form in for a person of the cast.
import { on } from "./dom.js";

on("click", "[data-fills-login]", (event, button) => {
  const form = document.querySelector("form:has([name=login])");
  form.elements.login.value = button.dataset.fillsLogin;
  form.elements.password.value = button.dataset.password;
  form.querySelector("button:not([type=button])").focus();
});
