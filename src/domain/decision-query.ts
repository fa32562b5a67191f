/** What people write to name a decision: an id or its beginning, a link to Notion or to the card, words of the title. */

export type DecisionQuery =
  /** 32 lower-case hex digits: of the Action Pipe, the intent or the inbox item. */
  | { kind: "id"; hex: string }
  /** The beginning of an id, or words, whichever is found. */
  | { kind: "prefix"; hex: string; words: string[] }
  /** The card, or an answer in its thread. */
  | { kind: "message"; channel: string; ts: string }
  | { kind: "words"; words: string[] };

const HEX = /^[0-9a-f]+$/;
/** Shorter ones are words. */
const LEAST_PREFIX = 6;
const MOST_WORDS = 12;

/** Null when there is nothing to look for. */
export function readDecisionQuery(text: string): DecisionQuery | null {
  const typed = text.trim();
  if (typed === "") return null;
  const link = URL.canParse(typed) && /^https?:$/.test(new URL(typed).protocol) ? new URL(typed) : null;
  const linked = link && (messageIn(link) ?? pageIn(link));
  if (linked) return linked;
  const bare = typed.toLowerCase().replaceAll("-", "");
  if (HEX.test(bare) && bare.length === 32) return { kind: "id", hex: bare };
  const words = [...new Set(typed.toLowerCase().split(/\s+/))].slice(0, MOST_WORDS);
  if (HEX.test(bare) && bare.length >= LEAST_PREFIX && bare.length < 32 && words.length === 1) {
    return { kind: "prefix", hex: bare, words };
  }
  return { kind: "words", words };
}

/** https://acme.slack.com/archives/C0123/p1700000000123456; in a thread the first message is in `thread_ts`. */
function messageIn({ pathname, searchParams }: URL): DecisionQuery | null {
  const [, channel = "", seconds = "", micros = ""] =
    /\/archives\/([CDG][A-Z0-9]+)\/p(\d{10})(\d{6})\/?$/.exec(pathname) ?? [];
  if (channel === "") return null;
  return { kind: "message", channel, ts: searchParams.get("thread_ts") ?? `${seconds}.${micros}` };
}

/** The id ends the path, after the title; what follows `?v=` is a view. */
function pageIn({ pathname, searchParams }: URL): DecisionQuery | null {
  // A page opened beside its database is in `p`.
  for (const text of [searchParams.get("p") ?? "", pathname]) {
    const last =
      text
        .toLowerCase()
        .split("/")
        .findLast((part) => part !== "") ?? "";
    const [, hex] = /([0-9a-f]{32})$/.exec(last.replaceAll("-", "")) ?? [];
    if (hex !== undefined) return { kind: "id", hex };
  }
  return null;
}
