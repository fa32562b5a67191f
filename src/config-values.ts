/**
 * How the text of one environment variable becomes a value. Every rule takes trimmed, non-empty text and returns
 * the value or one sentence: what is wrong and the fix. The sentence follows the variable's name and never
 * repeats the text, which may be a secret. Rules that compare variables live in config.ts.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { createScrub } from "./scrub.ts";

export type Rule<T> = z.ZodType<T, string>;
type Read<T> = { value: T } | { problem: string };

const PLACEHOLDER =
  /(^|[-_/=:@.])x{4,}($|[-_/=:@.])|(^|[-_/:@.])your[-_ ]|your-?domain|change[-_ ]?me|replace[-_ ]?me|^<.*>$|\.\.\.$|…/i;

function rule<T>(read: (text: string) => Read<T>): Rule<T> {
  return z.string().transform((text, context) => {
    const result: Read<T> = PLACEHOLDER.test(text)
      ? { problem: "still holds the placeholder of an example file: fill in the real value" }
      : read(text);
    if ("value" in result) return result.value;
    context.addIssue({ code: "custom", message: result.problem });
    return z.NEVER;
  });
}

/** One word: a token, a key, a name. */
export const word = rule<string>((text) =>
  /\s/.test(text) ? { problem: "contains a space or line break: paste the value alone" } : { value: text },
);

/** Shorter ones can be guessed at the rate at which strangers may ask. */
const SHORTEST_HOOK_SECRET = 16;

/** Word that an outside system sends along, or signs with. */
export const hookSecret = rule<string>((value) => {
  if (/\s/.test(value)) return { problem: "contains a space or line break: paste the value alone" };
  return value.length < SHORTEST_HOOK_SECRET
    ? {
        problem: `is shorter than ${SHORTEST_HOOK_SECRET} characters: make one with \`openssl rand -hex 32\``,
      }
    : { value };
});

/** Any text. */
export const text = rule<string>((value) => ({ value }));

/** A Slack token of the kind that starts with `prefix`. */
export function slackToken(prefix: "xoxb-" | "xapp-" | "xoxe.xoxp-", where: string): Rule<string> {
  return rule<string>((value) =>
    value.startsWith(prefix) && !/\s/.test(value)
      ? { value }
      : { problem: `must start with ${prefix}: copy it from ${where}` },
  );
}

export const signingSecret = rule<string>((value) =>
  /^xox|^xapp-|\s/.test(value)
    ? { problem: 'is a token, not the signing secret: copy it from "Basic Information → App Credentials"' }
    : { value },
);

export const channelId = rule<string>((value) =>
  /^[CG][A-Z0-9_]{2,}$/.test(value)
    ? { value }
    : {
        problem:
          "must be a channel id (C… or G…), not a name: it stands at the foot of the channel's details",
      },
);

/** People and user groups, separated by commas. */
export const peopleIds = list((entry) =>
  /^[UWS][A-Z0-9_]{2,}$/.test(entry)
    ? null
    : `holds ${shown(entry)}, which is not a user id (U…, W…) or user-group id (S…): use "Copy member ID" in Slack`,
);

/** Addresses and ranges. */
export const addressRanges = list((entry) => {
  const [ip = "", bits, ...more] = entry.split("/");
  const widest = { 4: 32, 6: 128 }[isIP(ip)];
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (widest ?? 0));
  return widest !== undefined && isRange && more.length === 0
    ? null
    : `holds ${shown(entry)}, which is not an address or range: write it like 203.0.113.7 or 203.0.113.0/24`;
});

export const origins = list((entry) =>
  isOrigin(entry)
    ? null
    : `holds ${shown(entry)}, which is not an origin: write scheme and host alone, such as https://app.acme.com`,
);

function list(problemOf: (entry: string) => string | null): Rule<string[]> {
  return rule<string[]>((value) => {
    const entries = value.split(",").map((entry) => entry.trim());
    const filled = [...new Set(entries.filter((entry) => entry !== ""))];
    const problem = filled.map(problemOf).find((found) => found !== null);
    return problem === undefined ? { value: filled } : { problem };
  });
}

function isOrigin(entry: string): boolean {
  return URL.canParse(entry) && /^https?:$/.test(new URL(entry).protocol) && new URL(entry).origin === entry;
}

const TRUE = new Set(["true", "1", "yes", "on"]);
const FALSE = new Set(["false", "0", "no", "off"]);

export const flag = rule<boolean>((value) => {
  const lower = value.toLowerCase();
  if (TRUE.has(lower)) return { value: true };
  if (FALSE.has(lower)) return { value: false };
  return { problem: `is ${shown(value)}: write true or false` };
});

export function wholeNumber({ min, max }: { min: number; max: number }): Rule<number> {
  return rule((value) => numberWithin(value, /^\d+$/, { min, max, kind: "a whole number" }));
}

export function decimal({ min, max }: { min: number; max: number }): Rule<number> {
  return rule((value) => numberWithin(value, /^\d+(\.\d+)?$/, { min, max, kind: "a number" }));
}

function numberWithin(
  value: string,
  form: RegExp,
  { min, max, kind }: { min: number; max: number; kind: string },
): Read<number> {
  const number = Number(value);
  if (form.test(value) && number >= min && number <= max) return { value: number };
  return { problem: `is ${shown(value)}: write ${kind} from ${min} to ${max}` };
}

/** One of a few words, in any case; `toCase` is how the bot spells them. */
export function oneOf<const T extends string>(choices: readonly T[], toCase: "upper" | "lower"): Rule<T> {
  return rule<T>((value) => {
    const spelled = toCase === "upper" ? value.toUpperCase() : value.toLowerCase();
    const choice = choices.find((candidate) => candidate === spelled);
    if (choice !== undefined) return { value: choice };
    return { problem: `is ${shown(value)}: write one of ${choices.join(", ")}` };
  });
}

/** Free apart from words that mean production but would not be treated as it. */
export const environment = rule<string>((value) => {
  const name = value.toLowerCase();
  if (/^(prod|prd|live)/.test(name) && name !== "production") {
    return { problem: `is ${shown(value)}: write production` };
  }
  return /^[a-z0-9][a-z0-9_-]*$/.test(name)
    ? { value: name }
    : { problem: `is ${shown(value)}: write one word, such as development or production` };
});

export const timezone = rule<string>((value) =>
  isTimezone(value)
    ? { value }
    : { problem: `is ${shown(value)}: write an IANA time zone, such as Europe/Berlin or UTC` },
);

function isTimezone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false; // RangeError is the only way Intl says no.
  }
}

/** An http(s) address, without a slash at the end. */
export const address = rule<string>((value) => {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    return { problem: "is not a complete address: write it with https://" };
  }
  const url = new URL(value);
  if (url.username || url.password) return { problem: "carries a user name or password: leave them out" };
  return { value: value.replace(/\/+$/, "") };
});

/** An http(s) address in which a key may stand (Sentry, uptime monitors). */
export const secretAddress = rule<string>((value) =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    ? { value }
    : { problem: "is not a complete address: write it with https://" },
);

export const headerName = rule<string>((value) =>
  /^[A-Za-z0-9-]+$/.test(value)
    ? { value }
    : { problem: `is ${shown(value)}: write a header name, such as X-API-Key` },
);

/**
 * The engine holds session-level advisory locks and LISTENs, which a transaction-mode pooler (PgBouncer, Neon's
 * -pooler host, Supabase's port 6543) hands to somebody else after every statement.
 */
export const postgresAddress = rule<string>((value) => {
  if (!/^postgres(ql)?:\/\//.test(value)) return { problem: "must start with postgresql://" };
  if (!URL.canParse(value) || !isDecodable(value)) {
    return { problem: "cannot be read: percent-encode special characters in the user name and password" };
  }
  const url = new URL(value);
  const isPooler =
    url.port === "6543" || url.searchParams.get("pgbouncer") === "true" || /-pooler\./.test(url.hostname);
  return isPooler
    ? { problem: "points at a connection pooler, which breaks session locks: use the direct connection" }
    : { value };
});

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false; // URIError is the only way decodeURIComponent says no.
  }
}

/** A Notion database as 32 hex digits, a dashed id or the link to it → dashed lower-case id. */
export const notionDatabase = rule<string>((value) => {
  if (/^collection:\/\//i.test(value)) {
    return { problem: 'is a data source id: open the database as a full page and use "Copy link"' };
  }
  const isLink = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
  // What follows `?v=` is the id of a view, never of the database.
  const path = isLink ? new URL(value).pathname.replace(/\/+$/, "") : (value.split(/[?#]/)[0] ?? "");
  const last = path.split("/").at(-1) ?? "";
  const found = (isLink ? /(?:^|-)([0-9a-f]{32})$/i : /^([0-9a-f]{32})$/i).exec(withoutUuidDashes(last))?.[1];
  if (found === undefined) {
    return {
      problem: isLink
        ? "is a link without a database id: open the database as a full page and copy its link"
        : "is not a database id: write the 32 hex digits or the link to the database",
    };
  }
  return { value: dashed(found.toLowerCase()) };
});

function withoutUuidDashes(segment: string): string {
  return segment.replace(
    /([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i,
    "$1$2$3$4$5",
  );
}

function dashed(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const DIVISORS_OF_60 = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60];
const POLL_INTERVALS = [...new Set([...DIVISORS_OF_60, ...DIVISORS_OF_60.map((minutes) => minutes * 60)])];

/** Seconds between polls, with the cron expression (seconds first) that fires at that pace on every replica. */
export const pollInterval = rule<{ intervalSeconds: number; cron: string }>((value) => {
  const seconds = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (POLL_INTERVALS.includes(seconds)) {
    return { value: { intervalSeconds: seconds, cron: pollCron(seconds) } };
  }
  if (Number.isNaN(seconds)) return { problem: `is ${shown(value)}: write whole seconds, such as 120` };
  const below = POLL_INTERVALS.findLast((allowed) => allowed < seconds);
  const above = POLL_INTERVALS.find((allowed) => allowed > seconds);
  const nearest = [below, above].filter((allowed) => allowed !== undefined).join(" or ");
  return {
    problem: `is ${seconds}, which no cron expression can keep: write a divisor of 60 or whole minutes dividing 60, nearest ${nearest}`,
  };
});

function pollCron(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? "* * * * * *" : `*/${seconds} * * * * *`;
  const minutes = seconds / 60;
  if (minutes === 60) return "0 0 * * * *";
  return minutes === 1 ? "0 * * * * *" : `0 */${minutes} * * * *`;
}

/** Lowest and highest number of each cron field: minute, hour, day, month, weekday (0 and 7 are Sunday). */
const CRON_BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** Five cron fields, or `off` for never. */
export const cron = rule<string | null>((value) => {
  if (value.toLowerCase() === "off") return { value: null };
  const fields = value.split(/\s+/);
  const isCron =
    fields.length === CRON_BOUNDS.length &&
    CRON_BOUNDS.every((bounds, index) => isCronField(fields[index] ?? "", bounds));
  return isCron
    ? { value: fields.join(" ") }
    : { problem: `is ${shown(value)}: write five cron fields in numbers, such as 0 8 * * 1-5, or off` };
});

/** Two times of the day, over midnight or not, or `off`. */
export const dailyWindow = rule<{ from: string; to: string } | null>((value) => {
  if (value.toLowerCase() === "off") return { value: null };
  const [, from = "", to = ""] = /^(\d\d?:\d\d)\s*[-–]\s*(\d\d?:\d\d)$/.exec(value) ?? [];
  const times = [from, to].map((time) => time.padStart(5, "0"));
  const isWindow = times.every((time) => /^([01]\d|2[0-3]):[0-5]\d$/.test(time)) && times[0] !== times[1];
  const [start = "", end = ""] = times;
  return isWindow
    ? { value: { from: start, to: end } }
    : { problem: `is ${shown(value)}: write two times, such as 22:00-07:00, or off` };
});

/** Days and two times of the day, or `off`. */
export function daysAndTimes<T>(read: (text: string) => T | null): Rule<T | null> {
  return rule<T | null>((value) => {
    if (value.toLowerCase() === "off") return { value: null };
    const hours = read(value);
    return hours === null
      ? { problem: `is ${shown(value)}: write days and times, such as Mon-Fri 09:00-18:00, or off` }
      : { value: hours };
  });
}

const MOST_SPANS = 5;
const LONGEST_SPAN_DAYS = 3_650;

/** Numbers of days with commas, shortest first; empty = off. */
export const daySpans = rule<number[]>((value) => {
  if (value.toLowerCase() === "off") return { value: [] };
  const entries = value.split(",").map((entry) => entry.trim());
  const days = [...new Set(entries.map(Number))].toSorted((a, b) => a - b);
  const isDays = entries.every((entry) => /^[1-9]\d{0,3}$/.test(entry) && Number(entry) <= LONGEST_SPAN_DAYS);
  return isDays && days.length <= MOST_SPANS
    ? { value: days }
    : {
        problem: `is ${shown(value)}: write up to ${MOST_SPANS} numbers of days, such as 30,90, or off`,
      };
});

function isCronField(field: string, [min, max]: readonly [number, number]): boolean {
  return field.split(",").every((part) => {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (!match) return false;
    const from = Number(match[1] ?? min);
    const to = Number(match[2] ?? match[1] ?? max);
    return from >= min && to <= max && from <= to && match[3] !== "0" && match[3] !== "00";
  });
}

const withoutTokens = createScrub([]);
/** No word of a configuration is that long and has digits in it. */
const LONG_KEY = /(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{24,}/i;

/** A value that is no secret, short enough for one line of an error. People paste tokens into the wrong line. */
export function shown(value: string): string {
  const start = value.slice(0, 200);
  if (withoutTokens(start) !== start || LONG_KEY.test(start)) return "something that looks like a secret";
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/** A model name, checked against what is retired. */
export function modelName(problemOf: (model: string) => string | null): Rule<string> {
  return rule<string>((value) => {
    const problem = problemOf(value);
    return problem === null ? { value } : { problem: `cannot be used: ${problem}` };
  });
}
