/** What people said in Slack, as plain words: whole, with names in the place of ids. Pure. */
import { z } from "zod";
import { cleanText, clip } from "./limits.ts";

const optionalText = z.string().nullish().catch(null);

/** A message as interactions, events and the Web API give it; what is missing or odd counts as absent. */
const SpokenMessage = z.object({
  ts: z.string(),
  thread_ts: optionalText,
  user: optionalText,
  bot_id: optionalText,
  username: optionalText,
  bot_profile: z.object({ name: optionalText }).nullish().catch(null),
  text: optionalText,
  attachments: z
    .array(
      z.object({ pretext: optionalText, title: optionalText, text: optionalText, fallback: optionalText }),
    )
    .nullish()
    .catch(null),
  files: z
    .array(z.object({ title: optionalText, name: optionalText, permalink: optionalText }))
    .nullish()
    .catch(null),
});
export type SpokenMessage = z.infer<typeof SpokenMessage>;

/** null for what is no message. */
export function readMessage(value: unknown): SpokenMessage | null {
  return SpokenMessage.safeParse(value).data ?? null;
}

/** In Slack's notation: the text, what is quoted under it, and what hangs on it. */
export function rawWords({ text, attachments, files }: SpokenMessage): string {
  const quoted = (attachments ?? []).map((one) => {
    const words = [one.pretext, one.title, one.text].filter(Boolean).join("\n");
    return words === "" ? (one.fallback ?? "") : words;
  });
  const attached = (files ?? []).map(
    ({ title, name, permalink }) =>
      `Attached: ${title || name || "a file"}${permalink ? ` ${permalink}` : ""}`,
  );
  return [text ?? "", ...quoted, ...attached].filter((part) => part.trim() !== "").join("\n");
}

/** What ids are called. */
export interface Names {
  users: ReadonlyMap<string, string>;
  channels: ReadonlyMap<string, string>;
}

/** Ids that words in Slack's notation name, each once, in order. */
export function namedIn(words: string): { users: string[]; channels: string[] } {
  const ids = (pattern: RegExp) => [...new Set([...words.matchAll(pattern)].map(([, id = ""]) => id))];
  return { users: ids(/<@([UW][A-Z0-9]+)/g), channels: ids(/<#([CGD][A-Z0-9]+)(?:\|)?>/g) };
}

/** Slack's notation as a person reads it. An id without a name stays as it is. */
export function spokenText(words: string, names: Names): string {
  const plain = words.replace(/<([^<>\n]+)>/g, (_, inside: string) => spoken(inside, names));
  return cleanText(plain.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&")).trim();
}

function spoken(inside: string, { users, channels }: Names): string {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : inside.slice(bar + 1);
  const id = target.slice(1);
  if (target.startsWith("@")) return `@${users.get(id) ?? (label || id)}`;
  if (target.startsWith("#")) return `#${label || (channels.get(id) ?? id)}`;
  if (target.startsWith("!date^")) return label || target;
  if (target.startsWith("!")) return label || `@${id.split("^", 1)[0]}`;
  const address = target.replace(/^mailto:/, "");
  return label === "" || label === address || label === target ? address : `${label} (${address})`;
}

const TITLE_UNITS = 120;

/** The first line that says something. */
export function titleOf(text: string): string {
  const first = text.split("\n").find((line) => line.trim() !== "") ?? "";
  return clip(first.trim(), TITLE_UNITS);
}

/** More than a call like "this one, please": a question, or a sentence. */
export function isOwnMatter(words: string): boolean {
  return words.includes("?") || words.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length >= 4;
}

/** Somebody's words in a transcript. */
export interface Line {
  speaker: string;
  words: string;
}

export interface Transcript {
  lines: Line[];
  /** Words that came with the mention; "" = none. */
  question: string;
  place: string;
  /** There is more than was read. */
  isCut: boolean;
}

/** What the advisers read of a thread: the question first, then everything that was said. */
export function transcriptText({ lines, question, place, isCut }: Transcript): string {
  // Indented, so that no line of a message passes for somebody else's.
  const indented = (words: string) => words.replace(/\n/g, "\n  ");
  const said = lines.map(({ speaker, words }) => `${speaker}: ${indented(words)}`).join("\n\n");
  const count = lines.length === 1 ? "1 message" : `${lines.length} messages`;
  const more = isCut ? ", the first of a longer thread" : "";
  const head = `Thread in ${place} (${count}${more}):`;
  return [question, lines.length === 0 ? "" : `${head}\n\n${said}`]
    .filter((part) => part !== "")
    .join("\n\n");
}
