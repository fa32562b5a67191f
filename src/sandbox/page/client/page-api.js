/** Talking to the page's server, and making elements. Owns the one copy of the state and of who one acts as. */

/** @typedef {import("../slack-state.ts").SlackState} SlackState */
/** @typedef {import("../notion-state.ts").TableState} TableState */
/** @typedef {import("../progress.ts").Step} Step */
/** @typedef {import("../journal.ts").Entry} Entry */
/** @typedef {import("../journal.ts").Call} Call */
/** @typedef {import("../fault-switches.ts").SwitchState} SwitchState */
/**
 * @typedef {object} PageState
 * @property {{ slack: boolean, notion: boolean, claude: boolean, railway: boolean }} real
 * @property {string | null} botUrl
 * @property {number} now
 * @property {{ about: string, card: string | null, steps: Step[] }} progress
 * @property {SlackState} slack
 * @property {TableState[]} notion
 * @property {{ entries: Entry[], calls: Call[], faults: SwitchState[] }} activity
 */

let me = "";

/** Who one acts as: a Slack user id; "" until the first state came. */
export function currentPerson() {
  return me;
}

/** @param {string} id */
export function actAs(id) {
  me = id;
}

/** @returns {Promise<PageState>} */
export async function fetchState() {
  const response = await fetch(`/api/state?as=${encodeURIComponent(me)}`);
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}`);
  /** @type {PageState} */
  const state = await response.json();
  if (me === "") me = state.slack.me;
  return state;
}

/**
 * Does something as the current person; shows what went wrong. True when it worked.
 * @param {Record<string, unknown>} action
 */
export async function act(action) {
  try {
    const response = await fetch("/api/act", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ as: me, ...action }),
    });
    /** @type {{ error: string | null }} */
    const { error } = await response.json();
    if (error) toast(error);
    return !error;
  } catch {
    toast("The sandbox does not answer. Is npm run demo still running?");
    return false;
  }
}

/** @param {() => void} onChange */
export function followChanges(onChange) {
  const events = new EventSource("/events");
  events.onmessage = onChange;
  events.onopen = onChange;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let toastTimer;

/** @param {string} words */
export function toast(words) {
  const box = byId("toast");
  box.textContent = words;
  box.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("shown"), 6000);
}

/** @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`No #${id} on the page`);
  return found;
}

/** @param {string} id */
export function inputById(id) {
  const found = byId(id);
  if (!(found instanceof HTMLInputElement)) throw new Error(`#${id} is no input`);
  return found;
}

/** @param {string} id */
export function dialogById(id) {
  const found = byId(id);
  if (!(found instanceof HTMLDialogElement)) throw new Error(`#${id} is no dialog`);
  return found;
}

/**
 * Text children stay text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | ((event: Event) => void)>} [attributes] on… = listener, true = present
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/**
 * Markup from the server, which escapes everything that people and models wrote.
 * @param {string} markup
 * @param {string} className
 */
export function fromServer(markup, className) {
  const node = make("div", { class: className });
  node.innerHTML = markup;
  return node;
}
