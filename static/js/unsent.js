// Where the session has ended, a sign-in stands between somebody and the page they wrote on: their
// words are there again after it.
const KEY = "unsent";
const TYPED = "main :is(textarea, input[type=text], input[type=number])[id]";
const { person } = document.body.dataset;
const place = () => location.pathname + location.search;

// The server has the page drawn anew when whoever asks is not signed in any more.
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (!detail.xhr.getResponseHeader("HX-Refresh")) return;
  const typed = [...document.querySelectorAll(TYPED)].filter(
    (field) => field.value !== field.defaultValue,
  );
  const words = typed.map((field) => [field.id, field.value]);
  if (words.length) sessionStorage.setItem(KEY, JSON.stringify({ person, place: place(), words }));
});

// Only for who wrote them: somebody else may have signed in.
const unsent = person && JSON.parse(sessionStorage.getItem(KEY));
if (unsent) {
  sessionStorage.removeItem(KEY);
  const mine = unsent.person === person && unsent.place === place();
  for (const [id, value] of mine ? unsent.words : []) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
}
