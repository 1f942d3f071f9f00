// Editing the structure by dragging. What is dropped opens the form that does the same by hand, in a dialog: with
// what it changes, and its reason where one is asked for. Without JavaScript, or by keyboard, the links lead there.
const dialog = document.getElementById("act-dialog");
const tree = document.querySelector(".tree");

/** Open the form at an address in the dialog; follow the link where that fails. */
async function open(url) {
  const body = dialog.querySelector(".act-body");
  try {
    const response = await fetch(url, { credentials: "same-origin" });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const form = page.getElementById("act");
    const preview = page.getElementById("preview");
    dialog.querySelector("h2").textContent = page.querySelector("h1").textContent;
    form.querySelector(".go").before(preview);
    body.replaceChildren(document.importNode(form, true));
    window.htmx?.process(body);
    for (const close of body.querySelectorAll("[data-close-act]")) {
      close.addEventListener("click", (event) => {
        event.preventDefault();
        dialog.close();
      });
    }
  } catch {
    body.replaceChildren(dialog.querySelector("template").content.cloneNode(true));
  }
  dialog.showModal();
  (body.querySelector("textarea[name=reason]") ?? body.querySelector("button"))?.focus();
}

if (tree && dialog) {
  let dragged = null;

  const nodeOf = (event) => event.target.closest?.(".node");

  /** Where it leads to drop what is dragged on a node, or null where it may not be dropped. */
  function destination(node) {
    if (!dragged || !node) return null;
    if (dragged.person) return `${node.dataset.assign}?person=${dragged.person}`;
    const inItself = dragged.item.contains(node);
    if (inItself || node.classList.contains("seat") || node.dataset.role === dragged.circle) return null;
    return `${dragged.move}?to=${node.dataset.role}`;
  }

  addEventListener("dragstart", (event) => {
    const person = event.target.closest?.("[data-person]");
    const node = person ? null : nodeOf(event);
    if (person) dragged = { person: person.dataset.person };
    else if (node?.dataset.move) {
      dragged = { item: node.closest("li"), move: node.dataset.move, circle: node.dataset.circle };
    } else return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", (person ?? node).textContent.trim());
    document.documentElement.dataset.dragging = person ? "person" : "role";
  });

  addEventListener("dragend", () => {
    dragged = null;
    delete document.documentElement.dataset.dragging;
    tree.querySelector("[data-over]")?.removeAttribute("data-over");
  });

  tree.addEventListener("dragover", (event) => {
    const node = nodeOf(event);
    for (const other of tree.querySelectorAll("[data-over]")) if (other !== node) other.removeAttribute("data-over");
    if (!destination(node)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    node.dataset.over = "";
  });

  tree.addEventListener("drop", (event) => {
    const url = destination(nodeOf(event));
    if (!url) return;
    event.preventDefault();
    open(url);
  });
}

// Names narrow the list as one types; the button looks in all of them.
for (const input of document.querySelectorAll("[data-filter]")) {
  const items = [...document.querySelector(input.dataset.filter).children];
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLocaleLowerCase();
    for (const item of items) item.hidden = !item.textContent.toLocaleLowerCase().includes(wanted);
  });
}
