/** The person's open modal as a real overlay, and the confirm dialogs of buttons. */
import { act, dialogById, fromServer, make } from "./page-api.js";

/** @typedef {import("../slack-state.ts").ModalState} ModalState */
/** @typedef {import("../view-state.ts").Typed} Typed */

let drawn = "";
let openId = "";
let isFirst = true;

export function prepareModal() {
  const dialog = dialogById("modal");
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    void act({ act: "close-modal" });
  });
}

/** @param {ModalState | null} modal top of the stack */
export function drawModal(modal) {
  const dialog = dialogById("modal");
  // The server keeps an open form, the page what is typed into it: after a reload an error is about words that are gone.
  const isReloaded = isFirst && modal !== null;
  isFirst = false;
  const now = JSON.stringify(modal);
  if (now === drawn) return;
  drawn = now;
  if (!modal) {
    openId = "";
    if (dialog.open) dialog.close();
    return;
  }
  const typed = openId === modal.id ? collectFields(dialog) : [];
  openId = modal.id;
  dialog.dataset["view"] = modal.id;
  dialog.replaceChildren(modalForm(modal));
  restoreFields(dialog, typed);
  if (isReloaded) forgetErrors(dialog);
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector(".has-error [data-input], [data-input]:not(.choices)");
  if (first instanceof HTMLElement) first.focus();
}

/** @param {HTMLElement} dialog */
function forgetErrors(dialog) {
  for (const error of dialog.querySelectorAll(".field-error")) error.remove();
  for (const field of dialog.querySelectorAll(".has-error")) field.classList.remove("has-error");
}

/** @param {ModalState} modal */
function modalForm(modal) {
  const close = make(
    "button",
    { type: "button", class: "button", onclick: () => void act({ act: "close-modal" }) },
    modal.close,
  );
  const submit = modal.submit ? make("button", { class: "button primary" }, modal.submit) : null;
  return make(
    "form",
    { novalidate: true, onsubmit: (event) => void submitModal(event, modal.id) },
    make(
      "header",
      {},
      make("h2", { id: "modal-title" }, modal.title),
      closeCross(() => void act({ act: "close-modal" })),
    ),
    fromServer(modal.markup, "modal-body"),
    make("footer", {}, close, submit),
  );
}

/** @param {() => void} onClose */
export function closeCross(onClose) {
  return make("button", { type: "button", class: "cross", "aria-label": "Close", onclick: onClose }, "×");
}

/**
 * @param {Event} event
 * @param {string} view
 */
async function submitModal(event, view) {
  event.preventDefault();
  const dialog = dialogById("modal");
  dialog.setAttribute("aria-busy", "true");
  await act({ act: "submit", view, fields: collectFields(dialog) });
  dialog.removeAttribute("aria-busy");
}

/** @param {HTMLElement} form @returns {Typed[]} */
function collectFields(form) {
  return inputsOf(form).map((input) => ({
    block: input.dataset["block"] ?? "",
    action: input.dataset["action"] ?? "",
    values: valuesOf(input),
  }));
}

/** @param {HTMLElement} form */
function inputsOf(form) {
  return [...form.querySelectorAll("[data-input]")].filter((node) => node instanceof HTMLElement);
}

/** @param {HTMLElement} input @returns {string[]} */
function valuesOf(input) {
  if (input instanceof HTMLSelectElement)
    return [...input.selectedOptions].map(({ value }) => value).filter(Boolean);
  if (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement) return [input.value];
  return boxesOf(input)
    .filter((box) => box.checked)
    .map((box) => box.value);
}

/** @param {HTMLElement} group */
function boxesOf(group) {
  return [...group.querySelectorAll("input")];
}

/** A form drawn again (field errors, updates) keeps what was typed, as Slack does. @param {HTMLElement} form @param {Typed[]} typed */
function restoreFields(form, typed) {
  for (const input of inputsOf(form)) {
    const before = typed.find(
      ({ block, action }) => block === input.dataset["block"] && action === input.dataset["action"],
    );
    if (!before) continue;
    if (input instanceof HTMLSelectElement)
      for (const option of input.options) option.selected = before.values.includes(option.value);
    else if (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)
      input.value = before.values[0] ?? "";
    else for (const box of boxesOf(input)) box.checked = before.values.includes(box.value);
  }
}

/** The confirm dialog of a button. True when the person goes on. @param {string} json @returns {Promise<boolean>} */
export function askConfirm(json) {
  /** @type {{ title: string, text: string, confirm: string, deny: string, danger: boolean }} */
  const words = JSON.parse(json);
  const dialog = dialogById("confirm");
  return new Promise((resolve) => {
    /** @param {string} label @param {string} value @param {string} look */
    const choice = (label, value, look) =>
      make("button", { type: "button", class: `button ${look}`, onclick: () => dialog.close(value) }, label);
    dialog.replaceChildren(
      make(
        "header",
        {},
        make("h2", { id: "confirm-title" }, words.title),
        closeCross(() => dialog.close("")),
      ),
      make("p", { class: "modal-body" }, words.text),
      make(
        "footer",
        {},
        choice(words.deny, "", ""),
        choice(words.confirm, "yes", words.danger ? "danger" : "primary"),
      ),
    );
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}
