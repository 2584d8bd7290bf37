// Runs first. Where a browser knows trusted types, a string may become markup (that is how htmx
// works, and the policy
// runs no script in it), but never a script or a script's address: this policy has no word for
// those.
globalThis.trustedTypes?.createPolicy("default", { createHTML: (markup) => markup });
