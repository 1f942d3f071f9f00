// Arguments and amended texts take a while to write: nobody leaves them behind unasked.
export const written = (part, fields) =>
  [...part.querySelectorAll(fields)].some((field) => field.value !== field.defaultValue);

// Of a form that is sent as one works on it, what comes back holds the words, and nothing keeps them yet.
let changed = false;
const change = (event) => {
  if (event.target.closest?.("form:has([data-unsent]), form[data-unsent]")) changed = true;
};
addEventListener("input", change);
addEventListener("submit", change);

let sending = false;
addEventListener("submit", (event) => (sending = !event.defaultPrevented));
addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")) sending = true;
});
addEventListener("beforeunload", (event) => {
  if (sending) return;
  if (written(document, "[data-keep] textarea") || (changed && document.querySelector("[data-unsent]"))) event.preventDefault();
});
