// Passkeys: asks the device for its proof, puts it into the form, and sends that.
import { announce, on } from "./dom.js";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) =>
    letter.charCodeAt(0),
  );
const words = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const PROOFS = [
  "clientDataJSON",
  "attestationObject",
  "authenticatorData",
  "signature",
  "userHandle",
];

/** The options of the server in the form that browsers take. */
function asked({ publicKey }) {
  const key = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (key.user) key.user = { ...key.user, id: bytes(key.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (key[list]) key[list] = key[list].map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return key;
}

/** The credential of the device in the form that the server takes. */
function answered(credential) {
  const response = Object.fromEntries(
    PROOFS.filter((name) => credential.response[name]).map((name) => [
      name,
      words(credential.response[name]),
    ]),
  );
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: words(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function optionsOf(form) {
  if (form.dataset.options)
    return JSON.parse(document.getElementById(form.dataset.options).textContent);
  const answer = await fetch(form.dataset.optionsFrom, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the options were answered with ${answer.status}`);
  return answer.json();
}

async function proof(form) {
  const options = await optionsOf(form);
  if (form.dataset.passkey === "get")
    return navigator.credentials.get({ publicKey: asked(options.request_options) });
  const publicKey = asked(options.creation_options);
  const alone = form.elements.passwordless?.checked;
  Object.assign(publicKey.authenticatorSelection, {
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: Boolean(alone),
  });
  if (alone) publicKey.authenticatorSelection.userVerification = "required";
  return navigator.credentials.create({ publicKey });
}

function say(form, text) {
  const line =
    form.querySelector(".field__error[data-passkey-fault]") ??
    form.appendChild(document.createElement("p"));
  line.className = "field__error";
  line.dataset.passkeyFault = "";
  line.textContent = text;
  announce(text);
}

on("submit", "form[data-passkey]", async (event, form) => {
  event.preventDefault();
  if (form.hasAttribute("data-busy")) return;
  if (!globalThis.PublicKeyCredential) return say(form, form.dataset.unable);
  form.setAttribute("data-busy", "");
  try {
    form.elements.credential.value = JSON.stringify(answered(await proof(form)));
    form.submit();
  } catch (fault) {
    say(form, fault.name === "SecurityError" ? form.dataset.unable : form.dataset.fault);
    form.removeAttribute("data-busy");
  }
});
