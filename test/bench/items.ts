/** Inbox items by the thousand, no two alike, and what became of them. */
import type { NotionRow } from "../../src/sandbox/stand-ins.ts";
import type { World } from "../../src/sandbox/world.ts";
import { cell } from "../flows/bot.ts";

export type Kind = "dialectic" | "ordinary" | "task" | "reference";

export interface Item {
  id: string;
  kind: Kind;
  title: string;
}

const KINDS: readonly Kind[] = ["dialectic", "ordinary", "task", "reference"];
const HEADS = [
  "Ber",
  "Cal",
  "Dor",
  "Fel",
  "Gar",
  "Hol",
  "Jas",
  "Kil",
  "Lun",
  "Mor",
  "Nev",
  "Pol",
  "Rav",
  "Sed",
];
const MIDDLES = ["a", "e", "i", "o", "u", "an", "el", "is", "or", "um"];
const TAILS = ["dia", "land", "mark", "quay", "stan", "ton", "via", "wick", "zor", "burg"];

/** One of 1,400 words that differ by more than a letter. */
function word(nth: number): string {
  const pick = (list: readonly string[], at: number) => list[at % list.length] ?? "";
  const tail = Math.floor(nth / HEADS.length);
  const middle = Math.floor(tail / TAILS.length);
  return pick(HEADS, nth) + pick(MIDDLES, middle) + pick(TAILS, tail);
}

const TEXTS: Record<Kind, (name: string) => { title: string; content: string }> = {
  dialectic: (name) => ({
    title: `Should we expand to ${name}?`,
    content: `Expanding to ${name} would cost 3 million euros and changes the whole company.`,
  }),
  ordinary: (name) => ({
    title: `Should we move the weekly meeting of ${name} to Tuesdays?`,
    content: `Whether to move the weekly meeting of ${name}.`,
  }),
  task: (name) => ({
    title: `Renew the TLS certificate of ${name.toLowerCase()}.example`,
    content: "It runs out in two weeks.",
  }),
  reference: (name) => ({
    title: `Met Anna ${name} of ${name} GmbH`,
    content: `Met Anna ${name} of ${name} GmbH at the fair; worth knowing.`,
  }),
};

/** As if somebody had typed it into the inbox in Notion. */
export function put(world: World, kind: Kind, text: { title: string; content: string }): Item {
  const values = { Input_Title: text.title, Content: text.content, Status: "Unprocessed" };
  const row = world.notion.create({
    user: world.notion.users[0]?.id ?? "",
    database: "System Inbox",
    values,
  });
  return { id: row.id, kind, title: text.title };
}

/** So many in turn: a dialectic, an ordinary decision, a task, a reference; or only of the kinds given. */
export function putMany(world: World, count: number, { from = 0, kinds = KINDS } = {}): Item[] {
  return Array.from({ length: count }, (_, index) => {
    const nth = from + index;
    const kind = kinds[nth % kinds.length] ?? "task";
    return put(world, kind, TEXTS[kind](word(nth)));
  });
}

export const isStrategic = ({ kind }: Item) => kind === "dialectic" || kind === "ordinary";

/** How many are where they belong, and the strategic ones' card is linked. */
export function countDone(world: World, items: readonly Item[]): number {
  const wanted = new Set(items.map((item) => item.id));
  const triaged = world.notion
    .rows("System Inbox")
    .filter((row) => wanted.has(row.id) && cell(row, "Status").startsWith("Triaged"));
  const unlinked = world.notion
    .rows("Action Pipes")
    .filter((row) => cell(row, "Slack_Message") === "").length;
  return triaged.length - Math.min(triaged.length, unlinked);
}

/** Records that are missing or there twice, one sentence each. */
export function doubles(world: World, items: readonly Item[]): string[] {
  const titles = (database: string, property: string) =>
    counted(world.notion.rows(database).map((row: NotionRow) => cell(row, property)));
  const intents = titles("Executive Intents", "Name");
  const pipes = titles("Action Pipes", "Action_Title");
  const tasks = titles("Tasks", "Name");
  const wrong = (what: string, counts: Map<string, number>, { title }: Item) => {
    const count = counts.get(title) ?? 0;
    return count === 1 ? [] : [`${what} of ${title}: ${count}`];
  };
  return items.flatMap((item) => {
    if (isStrategic(item)) return [...wrong("intents", intents, item), ...wrong("pipes", pipes, item)];
    return item.kind === "task" ? wrong("tasks", tasks, item) : [];
  });
}

function counted(values: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
