/**
 * Service levels: what the bot promises, how far the promise was kept, and how fast the margin for failure is used up.
 * Pure sums over buckets of five minutes; where nothing happened there is no number, never 100 %.
 */
import { HOUR_MS, MINUTE_MS } from "./calendar.ts";

export const OBJECTIVE_KEYS = [
  "click-acknowledged",
  "item-to-card",
  "poll-on-time",
  "decision-recorded",
  "availability",
] as const;
export type ObjectiveKey = (typeof OBJECTIVE_KEYS)[number];

export interface Objective {
  key: ObjectiveKey;
  title: string;
  /** Completes "counts as good …". */
  promise: string;
  /** From 0 to 1: this share has to be good. */
  target: number;
  /** What is counted, in the plural. */
  unit: "clicks" | "items" | "decisions" | "minutes";
  /** What one that is not good is called. */
  missed: "late" | "late or failed" | "down";
}

export interface Tally {
  good: number;
  total: number;
}

export interface Bucket extends Tally {
  /** Unix milliseconds, a multiple of BUCKET_MS. */
  start: number;
}

export const BUCKET_MS = 5 * MINUTE_MS;
/** Four whole weeks: every weekday counts four times. */
export const WINDOW_DAYS = 28;

export const CLICK_LIMIT_MS = 3_000;
export const RECORD_LIMIT_MS = MINUTE_MS;
const CARD_LIMIT_MS = 5 * MINUTE_MS;
/** What an analysis may take after the poll that finds the item. */
const ANALYSIS_MS = 3 * MINUTE_MS;
/** A poll needs a moment itself. */
const POLL_GRACE_MS = MINUTE_MS;

/** Five minutes; longer when the bot is told to look less often than that allows. */
export function cardLimitMs(pollIntervalSeconds: number): number {
  return Math.max(CARD_LIMIT_MS, pollIntervalSeconds * 1_000 + ANALYSIS_MS);
}

/** How old the last good poll may be. */
export function pollLimitMs(pollIntervalSeconds: number): number {
  return pollIntervalSeconds * 1_000 + POLL_GRACE_MS;
}

export function objectives({ pollIntervalSeconds }: { pollIntervalSeconds: number }): Objective[] {
  const minutes = (ms: number) => `${Math.round(ms / MINUTE_MS)} min`;
  return [
    {
      key: "click-acknowledged",
      title: "Click or command acknowledged",
      promise: `within ${CLICK_LIMIT_MS / 1_000} s`,
      target: 0.999,
      unit: "clicks",
      missed: "late",
    },
    {
      key: "item-to-card",
      title: "Item to outcome",
      promise: `within ${minutes(cardLimitMs(pollIntervalSeconds))}`,
      target: 0.95,
      unit: "items",
      missed: "late or failed",
    },
    {
      key: "poll-on-time",
      title: "Poll on time",
      promise: `last good poll at most ${pollLimitMs(pollIntervalSeconds) / 1_000} s ago`,
      target: 0.99,
      unit: "minutes",
      missed: "late",
    },
    {
      key: "decision-recorded",
      title: "Decision recorded",
      promise: `within ${RECORD_LIMIT_MS / 1_000} s`,
      target: 0.99,
      unit: "decisions",
      missed: "late",
    },
    {
      key: "availability",
      title: "Availability",
      promise: "ready to work",
      target: 0.995,
      unit: "minutes",
      missed: "down",
    },
  ];
}

export function bucketOf(moment: number): number {
  return Math.floor(moment / BUCKET_MS) * BUCKET_MS;
}

/** Buckets that reach into the last `spanMs`: a span is up to one bucket longer than it says. */
export function tallyOf(buckets: readonly Bucket[], until: number, spanMs: number): Tally {
  const from = until - spanMs;
  const sum = { good: 0, total: 0 };
  for (const { start, good, total } of buckets) {
    if (start + BUCKET_MS <= from || start >= until) continue;
    sum.good += good;
    sum.total += total;
  }
  return sum;
}

/** null when nothing happened. */
export function attainment({ good, total }: Tally): number | null {
  return total > 0 ? good / total : null;
}

export interface Budget {
  /** How many may fail, at this target and this many events; a fraction. */
  allowed: number;
  failed: number;
  /** 1 untouched, 0 used up, below 0 overdrawn; null when nothing happened. */
  left: number | null;
}

export function errorBudget(target: number, { good, total }: Tally): Budget {
  const allowed = total * (1 - target);
  const failed = total - good;
  return { allowed, failed, left: total > 0 ? 1 - failed / allowed : null };
}

/** Below this many events a rate says more about chance than about the bot. */
export const MINIMUM_EVENTS = 10;

/** 1 uses the budget up exactly at the end of the window; null with too few events. */
export function burnRate(
  target: number,
  { good, total }: Tally,
  minimumEvents = MINIMUM_EVENTS,
): number | null {
  return total < Math.max(1, minimumEvents) ? null : (total - good) / total / (1 - target);
}

export interface BurnRule {
  key: "fast" | "slow";
  severity: "critical" | "warning";
  factor: number;
  longMs: number;
  /** Ends the alert soon after the fault ends. */
  shortMs: number;
}

/** The usual pair: 2 % of the budget within an hour, 5 % within six. */
export const BURN_RULES: readonly BurnRule[] = [
  { key: "fast", severity: "critical", factor: 14.4, longMs: HOUR_MS, shortMs: 5 * MINUTE_MS },
  { key: "slow", severity: "warning", factor: 6, longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS },
];

/** unclear: nothing happened lately, so an alert that is up stays and none is raised. */
export type BurnVerdict = "burning" | "quiet" | "unclear";

export function judgeBurn(
  rule: BurnRule,
  target: number,
  buckets: readonly Bucket[],
  until: number,
): BurnVerdict {
  const long = burnRate(target, tallyOf(buckets, until, rule.longMs));
  if (long === null || long < rule.factor) return "quiet";
  const short = burnRate(target, tallyOf(buckets, until, rule.shortMs), 1);
  if (short === null) return "unclear";
  return short < rule.factor ? "quiet" : "burning";
}

/** Something that was begun under a promise. All in Unix milliseconds. */
export interface Wait {
  since: number;
  /** When the promise was kept, in time or not; null while it is not. */
  keptAt: number | null;
  /** When it was given up; null while it was not. */
  failedAt: number | null;
}

/**
 * Whether it was in time, and the moment that this was settled: late ones count from the moment they were late. null
 * while there is time left.
 */
export function judgeWait(wait: Wait, limitMs: number, now: number): { at: number; isGood: boolean } | null {
  const due = wait.since + limitMs;
  if (wait.keptAt !== null && wait.keptAt <= due) return { at: wait.keptAt, isGood: true };
  if (wait.failedAt !== null) return { at: Math.min(wait.failedAt, due), isGood: false };
  return now > due ? { at: due, isGood: false } : null;
}

export function bucketsOfWaits(waits: readonly Wait[], limitMs: number, now: number): Bucket[] {
  const buckets = new Map<number, Bucket>();
  for (const wait of waits) {
    const verdict = judgeWait(wait, limitMs, now);
    if (verdict === null) continue;
    const start = bucketOf(verdict.at);
    const bucket = buckets.get(start) ?? { start, good: 0, total: 0 };
    buckets.set(start, bucket);
    bucket.total += 1;
    if (verdict.isGood) bucket.good += 1;
  }
  return [...buckets.values()].sort((a, b) => a.start - b.start);
}

/** What the minutes of one bucket were, as far as a process was there to say so. */
export interface Minutes {
  start: number;
  /** In how many of them a process was there. */
  seen: number;
  ready: number;
  polled: number;
  /** Polling was switched off by a person. */
  paused: number;
  /** Whether it was switched off in the last of these minutes. */
  endsPaused: boolean;
}

/**
 * Every whole minute from `since` to `until` counts; one that no process vouched for was down. Minutes in which polling was
 * switched off are nobody's fault, and it stays switched off while no process runs.
 */
export function bucketsOfMinutes(
  seen: readonly Minutes[],
  { since, until }: { since: number; until: number },
): { ready: Bucket[]; polled: Bucket[] } {
  const known = new Map(seen.map((minutes) => [minutes.start, minutes]));
  const ready: Bucket[] = [];
  const polled: Bucket[] = [];
  let isPaused = false;
  for (let start = bucketOf(since); start < until; start += BUCKET_MS) {
    const from = Math.max(start, since);
    const total = Math.floor((Math.min(start + BUCKET_MS, until) - from) / MINUTE_MS);
    const minutes = known.get(start);
    // Polling is switched on again by a process that is there: missing minutes next to a pause belong to it.
    const isMissingPaused = isPaused || minutes?.endsPaused === true;
    const paused = (minutes?.paused ?? 0) + (isMissingPaused ? total - (minutes?.seen ?? 0) : 0);
    const expected = Math.max(0, total - paused);
    ready.push({ start, good: Math.min(minutes?.ready ?? 0, total), total });
    polled.push({ start, good: Math.min(minutes?.polled ?? 0, expected), total: expected });
    if (minutes) isPaused = minutes.endsPaused;
  }
  return { ready, polled };
}
