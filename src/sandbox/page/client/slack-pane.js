/** The Slack look-alike: channels, messages with threads, the composer and the Home tab. */
import { askConfirm } from "./modal.js";
import { act, byId, fromServer, inputById, make } from "./page-api.js";

/** @typedef {import("./page-api.js").PageState} PageState */
/** @typedef {import("../slack-state.ts").SlackState} SlackState */
/** @typedef {import("../slack-state.ts").MessageState} MessageState */

const HOME = "home";
let room = "";
/** @type {PageState | null} */
let latest = null;
let redraw = async () => {};
/** The thread that is answered; null = the channel. @type {MessageState | null} */
let answered = null;
/** What each room showed when it was last open. @type {Map<string, string>} */
const seen = new Map();

/** @param {() => Promise<void>} refresh */
export function prepareSlack(refresh) {
  redraw = refresh;
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    void say();
  });
  byId("shortcut").addEventListener("click", () => void act({ act: "new" }));
  for (const id of ["messages", "modal"]) {
    byId(id).addEventListener("click", (event) => void onClick(event));
    byId(id).addEventListener("change", (event) => void onChoose(event));
  }
}

/** The decisions channel for null. @param {string | null} id */
export function openChannel(id) {
  room = id ?? latest?.slack.channels[0]?.id ?? "";
  if (latest) drawSlack(latest);
}

async function say() {
  const input = inputById("say");
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  const thread = answered === null ? {} : { threadTs: answered.ts };
  if (answered === null) goToEnd();
  answerIn(null);
  if (!(await act({ act: "say", channel: room, text, ...thread }))) input.value = text;
}

/** @param {MessageState | null} message */
function answerIn(message) {
  answered = message;
  const note = byId("reply-note");
  note.hidden = message === null;
  const cancel = make("button", { type: "button", class: "link", onclick: () => answerIn(null) }, "Cancel");
  if (message) note.replaceChildren(`Replying in ${message.author}’s thread `, cancel);
  if (message) inputById("say").focus();
}

/** @param {PageState} state */
export function drawSlack(state) {
  latest = state;
  if (state.real.slack) return drawRealNote();
  const { slack } = state;
  if (room !== HOME && !slack.channels.some(({ id }) => id === room)) room = slack.channels[0]?.id ?? "";
  const open = slack.channels.find(({ id }) => id === room);
  drawRooms(slack);
  byId("room-name").textContent = open?.name ?? `${slack.bot} · Home`;
  byId("room-note").textContent = open ? "" : "App Home";
  byId("composer").hidden = !open;
  inputById("say").placeholder = `Message ${open?.name ?? ""}, or /emm help`;
  if (open) drawMessages(open.messages, `${room} ${slack.me}`);
  else drawHome(slack);
  showOwnCard(state.progress.card);
}

/** @type {string | null} */
let shownCard = null;

/** Once, when the card of one's own question has come: others may have come with it. @param {string | null} ts */
function showOwnCard(ts) {
  if (ts === null || ts === shownCard) return;
  const card = byId("messages").querySelector(`[data-ts="${ts}"]`);
  if (!(card instanceof HTMLElement)) return;
  shownCard = ts;
  showNewest(byId("messages"), card);
}

function drawRealNote() {
  byId("room-name").textContent = "Your real Slack";
  byId("rooms").replaceChildren();
  byId("composer").hidden = true;
  byId("messages").replaceChildren(
    make(
      "p",
      { class: "empty" },
      "The bot talks to your real workspace. Open Slack to see the cards and to decide.",
    ),
  );
}

/** @param {SlackState} slack */
function drawRooms(slack) {
  const entries = [...slack.channels.map(({ id, name }) => ({ id, name })), { id: HOME, name: "⌂ App Home" }];
  const buttons = entries.map(({ id, name }) => {
    const messages = slack.channels.find((channel) => channel.id === id)?.messages ?? [];
    const mark = `${messages.at(-1)?.ts ?? ""}/${messages.length}`;
    const key = `${id} ${slack.me}`;
    if (id === room || !seen.has(key)) seen.set(key, mark);
    const isNew = seen.get(key) !== mark;
    return make(
      "button",
      {
        type: "button",
        class: isNew ? "unread" : "",
        "aria-pressed": String(id === room),
        onclick: () => void enter(id),
      },
      name,
      isNew ? make("span", { class: "hidden" }, " (new)") : null,
    );
  });
  byId("rooms").replaceChildren(make("p", { class: "workspace" }, slack.workspace), ...buttons);
}

/** @param {string} id */
async function enter(id) {
  room = id;
  answerIn(null);
  if (id === HOME) await act({ act: "home" });
  if (id !== HOME) drawnHome = "";
  await redraw();
}

let drawnHome = "";

/** @param {SlackState} slack */
function drawHome({ home, me }) {
  const now = JSON.stringify([me, home]);
  if (now === drawnHome) return;
  drawnHome = now;
  drawn = { key: "", messages: new Map() };
  const view = home
    ? fromServer(home.markup, "home")
    : make("p", { class: "empty" }, "The bot is preparing your Home tab…");
  if (home) view.dataset["view"] = home.id;
  byId("messages").replaceChildren(view);
}

/** @type {{ key: string, messages: Map<string, { signature: string, node: HTMLElement }> }} */
let drawn = { key: "", messages: new Map() };

/**
 * @param {MessageState[]} messages
 * @param {string} key which room, seen by whom
 */
function drawMessages(messages, key) {
  const box = byId("messages");
  const isSameRoom = drawn.key === key;
  const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80 || box.scrollTop === followedTo;
  /** @type {HTMLElement | null} */
  let newest = null;
  /** @type {typeof drawn.messages} */
  const next = new Map();
  for (const message of messages) {
    const id = `${message.ts}/${message.isPrivate}`;
    const signature = JSON.stringify(message);
    const before = isSameRoom ? drawn.messages.get(id) : undefined;
    if (before?.signature === signature) {
      next.set(id, before);
      continue;
    }
    const node = messageNode(message);
    if (isSameRoom) node.classList.add("flash");
    if (before) before.node.replaceWith(node);
    else newest = node;
    next.set(id, { signature, node });
  }
  drawn = { key, messages: next };
  const nodes = [...next.values()].map(({ node }) => node);
  const isUnchanged =
    nodes.length === box.children.length && nodes.every((node, i) => node === box.children[i]);
  if (!isUnchanged) box.replaceChildren(...(nodes.length > 0 ? nodes : [emptyNote()]));
  if (!isSameRoom) box.scrollTop = box.scrollHeight;
  // What only this person sees answers something that this person just did.
  else if (newest && (isAtEnd || newest.matches(".private"))) showNewest(box, newest);
}

/** Where showNewest left the room; a person who has not scrolled since is still following. */
let followedTo = -1;

/** Whoever says something wants to see the answer. */
export function goToEnd() {
  const box = byId("messages");
  box.scrollTop = box.scrollHeight;
  followedTo = box.scrollTop;
}

/** A card taller than the pane is shown from its head. @param {HTMLElement} box @param {HTMLElement} node */
function showNewest(box, node) {
  const top = node.offsetTop;
  box.scrollTop = node.offsetHeight > box.clientHeight ? top - 8 : box.scrollHeight;
  followedTo = box.scrollTop;
}

function emptyNote() {
  return make("p", { class: "empty" }, "Nothing here yet. Ask something above, or type /emm help below.");
}

/** @param {MessageState} message @returns {HTMLElement} */
function messageNode(message) {
  const article = make(
    "article",
    {
      class: `message${message.isPrivate ? " private" : ""}`,
      "data-ts": message.ts,
      "data-channel": message.channel,
    },
    make("span", { class: `avatar ${avatarClass(message)}`, "aria-hidden": "true" }, initials(message)),
    make(
      "div",
      { class: "message-body" },
      message.isPrivate ? make("p", { class: "only-you" }, "Only visible to you") : null,
      messageHead(message),
      fromServer(message.markup, "blocks"),
      ...message.files.map(fileNode),
      threadNode(message),
    ),
  );
  return article;
}

/** @param {MessageState} message */
function messageHead(message) {
  const at = new Date(Number(message.ts) * 1000);
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const capture = make(
    "button",
    {
      type: "button",
      class: "link capture",
      title: "Message shortcut “Send to inbox”",
      onclick: () => void act({ act: "capture", channel: message.channel, ts: message.ts }),
    },
    "Send to inbox",
  );
  const reply = make(
    "button",
    { type: "button", class: "link capture", onclick: () => answerIn(message) },
    "Reply",
  );
  return make(
    "p",
    { class: "message-head" },
    make("strong", {}, message.author),
    message.isBot ? make("span", { class: "app-tag" }, "APP") : null,
    make("time", { datetime: Number.isNaN(at.getTime()) ? "" : at.toISOString() }, time),
    message.edited ? make("span", { class: "edited" }, "(edited)") : null,
    message.isBot || message.isPrivate ? null : capture,
    message.isPrivate || message.isReply ? null : reply,
  );
}

/** @param {MessageState["files"][number]} file */
function fileNode({ id, title, length }) {
  const size = length < 1_000 ? `${length} bytes` : `${Math.round(length / 1_000)} kB`;
  return make(
    "a",
    { class: "file", href: `/files/${id}`, download: title },
    make("strong", {}, title),
    make("span", {}, `${size} · download`),
  );
}

/** Characters of its blocks. */
const BRIEF_THREAD = 4_000;

/** @param {MessageState} message */
function threadNode({ replies }) {
  if (replies.length === 0) return null;
  const words = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  // What the advisers say in full would push the card out of sight.
  const isBrief = replies.reduce((sum, { markup }) => sum + markup.length, 0) < BRIEF_THREAD;
  return make(
    "details",
    { class: "thread", open: replies.length <= 3 && isBrief },
    make("summary", {}, words),
    ...replies.map(messageNode),
  );
}

/** @param {MessageState} message */
function initials({ author, isBot }) {
  if (isBot) return "M";
  return author
    .split(" ")
    .map((word) => word[0] ?? "")
    .slice(0, 2)
    .join("");
}

/** @param {MessageState} message */
function avatarClass({ authorId, isBot }) {
  if (isBot) return "bot";
  const sum = [...authorId].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return `hue${sum % 5}`;
}

/** Buttons and overflow items. @param {Event} event */
async function onClick(event) {
  const target = event.target instanceof Element ? event.target.closest("[data-act=click]") : null;
  if (!(target instanceof HTMLElement)) return;
  target.closest("details.overflow")?.removeAttribute("open");
  const label = `“${(target.textContent ?? "").trim()}”`;
  await send(target, {
    label,
    ...(target.dataset["selected"] ? { selected: target.dataset["selected"] } : {}),
  });
}

/** Selects that act at once. @param {Event} event */
async function onChoose(event) {
  const target = event.target instanceof Element ? event.target.closest("[data-act=choose]") : null;
  if (!(target instanceof HTMLElement)) return;
  const input = event.target;
  const selected = input instanceof HTMLSelectElement || input instanceof HTMLInputElement ? input.value : "";
  // What a person sees of their choice, not what it carries.
  const words = (input instanceof HTMLSelectElement && input.selectedOptions[0]?.label) || selected;
  if (selected) await send(target, { label: `“${words}”`, selected });
}

/**
 * @param {HTMLElement} target
 * @param {{ label: string, selected?: string }} what
 */
async function send(target, what) {
  if (target.dataset["confirm"] && !(await askConfirm(target.dataset["confirm"]))) return;
  const ids = { action: target.dataset["action"] ?? "", block: target.dataset["block"] ?? "", ...what };
  const view = target.closest("[data-view]");
  const message = target.closest("[data-ts]");
  target.setAttribute("aria-busy", "true");
  if (view instanceof HTMLElement) await act({ act: "click-in-view", view: view.dataset["view"], ...ids });
  else if (message instanceof HTMLElement)
    await act({ act: "click", channel: message.dataset["channel"], ts: message.dataset["ts"], ...ids });
  target.removeAttribute("aria-busy");
}
