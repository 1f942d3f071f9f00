import { written } from "./unsent.js";

// A part of the page in which somebody is writing is not replaced under their hands: it says that something
// changed, and keeps their words.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target.closest("[data-keep]");
  if (!part || part !== event.target) return;
  const chosen = part.querySelector("input[type=radio]:checked");
  if (written(part, "textarea, input:not([type=hidden], [type=radio])") || (chosen && !chosen.defaultChecked)) {
    event.preventDefault();
    part.querySelector(".kept-words")?.removeAttribute("hidden");
  }
});
