// Runs before the first paint: pages that need JavaScript for a part show it, and nobody sees the wrong colours flash.
(() => {
  const root = document.documentElement;
  root.dataset.js = "";
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the system's colours are used then.
  }
})();
