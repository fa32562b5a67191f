/** Slack's limits in one table, and the pure text tools that keep foreign text inside them and inert. */

/** Source: Slack's Block Kit and method references, except where a line says otherwise. */
export const LIMITS = {
  messageBlocks: 50,
  /** Not documented: chat.postMessage accepted 9,597 characters of block text and refused 11,341. */
  messageBlockText: 9_000,
  /** Longer texts are cut by Slack at 40,000, and chat.update answers msg_too_long near 4,000. */
  messageText: 4_000,
  viewBlocks: 100,
  viewBytes: 250_000,
  viewTitle: 24,
  privateMetadata: 3_000,
  sectionText: 3_000,
  headerText: 150,
  contextElements: 10,
  actionElements: 25,
  buttonText: 75,
  buttonValue: 2_000,
  buttonUrl: 3_000,
  accessibilityLabel: 75,
  optionText: 75,
  selectOptions: 100,
  placeholder: 150,
  inputLabel: 2_000,
  inputText: 3_000,
  blockId: 255,
} as const;

const FORMAT_CONTROLS = /(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/gu;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Text without control characters, direction overrides (they would turn the words that follow around) and
 * broken surrogates. Line ends become \n. Nothing visible is lost.
 */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(FORMAT_CONTROLS, "").replace(LONE_SURROGATE, "\uFFFD");
}

/**
 * Makes model and user text inert in mrkdwn: Slack reads mentions, `<!channel>` and links only inside < >.
 * Use it in text objects with `verbatim: true`, so that bare URLs and @names stay plain words too.
 */
export function escapeMrkdwn(text: string): string {
  return cleanText(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Closed with a full stop, unless it closes itself. */
export function sentence(text: string): string {
  return /[.?!…]$/.test(text) ? text : `${text}.`;
}

/** Cuts at `max` UTF-16 units, never inside a character, and says where the whole text is. */
export function clip(text: string, max: number, where = ""): string {
  if (text.length <= max) return text;
  const suffix = where === "" ? "…" : `… (${where})`;
  if (suffix.length >= max) return text.slice(0, safeCut(text, max));
  return text.slice(0, wordCut(text, safeCut(text, max - suffix.length))).trimEnd() + suffix;
}

/** Back to the end of the last whole word, when that is near. */
function wordCut(text: string, cut: number): number {
  const blank = text.lastIndexOf(" ", cut);
  return blank > cut - 20 && blank > 0 ? blank : cut;
}

/** Escaped and clipped; `max` counts the escaped characters, as Slack does. */
export function inert(text: string, max: number, where = ""): string {
  const escaped = escapeMrkdwn(text);
  if (escaped.length <= max) return escaped;
  const suffix = where === "" ? "…" : `… (${where})`;
  let cut = safeCut(escaped, max - suffix.length);
  const entity = escaped.lastIndexOf("&", cut - 1);
  if (entity >= 0 && cut - entity < 5 && !escaped.slice(entity, cut).includes(";")) cut = entity;
  return escaped.slice(0, wordCut(escaped, cut)).trimEnd() + suffix;
}

/** One line of foreign text, inert and clipped. */
export function inertLine(text: string, max: number, where = ""): string {
  return inert(oneLine(cleanText(text)), max, where);
}

/** Splits at line ends or blanks where it can, so that each piece has at most `max` units. Nothing is lost. */
export function pieces(text: string, max: number): string[] {
  const result: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const window = rest.slice(0, safeCut(rest, max));
    const breakAt = Math.max(window.lastIndexOf("\n"), window.lastIndexOf(" ")) + 1;
    const cut = breakAt > max / 2 ? breakAt : window.length;
    result.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  if (rest !== "" || result.length === 0) result.push(rest);
  return result;
}

/** As many of the lines, from the first on, as have `room` together. */
export function fitting(lines: readonly string[], room: number): string[] {
  let left = room;
  const beyond = lines.findIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  return beyond === -1 ? [...lines] : lines.slice(0, beyond);
}

/** The largest cut ≤ max that does not part a surrogate pair, a joined emoji or a letter from its accents. */
function safeCut(text: string, max: number): number {
  const joins = (at: number) => /[\u200D\uFE0F\u0300-\u036F\uDC00-\uDFFF]/.test(text.charAt(at));
  let cut = Math.max(0, max);
  const floor = Math.max(0, cut - 32);
  while (cut > floor && (joins(cut) || text.charAt(cut - 1) === "\u200D")) cut -= 1;
  if (cut > floor) return cut;
  // A run of joiners longer than any real character: part it, but never a surrogate pair.
  return /[\uDC00-\uDFFF]/.test(text.charAt(max)) ? Math.max(0, max - 1) : Math.max(0, max);
}

/** An http(s) link in mrkdwn; without a usable address only the label. The label must be inert already. */
export function link(url: string | null, label: string): string {
  if (url === null || url.length > 500 || !/^https?:\/\/[^\s<>|]+$/.test(url)) return label;
  return `<${url.replace(/&/g, "&amp;")}|${label.replace(/\|/g, "¦")}>`;
}

/** A mention, or the inert words when it is no user id. */
export function mention(userId: string): string {
  return /^[UW][A-Z0-9]+$/.test(userId) ? `<@${userId}>` : inertLine(userId, 80);
}

/** A moment in the reader's own time zone, with UTC for clients that cannot. */
export function moment(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return inertLine(iso, 40);
  const fallback = `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} at {time}|${fallback}>`;
}

/** With seconds, for what ends soon. */
export function timeOfDay(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return inertLine(iso, 40);
  const fallback = `${new Date(ms).toISOString().slice(11, 19)} UTC`;
  return `<!date^${Math.floor(ms / 1000)}^{time_secs}|${fallback}>`;
}

/** Its day alone, where a line has no room for more. */
export function day(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return inertLine(iso, 40);
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty}|${new Date(ms).toISOString().slice(0, 10)}>`;
}

/** The same moment for plain text: notifications, screen readers, modals' plain_text. */
export function plainMoment(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms)
    ? clip(oneLine(cleanText(iso)), 40)
    : `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/**
 * What a person typed in a slash command, as plain words: with `should_escape` Slack sends & < > as entities
 * and names as `<@U1|dana>`, `<#C1|general>`, `<https://x|x>`.
 */
export function typedText(text: string): string {
  return text
    .replace(/<@([A-Z0-9]+)(?:\|([^>]*))?>/g, (_, id: string, name?: string) => `@${name || id}`)
    .replace(/<#([A-Z0-9]+)(?:\|([^>]*))?>/g, (_, id: string, name?: string) => `#${name || id}`)
    .replace(/<!(?:subteam\^[A-Z0-9]+\|)?@?([^>|]*)(?:\|[^>]*)?>/g, (_, name: string) => `@${name}`)
    .replace(/<((?:https?|mailto):[^>|]*)(?:\|[^>]*)?>/g, (_, url: string) => url)
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}
