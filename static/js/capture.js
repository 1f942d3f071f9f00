// Capturing a tension without leaving the page. The form is the one of the capture page; its answer is read as
// a browser would: a redirect means that it was captured, anything else is why it was not.
import { show } from "./toasts.js";

const dialog = document.getElementById("capture");
const form = dialog?.querySelector("form");
const refused = dialog?.querySelector(".capture-refused");

/** Open the dialog; tell whether there is one. */
export function openCapture() {
  if (!dialog) return false;
  const side = document.getElementById("side");
  if (side?.matches(":popover-open")) side.hidePopover();
  if (!dialog.open) dialog.showModal();
  form.elements.text.focus();
  return true;
}

function refuse(nodes) {
  refused.replaceChildren(...nodes);
  if (nodes.length) refused.scrollIntoView({ block: "nearest" });
}

function failed() {
  refuse([document.getElementById("capture-failed").content.cloneNode(true)]);
}

/** The key of the next capture: one key is captured once, also when a lost answer makes us send twice. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send() {
  const button = form.querySelector("button.primary");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (response.ok && response.redirected && page.getElementById("side")) {
      refuse([]);
      form.reset();
      form.elements.form_key.value = newKey();
      dialog.close();
      show(page.querySelectorAll("#toasts > .toast"));
      update(page, "tensions");
      document.body.dispatchEvent(new CustomEvent("tension-captured", { bubbles: true }));
      return;
    }
    const reasons = page.querySelectorAll("main .refusal, main .errors");
    if (reasons.length) refuse([...reasons].slice(0, 1).map((node) => document.importNode(node, true)));
    else failed();
  } catch {
    failed();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** Take over an entry of the navigation, with its count, from a newer page. */
function update(page, place) {
  const link = (root) => root.querySelector(`#side a[data-place="${place}"]`);
  const [old, fresh] = [link(document), link(page)];
  if (old && fresh) old.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
}

for (const opener of document.querySelectorAll("[data-capture]")) {
  opener.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link all the same: another tab, another window
    if (openCapture()) event.preventDefault();
  });
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
