/** The Notion databases as live tables: tabs, cells that open to read and edit, new rows, changed rows that flash. */
import { closeCross } from "./modal.js";
import { act, byId, dialogById, inputById, make } from "./page-api.js";

/** @typedef {import("./page-api.js").PageState} PageState */
/** @typedef {import("../notion-state.ts").TableState} TableState */
/** @typedef {import("../notion-state.ts").ColumnState} ColumnState */
/** @typedef {TableState["rows"][number]} RowState */

let open = "System Inbox";
/** @type {TableState[]} */
let tables = [];
/** Tables that changed while another one was open. @type {Set<string>} */
const unread = new Set();
/** Row id → how it looked. @type {Map<string, string>} */
let known = new Map();
/** Rows that changed a moment ago, until when. @type {Map<string, number>} */
const fresh = new Map();
const FLASH_MS = 2500;

export function prepareNotion() {
  byId("all-columns").addEventListener("change", drawTable);
  byId("new-row").addEventListener("submit", (event) => {
    event.preventDefault();
    void addRow(inputById("new-title"));
  });
}

/** @param {HTMLInputElement} input */
async function addRow(input) {
  const title = input.value.trim();
  if (title && (await act({ act: "create", database: open, title }))) input.value = "";
}

let drawn = "";

/** @param {PageState} state */
export function drawNotion(state) {
  const now = JSON.stringify(state.notion);
  if (now === drawn) return;
  const isFirst = drawn === "";
  drawn = now;
  tables = state.notion;
  noteChanges(isFirst);
  drawTabs();
  drawTable();
  if (state.real.notion)
    byId("table-name").textContent = "Your real Notion is used; this stand-in stays empty.";
}

/** @param {boolean} isFirst */
function noteChanges(isFirst) {
  /** @type {typeof known} */
  const next = new Map();
  for (const { title, rows } of tables) {
    for (const row of rows) {
      const now = JSON.stringify(row.cells);
      next.set(row.id, now);
      if (isFirst || known.get(row.id) === now) continue;
      fresh.set(row.id, Date.now() + FLASH_MS);
      if (title !== open) unread.add(title);
    }
  }
  known = next;
}

function drawTabs() {
  const tabs = tables.map(({ title, rows }) =>
    make(
      "button",
      {
        type: "button",
        role: "tab",
        "aria-selected": String(title === open),
        "aria-controls": "table",
        tabindex: title === open ? "0" : "-1",
        class: unread.has(title) ? "unread" : "",
        onclick: () => show(title),
        onkeydown: (event) => onTabKey(event, title),
      },
      `${title} `,
      make("span", { class: "count" }, String(rows.length)),
    ),
  );
  byId("tables").replaceChildren(...tabs);
}

/** @param {string} title */
function show(title) {
  open = title;
  unread.delete(title);
  drawTabs();
  drawTable();
}

/** @param {Event} event @param {string} title */
function onTabKey(event, title) {
  if (!(event instanceof KeyboardEvent)) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const index = tables.findIndex((table) => table.title === title) + step;
  const next = tables[(index + tables.length) % tables.length];
  if (!next) return;
  show(next.title);
  const selected = byId("tables").querySelector("[aria-selected=true]");
  if (selected instanceof HTMLElement) selected.focus();
}

function drawTable() {
  const table = tables.find(({ title }) => title === open);
  if (!table) return;
  byId("table-name").textContent = open;
  const isAll = inputById("all-columns").checked;
  const shown = table.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column, index }) => isAll || column.type === "title" || isUsed(table, index));
  const head = make(
    "tr",
    {},
    ...shown.map(({ column }) => make("th", { scope: "col" }, column.name.replaceAll("_", " "))),
  );
  const rows = table.rows.map((row) =>
    make(
      "tr",
      { class: isFresh(row) ? "flash" : "" },
      ...shown.map(({ column, index }) => cellNode(row, column, index)),
    ),
  );
  const body =
    rows.length > 0 ? make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)) : emptyNote();
  byId("table").replaceChildren(body);
}

/** @param {TableState} table @param {number} index */
function isUsed(table, index) {
  const name = table.columns[index]?.name;
  return name !== "Key" && table.rows.some((row) => row.cells[index]?.text);
}

/** @param {RowState} row */
function isFresh(row) {
  return (fresh.get(row.id) ?? 0) > Date.now();
}

function emptyNote() {
  return make("p", { class: "empty" }, "No rows yet.");
}

/** @param {RowState} row @param {ColumnState} column @param {number} index */
function cellNode(row, column, index) {
  const cell = row.cells[index] ?? { text: "", href: null };
  if (cell.href) {
    const short = cell.text.replace(/^https?:\/\//, "");
    return make(
      "td",
      { class: "url" },
      make("a", { href: cell.href, target: "_blank", rel: "noopener noreferrer" }, short),
    );
  }
  const isChip = ["select", "status"].includes(column.type) && cell.text !== "";
  const inside = make("span", { class: isChip ? `chip-value ${chipTone(cell.text)}` : "clip" }, cell.text);
  const button = make(
    "button",
    {
      type: "button",
      class: "cell",
      "aria-label": `${column.name}: ${cell.text.slice(0, 80) || "empty"}`,
      onclick: () => openCell(row, column, cell.text),
    },
    inside,
  );
  return make("td", { class: column.type }, button);
}

/** @param {string} value */
function chipTone(value) {
  if (/approved|triaged|done|accepted|low|expired|superseded/i.test(value))
    return /low|expired|superseded/i.test(value) ? "calm" : "good";
  if (/failed|rejected|high|P0/i.test(value)) return "bad";
  return /pending|processing|medium|edited|P1/i.test(value) ? "busy" : "calm";
}

/** Shows a whole cell, to edit where the column allows it. @param {RowState} row @param {ColumnState} column @param {string} text */
function openCell(row, column, text) {
  const dialog = dialogById("cell");
  const field = column.editable ? editField(column, text) : make("pre", { class: "whole" }, text || "empty");
  const close = () => dialog.close();
  const save = async () => {
    const value = field instanceof HTMLPreElement ? null : field.value;
    if (value === null || value === text) return close();
    if (await act({ act: "edit", page: row.id, column: column.name, value })) close();
  };
  /** @param {Event} event */
  const onsubmit = (event) => {
    event.preventDefault();
    void save();
  };
  const form = make(
    "form",
    { onsubmit },
    make("header", {}, make("h2", { id: "cell-title" }, column.name), closeCross(close)),
    make("div", { class: "modal-body" }, field),
    make(
      "footer",
      {},
      make(
        "button",
        { type: "button", class: "button", onclick: close },
        column.editable ? "Cancel" : "Close",
      ),
      column.editable ? make("button", { class: "button primary" }, "Save") : null,
    ),
  );
  dialog.replaceChildren(form);
  dialog.showModal();
  if (!(field instanceof HTMLPreElement)) field.focus();
}

/** @param {ColumnState} column @param {string} text */
function editField(column, text) {
  const label = { "aria-label": column.name };
  if (column.type === "checkbox") return selectField(label, ["true", "false"], text ? "true" : "false");
  if (column.options.length > 0) return selectField(label, ["", ...column.options], text);
  if (["title", "rich_text"].includes(column.type)) {
    const area = make("textarea", { ...label, rows: text.length > 300 ? "14" : "4" });
    area.value = text;
    return area;
  }
  const type = column.type === "number" ? "number" : "text";
  return make("input", { ...label, type, step: "any", value: text });
}

/** @param {Record<string, string>} label @param {string[]} values @param {string} chosen */
function selectField(label, values, chosen) {
  return make(
    "select",
    label,
    ...values.map((value) => make("option", { value, selected: value === chosen }, value || "(empty)")),
  );
}
