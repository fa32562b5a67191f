/**
 * What happened, in sentences. Compares each stand-in with how it last looked; what people do on the page is noted
 * directly. Keeps the newest entries only.
 */
import type { World } from "../world.ts";
import { isJson } from "./block-json.ts";
import { textOfProperty, titleOf } from "./notion-state.ts";
import { playable } from "./slack-state.ts";

export type Who = "person" | "bot" | "claude" | "notion" | "railway" | "fault";

export interface Entry {
  id: number;
  /** Epoch milliseconds. */
  at: number;
  who: Who;
  text: string;
  /** How often in a row. */
  count: number;
}

export interface Call {
  service: "Slack" | "Notion" | "Claude" | "Railway";
  route: string;
  status: number;
  at: number;
  durationMs: number;
}

export interface Journal {
  /** `at`: epoch milliseconds, now when left out. */
  note(who: Who, text: string, at?: number): void;
  /** Looks at the world again. */
  refresh(): void;
  /** Newest first. */
  entries(): Entry[];
  /** Newest first. */
  calls(): Call[];
}

const KEPT = 250;
type Note = Journal["note"];

export function createJournal(world: World): Journal {
  const entries: Entry[] = [];
  let nextId = 1;
  const note: Note = (who, text, at = Date.now()) => {
    const last = entries.at(-1);
    if (last && last.text === text && last.who === who) {
      last.count += 1;
      last.at = at;
      return;
    }
    entries.push({ id: nextId, at, who, text, count: 1 });
    nextId += 1;
    if (entries.length > KEPT) entries.shift();
  };
  // The first look only learns what was there before.
  const quiet: Note = () => {};
  const watchers = [
    watchClaude(world.claude),
    watchNotion(world.notion),
    watchSlack(world.slack),
    watchRailway(world.railway),
    watchErrors(world),
  ];
  for (const watch of watchers) watch(quiet);
  return {
    note,
    refresh: () => {
      for (const watch of watchers) watch(note);
    },
    entries: () => entries.toSorted((a, b) => b.at - a.at || b.id - a.id),
    calls: () => recentCalls(world),
  };
}

function recentCalls({ slack, notion, claude, railway }: World): Call[] {
  const of = (service: Call["service"], calls: World["slack"]["calls"]) =>
    calls.slice(-120).map((call) => ({ service, ...call }));
  return [
    ...of("Slack", slack.calls),
    ...of("Notion", notion.calls),
    ...of("Claude", claude.calls),
    ...of("Railway", railway.calls),
  ]
    .toSorted((a, b) => b.at - a.at)
    .slice(0, 150);
}

function watchClaude(claude: World["claude"]) {
  let seen = 0;
  return (note: Note) => {
    for (const request of claude.requests.slice(seen))
      note("claude", `Bot asked Claude: ${claudeStep(request)}`, request.at);
    seen = claude.requests.length;
  };
}

/** What a request is about, read from how its instructions open. */
export function claudeStep({ system }: { system: string }): string {
  const adviser = /^You are (?!an? )([^.,\n]{2,60})/.exec(system.trim())?.[1];
  if (adviser) return `what does ${adviser} say?`;
  if (/^You sort/.test(system)) return "what kind of item is this?";
  if (/^You prepare/.test(system)) return "turn it into options A, B, C";
  if (/^You write the summary/.test(system)) return "weigh the advice and recommend";
  return "think about it";
}

function watchRailway(railway: World["railway"]) {
  const seen = new Map<string, string>();
  return (note: Note) => {
    for (const { id, status, meta } of railway.deployments()) {
      if (seen.get(id) === status) continue;
      const hash = meta["commitHash"];
      const name = typeof hash === "string" ? hash.slice(0, 7) : id.slice(0, 8);
      note("railway", `Railway: deployment of ${name} is ${status}`);
      seen.set(id, status);
    }
  };
}

function watchNotion(notion: World["notion"]) {
  const seen = new Map<string, Record<string, string>>();
  const names = new Map(notion.users.map((user) => [user.id, user.name]));
  return (note: Note) => {
    for (const { title: database } of notion.databases()) {
      for (const row of notion.rows(database)) {
        const told = Object.entries(row.properties).filter(([name, { type }]) => isWorthTelling(name, type));
        const now = Object.fromEntries(told.map(([name, property]) => [name, textOfProperty(property)]));
        const before = seen.get(row.id);
        const by = names.get(row.lastEditedBy) ?? "bot";
        if (!before) note("notion", `Notion: ${by} added to ${database}: “${clip(titleOf(row), 90)}”`);
        else noteChange(note, { database, title: titleOf(row), before, now });
        seen.set(row.id, now);
      }
    }
  };
}

/** Links and bookkeeping change with everything; the tables show them. */
function isWorthTelling(name: string, type: string): boolean {
  return type !== "relation" && type !== "url" && !type.startsWith("last_edited") && name !== "Key";
}

interface Change {
  database: string;
  title: string;
  before: Record<string, string>;
  now: Record<string, string>;
}

function noteChange(note: Note, { database, title, before, now }: Change): void {
  const names = Object.keys(now).filter((name) => now[name] !== before[name]);
  if (names.length === 0) return;
  const told = names.slice(0, 3).map((name) => `${name} = ${clip(now[name] || "empty", 48)}`);
  const more = names.length > 3 ? `, and ${names.length - 3} more` : "";
  note("notion", `Notion: ${database} “${clip(title, 60)}”: ${told.join(", ")}${more}`);
}

function watchSlack(slack: World["slack"]) {
  const messages = new Map<string, string>();
  const modals = new Set<string>();
  const nameOf = (id: string) => slack.seed.users.find((user) => user.id === id)?.realName ?? id;
  const isBot = (id: string) => [slack.seed.bot.userId, slack.seed.bot.botId].includes(id);
  const watchRoom = (note: Note, room: { id: string; label: string }) => {
    for (const message of slack.messages(room.id)) {
      const key = `${room.id}/${message.ts}/${message.visibleTo}`;
      const now = JSON.stringify([message.text, message.blocks]);
      const before = messages.get(key);
      if (before === now) continue;
      messages.set(key, now);
      const words = `“${clip(plainSlack(message.text, nameOf), 110)}”`;
      if (!isBot(message.user)) note("person", `${nameOf(message.user)} wrote in ${room.label}: ${words}`);
      else if (message.visibleTo) note("bot", `Bot told ${nameOf(message.visibleTo)} privately: ${words}`);
      else if (before !== undefined) note("bot", `Bot updated its message in ${room.label}: ${words}`);
      else
        note("bot", `Bot ${message.threadTs ? "replied in a thread" : "posted"} in ${room.label}: ${words}`);
    }
  };
  return (note: Note) => {
    for (const channel of slack.seed.channels) watchRoom(note, { id: channel.id, label: `#${channel.name}` });
    for (const user of playable(slack)) {
      watchRoom(note, { id: slack.directMessage(user.id), label: `a direct message to ${user.realName}` });
      for (const modal of slack.modals(user.id)) {
        if (!modals.has(modal.id))
          note("bot", `Bot opened a form for ${user.realName}: “${viewTitle(modal.view)}”`);
        modals.add(modal.id);
      }
    }
  };
}

function watchErrors(world: World) {
  const seen = { Slack: 0, Notion: 0, Claude: 0, Railway: 0 };
  return (note: Note) => {
    for (const [service, calls] of [
      ["Slack", world.slack.calls],
      ["Notion", world.notion.calls],
      ["Claude", world.claude.calls],
      ["Railway", world.railway.calls],
    ] as const) {
      for (const call of calls.slice(seen[service]))
        if (call.status >= 400 || call.status === 0)
          note(
            "fault",
            `${service} ${call.status === 0 ? "did not answer" : `answered ${call.status} to`} ${call.route}`,
          );
      seen[service] = calls.length;
    }
  };
}

function viewTitle(view: Record<string, unknown>): string {
  const title = view["title"];
  return isJson(title) && typeof title["text"] === "string" ? title["text"] : "untitled";
}

function plainSlack(text: string, nameOf: (id: string) => string): string {
  return text
    .replaceAll(/<@(\w+)>/g, (_all, id: string) => nameOf(id))
    .replaceAll(/<[^<>|]+\|([^<>]+)>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replaceAll(/[*`]/g, "");
}

function clip(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
