// Founding: the address follows the name until somebody writes one, and the zone begins with this browser's.
const form = document.querySelector("form.edit-form");
const [name, slug, zone, ratifiers, own] = ["name", "slug", "zone", "ratifiers", "founder_name"].map((n) => form.elements[n]);

/** The address that follows from a name, as the server makes it. */
const address = (text) =>
  text
    .normalize("NFKD")
    .replace(/[^\w\s-]/g, "")
    .toLowerCase()
    .trim()
    .replace(/[-\s_]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");

let follows = !slug.value || slug.value === address(name.value);
name.addEventListener("input", () => {
  if (follows) slug.value = address(name.value);
});
slug.addEventListener("input", () => {
  follows = !slug.value;
});

// A form that comes back keeps what was chosen.
if (!document.querySelector(".errors")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === here)) zone.value = here;
}

// Most founders ratify: their name is there to be kept or taken out.
own.addEventListener("change", () => {
  if (!ratifiers.value.trim()) ratifiers.value = own.value;
});
