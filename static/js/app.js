// What every page can do beyond links and forms. Each part works, or is not missed, without it.
import "./lines.js";
import { openCapture } from "./capture.js";
import { closeLater } from "./toasts.js";
import "./themes.js";
import "./unsent.js";

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form[method]");
    if (form && event.target.matches("textarea, input")) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.primary") ?? undefined);
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog:modal")) return;
  if (event.key === "t") {
    if (openCapture()) event.preventDefault();
  } else if (event.key === "?") {
    event.preventDefault();
    document.getElementById("keys")?.showModal();
  } else if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

addEventListener("click", (event) => {
  const close = event.target.closest?.("[data-close]");
  if (close) close.closest("dialog")?.close();
  // A menu closes when one looks elsewhere, as menus do.
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The key that sends is called otherwise on Apple's keyboards.
if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  for (const key of document.querySelectorAll("[data-control]")) key.textContent = "⌘";
}

// What is being changed is no longer what was refused.
addEventListener("input", (event) => event.target.removeAttribute?.("aria-invalid"));

// What was refused is read first, wherever on the page it is; a page that merely states a limit is left as it is.
addEventListener("load", () => {
  const errors = document.querySelector(".errors");
  if (errors) return errors.focus();
  if (performance.getEntriesByType("navigation")[0]?.responseStatus !== 422) return;
  const refused = document.querySelector('main :is([aria-invalid="true"], .refusal[role="alert"])');
  refused?.scrollIntoView({ block: "center" });
  if (refused?.matches("input, textarea, select")) refused.focus({ preventScroll: true });
});
document.querySelectorAll(".toast").forEach(closeLater);
