/**
 * What the stand-in understands of a prompt: the fenced item, its decision and the advice given so far. Reads words
 * and numbers only; nothing in an item can change what the stand-in does. Owns no wording of answers.
 */
import { createHash } from "node:crypto";

export interface Money {
  currency: string;
  amount: number;
  /** " per month", " per year" or "". */
  per: string;
}

export interface ReadOption {
  id: string;
  title: string;
  summary: string;
}

export interface ReadAdvice {
  adviser: string;
  recommends: string;
  veto: { option: string; reason: string } | null;
}

export interface Reading {
  title: string;
  /** Title and text of the item. */
  text: string;
  /** The question as it was put, whole; null where none was. */
  asked: string | null;
  /** "enter Germany": what would be done, without its time. */
  act: string;
  /** The alternative of "… or …", else null. */
  otherAct: string | null;
  /** "next year", or "". */
  when: string;
  /** The largest sum that it may cost. */
  money: Money | null;
  /** The largest sum of all, what it brings included. */
  stake: Money | null;
  impact: number | null;
  risk: string | null;
  options: ReadOption[];
  advice: ReadAdvice[];
  /** Picks among wordings; the same item always gets the same. */
  seed: number;
}

export function readPrompt(prompt: string): Reading {
  const material = fencedText(prompt);
  // The last one: an item may quote such a line itself.
  const cut = material.lastIndexOf("\nSorted as: ");
  const item = cut < 0 ? material : material.slice(0, cut);
  const decision = cut < 0 ? "" : material.slice(cut);
  const title = unfenced(/^Title: (.*)$/m.exec(item)?.[1] ?? item.split("\n")[0] ?? "");
  const body = unfenced(/(?:^|\n)Text:\n?([\s\S]*)$/.exec(item)?.[1] ?? item.replace(/^Title: .*$/m, ""));
  const text = plain(`${title}\n${body}`);
  const sorted = /Risk: (\w+), impact: (\d+) of 10/.exec(decision);
  const { options, advice } = readDecision(decision);
  return {
    title: title || "this item",
    text,
    asked: readQuestion(title) ?? readQuestion(body),
    ...readAct(plain(title), plain(body)),
    ...readMoney(text),
    impact: sorted ? Number(sorted[2]) : null,
    risk: sorted?.[1] ?? null,
    options,
    advice,
    seed: numberFrom(text),
  };
}

/** The longest block between <tag> and </tag>, tag being a word and a hex number; the whole prompt without one. */
function fencedText(prompt: string): string {
  const blocks = [...prompt.matchAll(/<([a-z]+-[0-9a-f]{8,})>\n([\s\S]*?)\n<\/\1>/g)].map((m) => m[2] ?? "");
  return blocks.toSorted((a, b) => b.length - a.length)[0] ?? prompt;
}

/** As it was written, markup included, because making it harmless is the bot's part; only fences are left out. */
function unfenced(text: string): string {
  return text
    .replace(/<\/?[a-z]+-[0-9a-f]{8,}>|\[removed\]/g, " ")
    .replace(/[ \t]+/g, " ")
    .trim();
}

/** To be read: without what Slack would make of it, such as mentions, links and emphasis. */
function plain(text: string): string {
  return text
    .replace(/<(?:[!@#]|https?:|mailto:)[^>\n]*>/g, " ")
    .replace(/(?<![\p{L}\p{N}])([*_~`]+)(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu, "$2")
    .replace(/[ \t]+/g, " ")
    .trim();
}

export function numberFrom(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}

function readDecision(decision: string): Pick<Reading, "options" | "advice"> {
  const start = decision.search(/\n\nAdvice of /);
  const framed = start < 0 ? decision : decision.slice(0, start);
  const options = [...framed.matchAll(/\n\nOption ([A-D]): (.*)\n?([\s\S]*?)(?=\n\nOption [A-D]: |$)/g)].map(
    (m) => ({ id: m[1] ?? "A", title: (m[2] ?? "").trim(), summary: (m[3] ?? "").trim() }),
  );
  const blocks = start < 0 ? [] : decision.slice(start).split(/\n\n(?=Advice of )/);
  const advice = blocks.flatMap((block) => {
    const head = /^Advice of (.+), who recommends option ([A-D])/.exec(block);
    if (!head) return [];
    const veto = /\nVetoes option ([A-D]): (.*)/.exec(block);
    return [
      {
        adviser: head[1] ?? "",
        recommends: head[2] ?? "A",
        veto: veto ? { option: veto[1] ?? "A", reason: veto[2] ?? "" } : null,
      },
    ];
  });
  return { options, advice };
}

// --- What would be done -----------------------------------------------------------------------------------

const ACT_PATTERNS = [
  /\bshould (?:we|i|the team|the company|the board)\s+(?:now\s+|really\s+|also\s+)?([^?.!;\n]+)/i,
  /\bwhether (?:or not )?(?:to|we should|we)\s+([^?.!;\n]+)/i,
  /\b(?:shall|could|can|do) we (?:want to\s+)?([^?.!;\n]+)\?/i,
  /\b(?:decide|decision|proposal|propose|time|offer|plan) to\s+([^?.!;\n]+)/i,
];

const VERBS =
  "expand enter open launch hire recruit raise lower cut change switch migrate move replace buy acquire merge sell build start stop close drop sunset adopt introduce invest borrow outsource rent lease renew extend keep leave stay go partner sign join offer allow make double reduce increase use let wait do consolidate split rebrand franchise license pilot try fund sponsor support ban lay shut fire wind".split(
    " ",
  );

const WHEN =
  /\s+((?:early |late )?(?:next|this) (?:year|quarter|month|week|spring|summer|autumn|fall|winter)|(?:in|by|before|from|until) (?:Q[1-4](?: \d{4})?|\d{4}|(?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?|the (?:end of the )?(?:year|quarter|summer|winter))|now|right now|soon|immediately)$/i;

const ACT_CHARS = 64;
/** How an act begins that could not be read as a phrase and is quoted. */
const QUOTING = "go ahead with ";

export function isQuoted({ act }: Pick<Reading, "act">): boolean {
  return act.startsWith(`${QUOTING}“`);
}

function readAct(title: string, body: string): Pick<Reading, "act" | "otherAct" | "when"> {
  const found = phraseIn(title) ?? phraseIn(body);
  if (!found) {
    const quoted = `“${clip(title.replace(/[?.!]+$/, "") || "this item", 48)}”`;
    return { act: `${QUOTING}${quoted}`, otherAct: null, when: "" };
  }
  const [first = found, second] = found.split(new RegExp(`,? or (?=(?:${VERBS.join("|")})\\b)`, "i"));
  const one = untimed(first);
  const two = second === undefined ? null : untimed(second);
  return {
    act: lowerFirst(one.phrase),
    otherAct: two ? lowerFirst(two.phrase) : null,
    when: one.when || two?.when || "",
  };
}

const QUESTION_CHARS = 400;

/** Stands after the question mark and still belongs to the question: "?!", "? 🎉". */
const AFTERWORD =
  /\?[?!]*(?:\s*[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{M}\p{Cf}])*/u;

/** From the head of its sentence to the question mark. A point inside a number or a name ends nothing. */
function readQuestion(text: string): string | null {
  const line = text.split("\n").find((one) => one.includes("?"));
  const end = AFTERWORD.exec(line ?? "");
  const whole = end ? end.input.slice(0, end.index + end[0].length).trim() : "";
  const asked = whole.split(/(?<=[a-z)]{2}[.!]|[:;])\s+(?=[A-Z])/).at(-1) ?? whole;
  return asked.length > 8 && asked.length <= QUESTION_CHARS ? upperFirst(asked) : null;
}

function phraseIn(text: string): string | null {
  for (const pattern of ACT_PATTERNS) {
    const match = pattern.exec(text)?.[1];
    if (match && match.trim().length > 3) return cleaned(match);
  }
  const firstLine = (text.split("\n")[0] ?? "").replace(/^[^:\n]{1,24}: /, "");
  const verb = firstLine.split(" ")[0]?.toLowerCase() ?? "";
  return VERBS.includes(verb) && firstLine.includes(" ") ? cleaned(firstLine.replace(/[?.!].*$/, "")) : null;
}

/** Can be left out where there is no room for it. */
const CLAUSE = /(?<=.{20})\s+(?:before|after|until|unless|while|instead of|rather than)\s(?:(?!,? or ).)*/i;

/** Reasons and side remarks off, so that the phrase can stand in a heading. */
function cleaned(phrase: string): string {
  const [main = phrase] = phrase.split(
    /,? (?:because|since|given|so that|which|although|even though|if|as we|when)\b|\s[–—-]\s|:|\s\(|, (?!or )/i,
  );
  const plain = main.replace(/["“”]/g, "").trim();
  return clip(plain.length > ACT_CHARS ? plain.replace(CLAUSE, "") : plain, ACT_CHARS);
}

function untimed(phrase: string): { phrase: string; when: string } {
  const match = WHEN.exec(phrase);
  if (!match) return { phrase: phrase.trim(), when: "" };
  return { phrase: phrase.slice(0, match.index).trim(), when: match[1] ?? "" };
}

/** A text that was cut does not end on these. */
const DANGLING =
  /(?:\s+(?:a|an|the|our|their|its|and|or|for|to|of|in|on|at|by|from|with|before|after|next|than))+$/i;

export function clip(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const head = text.slice(0, chars - 1);
  const words = head.slice(0, Math.max(head.lastIndexOf(" "), chars / 2)).trimEnd();
  return `${words.replace(DANGLING, "")}…`;
}

export function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// --- Money ------------------------------------------------------------------------------------------------

const MONEY =
  /(?:(?:(€|\$|£|EUR|USD|GBP|CHF)\s?(\d[\d.,]*)(?:\s?(k|thousand|m|mn|million|bn|billion)\b)?)|(?:(\d[\d.,]*)\s?(k|thousand|m|mn|million|bn|billion)?\s?(€|\$|£|EUR|USD|GBP|CHF|euros?|dollars?)))(?:\s?(?:\/|per|a|each)\s?(month|year))?/gi;

const CURRENCY: Record<string, string> = {
  eur: "€",
  euro: "€",
  euros: "€",
  usd: "$",
  dollar: "$",
  dollars: "$",
  gbp: "£",
  chf: "CHF ",
};

/** What stands before a sum that comes in, in the same sentence. */
const COMES_IN = /\b(?:brings?|earns?|saves?|saving|gains?|wins?|revenue|profit)\b[^.?!]{0,24}$/i;

function readMoney(text: string): Pick<Reading, "money" | "stake"> {
  const found = [...text.matchAll(MONEY)].map((m) => {
    const symbol = m[1] ?? m[6] ?? "€";
    return {
      currency: CURRENCY[symbol.toLowerCase()] ?? symbol,
      amount: inCents(plainNumber(m[2] ?? m[4] ?? "0") * factorOf(m[3] ?? m[5])),
      per: m[7] ? ` per ${m[7].toLowerCase()}` : "",
      comesIn: COMES_IN.test(text.slice(0, m.index)),
    };
  });
  const sums = found.length > 0 ? found : bareSums(text);
  return { money: largest(sums.filter(({ comesIn }) => !comesIn)), stake: largest(sums) };
}

function largest(sums: (Money & { comesIn: boolean })[]): Money | null {
  const first = sums.toSorted((a, b) => b.amount - a.amount)[0];
  if (!first || first.amount <= 0) return null;
  const { currency, amount, per } = first;
  return { currency, amount, per };
}

/** "for 180k", "a budget of 5000": a sum that names no currency, and no year and no number of things. */
const BARE_SUM =
  /\b(?:for|cost(?:s|ing)?|pay(?:ing)?|spend(?:ing)?|budget(?: of|:)?|price of|salary of|worth)(?: (?:about|around|up to|only|at most))? (?!(?:19|20)\d\d\b(?![.,]\d))(?:(\d[\d.,]*)\s?(k|thousand|m|mn|million)\b|(\d{1,3}(?:[.,]\d{3})+|\d{3,})(?=\s*(?:$|[?.!;:)\n]|,\s|(?:a|per) (?:month|year)\b|(?:in|before|by|next|this|from|and|or|to|as)\b)))(?:\s?(?:\/|per|a|each)\s?(month|year))?/gi;

function bareSums(text: string): (Money & { comesIn: boolean })[] {
  return [...text.matchAll(BARE_SUM)].map((m) => ({
    currency: "",
    amount: inCents(plainNumber(m[1] ?? m[3] ?? "0") * factorOf(m[2])),
    per: m[4] ? ` per ${m[4].toLowerCase()}` : "",
    comesIn: false,
  }));
}

/** 120,000 and 120.000 are a hundred and twenty thousand; 1.5 and 1,5 are one and a half. */
function plainNumber(digits: string): number {
  const trimmed = digits.replace(/[.,]+$/, "");
  return Number(
    /[.,]\d{1,2}$/.test(trimmed)
      ? trimmed.replace(/[.,](?=\d{3})/g, "").replace(",", ".")
      : trimmed.replace(/[.,]/g, ""),
  );
}

/** 2.3 times a million is not whole in binary. */
function inCents(amount: number): number {
  return Math.round(amount * 100) / 100;
}

function factorOf(word: string | undefined): number {
  const first = word?.charAt(0).toLowerCase();
  return first === "k" || first === "t" ? 1e3 : first === "m" ? 1e6 : first === "b" ? 1e9 : 1;
}

/** A part of a sum is an estimate, rounded to what a person would say: €118,000 and not €117,600. */
export function share(money: Money, part: number): Money {
  const size = money.amount * part;
  return { ...money, amount: Number(size.toPrecision(Math.abs(size) >= 1e5 ? 3 : 2)) };
}

/** To the cent, as it was written: €77,777, $1.4M. */
export function say(money: Money): string {
  const sign = money.amount < 0 ? "−" : "";
  const size = Math.abs(money.amount);
  const isRound = size >= 1e6 && size % 1e4 === 0;
  const digits = isRound ? `${size / 1e6}M` : size.toLocaleString("en-US", { maximumFractionDigits: 2 });
  return `${sign}${money.currency}${digits}${money.per}`;
}
