// <text-lines>: a list of short texts, each with an identity of its own, to be edited one by one.
//
// The server renders every line as <li> with a hidden NAME-id and a textarea NAME-text, and a few blank ones;
// without JavaScript that is all: an emptied line is removed, a filled blank one is added. This element adds
// buttons: add, remove with undo. A removed line keeps its id and sends an empty text, so both forms send the same.
const EMPTY = /^\s*$/;

class TextLines extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.list = this.querySelector("ul");
    this.lineTemplate = this.querySelector("template[data-line]");
    this.buttonTemplate = this.querySelector("template[data-buttons]");
    for (const line of [...this.list.children]) {
      if (!this.idOf(line) && EMPTY.test(this.text(line).value)) line.remove();
      else this.dress(line);
    }
    const add = this.querySelector("[data-add]");
    add.addEventListener("click", () => this.add(null, "", true));
    this.addEventListener("click", (event) => {
      const line = event.target.closest("li");
      if (!line) return;
      if (event.target.closest("[data-remove]")) this.drop(line);
      else if (event.target.closest("[data-undo]")) this.undo(line);
    });
    this.addEventListener("input", (event) => this.mark(event.target.closest("li")));
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("paste", (event) => this.paste(event));
  }

  text(line) {
    return line.querySelector("textarea");
  }

  idOf(line) {
    return line.querySelector("input[type=hidden]").value;
  }

  dress(line) {
    line.append(this.buttonTemplate.content.cloneNode(true));
    // A line that the draft removes was sent empty: show what it was, struck out.
    if (line.dataset.before && EMPTY.test(this.text(line).value)) this.strike(line, line.dataset.before);
    else this.mark(line);
  }

  /** Add a line after another, or last; tell the page, unless several are being added. */
  add(after, value, focus) {
    const line = this.lineTemplate.content.firstElementChild.cloneNode(true);
    if (after) after.after(line);
    else this.list.append(line);
    this.text(line).value = value;
    this.dress(line);
    if (focus) this.text(line).focus();
    return line;
  }

  strike(line, shown) {
    const area = this.text(line);
    const standIn = document.createElement("input");
    standIn.type = "hidden";
    standIn.name = area.name;
    standIn.dataset.standIn = "";
    area.dataset.name = area.name;
    area.removeAttribute("name");
    area.value = shown;
    area.readOnly = true;
    area.after(standIn);
    line.dataset.diff = "remove";
    this.buttons(line);
  }

  drop(line) {
    if (this.idOf(line)) {
      line.dataset.last = this.text(line).value;
      this.strike(line, line.dataset.before || this.text(line).value);
      line.querySelector("[data-undo]").focus();
    } else {
      const next = line.nextElementSibling ?? line.previousElementSibling;
      line.remove();
      (next ? this.text(next) : this.querySelector("[data-add]")).focus();
    }
    this.changed();
  }

  undo(line) {
    const area = this.text(line);
    line.querySelector("[data-stand-in]").remove();
    area.name = area.dataset.name;
    area.readOnly = false;
    area.value = line.dataset.last || line.dataset.before || area.value;
    delete line.dataset.last;
    delete line.dataset.diff;
    this.mark(line);
    area.focus();
    this.changed();
  }

  /** Show whether the line is new, amended or as it was. */
  mark(line) {
    if (!line || line.dataset.diff === "remove") return;
    const now = this.text(line).value.trim();
    const before = line.dataset.before ?? "";
    if (now === before.trim()) delete line.dataset.diff;
    else line.dataset.diff = before ? "amend" : "add";
    this.buttons(line);
  }

  buttons(line) {
    const removed = line.dataset.diff === "remove";
    line.querySelector("[data-remove]").hidden = removed;
    line.querySelector("[data-undo]").hidden = !removed;
  }

  key(event) {
    if (!event.target.matches("textarea") || event.isComposing) return;
    const line = event.target.closest("li");
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (!EMPTY.test(event.target.value)) this.add(line, "", true);
    } else if (event.key === "Backspace" && event.target.value === "" && !this.idOf(line)) {
      event.preventDefault();
      this.drop(line);
    }
  }

  /** Several pasted lines become several texts. */
  paste(event) {
    if (!event.target.matches("textarea") || event.target.value !== "") return;
    const texts = event.clipboardData
      .getData("text/plain")
      .split(/\r?\n/)
      .map((text) => text.replace(/^\s*[-–•*]?\s*/, "").trim())
      .filter(Boolean);
    if (texts.length < 2) return;
    event.preventDefault();
    let line = event.target.closest("li");
    this.text(line).value = texts.shift();
    this.mark(line);
    for (const text of texts) line = this.add(line, text, true);
    this.changed();
  }

  /** Tell the form, as a browser does when something was edited. */
  changed() {
    this.list.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("text-lines", TextLines);
