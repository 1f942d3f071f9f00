// Short messages at the foot of the page. The server renders them; one that is no error leaves by itself.
const STAYS = 8000;

/** Let a toast go after a while, unless it tells of an error or somebody is reading it. */
export function closeLater(toast) {
  if (toast.getAttribute("role") === "alert") return;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, STAYS) : toast.remove());
  setTimeout(leave, STAYS);
}

/** Show toasts that came with another page. */
export function show(toasts) {
  const place = document.getElementById("toasts");
  for (const toast of toasts) {
    place.append(document.importNode(toast, true));
    closeLater(place.lastElementChild);
  }
}

addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest(".toast")?.remove();
});
