// Light, dark, or as the system has it; kept in this browser.
const groups = document.querySelectorAll("[data-themes]");

function mark() {
  const chosen = document.documentElement.dataset.theme ?? "";
  for (const button of document.querySelectorAll("[data-themes] button")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
}

for (const group of groups) {
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.value) document.documentElement.dataset.theme = button.value;
    else delete document.documentElement.dataset.theme;
    try {
      localStorage.setItem("theme", button.value);
    } catch {
      // It then holds until the page is left.
    }
    mark();
  });
}
mark();
