// The meeting room: what somebody is typing survives when a part of the page is read again, and clocks run.
//
// Forms are sent with htmx and answered with nothing, or with why they were refused; the page changes by what it
// hears from <live-topic>, the sender's own page like everybody's.

const FIELDS = "textarea, select, input:not([type=hidden])";
const room = document.querySelector(".room-grid");
const unsent = document.getElementById("unsent");
const typed = new Map(); // id of a field → what was typed into it and not sent
let composing = false;
let waiting = false; // whether a part came while a word was being composed in it

const remembered = (field) => field.id && !field.closest("#desk") && field.matches?.(FIELDS);
const isMark = (field) => field.matches("input[type=radio], input[type=checkbox]");
const isChoice = (field) => field.matches("select") || isMark(field);

/** Keep what was typed into a field or chosen in it; of a group of which one is chosen, that one alone. */
function remember(field) {
  if (!remembered(field)) return;
  if (field.type === "radio") {
    for (const one of field.form?.elements ?? []) if (one.name === field.name) typed.delete(one.id);
  }
  typed.set(field.id, isMark(field) ? field.checked : field.value);
}

room.addEventListener("input", (event) => {
  remember(event.target);
  if (event.target.closest("#desk")) desk.set(event.target, event.target.value);
});
room.addEventListener("change", (event) => remember(event.target));
room.addEventListener("compositionstart", () => (composing = true));
room.addEventListener("compositionend", () => {
  composing = false;
  if (waiting) readAgain();
  waiting = false;
});

// What is on its way is not ours to keep, unless it is refused or does not arrive. The page may change before the
// answer comes and take the form with it: so the form itself is listened to.
room.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target;
  if (!form.matches("form") || form.id === "desk") return;
  const sent = [...form.querySelectorAll(FIELDS)].filter((one) => typed.has(one.id));
  const words = sent.map((one) => [one.id, typed.get(one.id), isChoice(one)]);
  for (const [id] of words) typed.delete(id);
  const answered = ({ detail }) => {
    if (detail.xhr.getResponseHeader("HX-Trigger")?.includes("room:done")) return;
    for (const [id, text, choice] of words) if (!typed.has(id)) putBack(id, text, choice);
  };
  form.addEventListener("htmx:afterRequest", answered, { once: true });
});

// What was sent is no longer ours to keep.
room.addEventListener("room:done", (event) => {
  if (event.target.closest("#desk")) {
    desk.clear();
    return;
  }
  for (const field of event.target.querySelectorAll(FIELDS)) typed.delete(field.id);
  event.target.reset?.();
  if (document.querySelector(".live")?.dataset.state === "lost") readAgain();
});
room.addEventListener("room:moved", readAgain);

/** Read the room anew: the connection that would tell us is not there, or what we see was old. */
function readAgain() {
  document.body.dispatchEvent(new CustomEvent("live:room"));
}

// -- parts that are read again ---------------------------------------------------------------------------------

const desk = new Map(); // fields of the proposal's editor that were typed into since it was saved last
let before = null;

document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target: part, fragment } = event.detail;
  if (!part.id.startsWith("room-")) return;
  if (composing && part.contains(document.activeElement)) {
    event.detail.shouldSwap = false;
    waiting = true;
    return;
  }
  if (part.id === "room-desk" && sameDesk(fragment)) {
    event.detail.shouldSwap = false;
    return;
  }
  if (part.id === "room-desk" && desk.size && !fragment.querySelector("#desk")) {
    keepWords([...desk.values()]);
    desk.clear();
  }
  const active = document.activeElement;
  before = {
    part: part.id,
    goesOn: part.id === "room-stage" && stepOf(part) !== stepOf(fragment),
    open: [...part.querySelectorAll("details[open][id]")].map((one) => one.id),
    closed: [...part.querySelectorAll("details:not([open])[id]")].map((one) => one.id),
    focus: part.contains(active) && active.id ? active.id : null,
    selection: active.matches?.("textarea, input") ? [active.selectionStart, active.selectionEnd] : null,
    fields: [...part.querySelectorAll(FIELDS)].filter((one) => typed.has(one.id)).map((one) => [one.id, isChoice(one)]),
  };
});

document.body.addEventListener("htmx:oobAfterSwap", (event) => {
  if (before?.part !== event.detail.target.id) return;
  const { goesOn, open, closed, focus, selection, fields } = before;
  before = null;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const id of closed) document.getElementById(id)?.removeAttribute("open");
  for (const [id, choice] of fields) {
    const text = typed.get(id);
    typed.delete(id);
    putBack(id, text, choice);
  }
  const field = focus && document.getElementById(focus);
  if (field) {
    field.focus({ preventScroll: true });
    if (selection?.[0] != null && field.matches("textarea, input:not([type=number])")) field.setSelectionRange(...selection);
  } else if (goesOn && event.detail.target.getBoundingClientRect().top < 0) scrollTo({ top: 0 });
});

/** What is processed and at which step: a new one is read from its beginning, wherever one was on the page. */
function stepOf(part) {
  return [...part.querySelectorAll('#h-item, [aria-current="step"]')].map((one) => one.textContent.trim()).join(" / ");
}

/** Write what was typed into its field again, or show it where there is no such field any more. */
function putBack(id, text, choice) {
  const field = document.getElementById(id);
  if (field) {
    if (isMark(field)) field.checked = text;
    else field.value = text;
    typed.set(id, text);
  } else if (!choice) keepWords([text]);
}

/** Whether the editor that comes is the one that stands here, or somebody is writing in it. */
function sameDesk(fragment) {
  const here = document.getElementById("desk");
  const coming = fragment.querySelector("#desk");
  if (!here || !coming || here.dataset.proposal !== coming.dataset.proposal) return false;
  const version = (form) => form.querySelector("#text_version").value;
  return version(here) === version(coming) || here.contains(document.activeElement) || desk.size > 0;
}

/** Show words whose place has gone, so that nobody has to write them again. */
function keepWords(texts) {
  const words = texts.map((text) => text.trim()).filter((text) => text.length > 3);
  if (!words.length) return;
  if (unsent.hidden) {
    const head = document.createElement("strong");
    head.textContent = unsent.dataset.title;
    const close = document.createElement("button");
    close.className = "small";
    close.textContent = unsent.dataset.close;
    unsent.replaceChildren(head, close);
    unsent.hidden = false;
  }
  for (const text of words) {
    const quote = document.createElement("blockquote");
    quote.textContent = text;
    unsent.lastElementChild.before(quote);
  }
}
unsent.addEventListener("click", (event) => {
  if (event.target.closest("button")) unsent.hidden = true;
});

// -- when nothing arrives -------------------------------------------------------------------------------------

const failed = document.getElementById("failed");
const notSent = () => (failed.hidden = false);
for (const event of ["htmx:sendError", "htmx:timeout"]) room.addEventListener(event, notSent);
room.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status >= 500) notSent();
  // Whoever takes part no longer is told why, by the page itself
  else if (detail.elt.id === "room-live") location.reload();
});
room.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  if (detail.xhr.status < 500) failed.hidden = true;
});

// -- clocks ----------------------------------------------------------------------------------------------------

const started = new WeakMap();

setInterval(() => {
  const clock = document.querySelector("#clock [data-clock]");
  if (clock) {
    const { ends, left, over } = clock.parentElement.dataset;
    const minutes = Math.floor((Number(ends) * 1000 - Date.now()) / 60_000);
    clock.textContent = (minutes >= 0 ? left : over).replace("N", Math.abs(minutes));
  }
  for (const timer of document.querySelectorAll("[data-elapsed]")) {
    if (!started.has(timer)) started.set(timer, Date.now() - Number(timer.dataset.elapsed) * 1000);
    const seconds = Math.floor((Date.now() - started.get(timer)) / 1000);
    timer.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}, 1000);
