/** The ⋯ menus: beside their button, inside the window, above whatever would cut them off. */

const EDGE = 8;

export function prepareMenus() {
  // "toggle" does not bubble.
  document.addEventListener("toggle", placeOpen, { capture: true });
  document.addEventListener("click", (event) => closeAll(event.target));
  document.addEventListener("keydown", (event) => onKey(event), { capture: true });
  document.addEventListener("scroll", placeOpen, { capture: true, passive: true });
  window.addEventListener("resize", placeOpen);
}

function placeOpen() {
  for (const menu of document.querySelectorAll("details.overflow[open] > div"))
    if (menu instanceof HTMLElement && menu.parentElement) place(menu, menu.parentElement);
}

/** @param {HTMLElement} menu @param {HTMLElement} around */
function place(menu, around) {
  const button = around.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const fitsBelow = button.bottom + height + EDGE <= window.innerHeight;
  const left = Math.min(button.left, window.innerWidth - width - EDGE);
  menu.style.left = `${Math.max(EDGE, left)}px`;
  menu.style.top = `${fitsBelow ? button.bottom + 2 : Math.max(EDGE, button.top - height - 2)}px`;
}

/** All but the one that was clicked. @param {EventTarget | null} target */
function closeAll(target) {
  for (const menu of document.querySelectorAll("details.overflow[open]"))
    if (!(target instanceof Node && menu.contains(target))) menu.removeAttribute("open");
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const menu = event.key === "Escape" ? document.querySelector("details.overflow[open]") : null;
  if (!menu) return;
  // The form around it stays open.
  event.preventDefault();
  menu.removeAttribute("open");
  const button = menu.querySelector("summary");
  if (button) button.focus();
}
