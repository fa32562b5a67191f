/**
 * When people are reminded of a decision that waits. A rule over what is known now, so that whoever looks, however late
 * and on whichever replica, comes to the same answer.
 */
import { MINUTE_MS } from "./calendar.ts";
import { nextWorkTime, type Workplace } from "./working-hours.ts";

/** Percent of the time to live. */
export const MARKS = [50, 90] as const;
export type Mark = (typeof MARKS)[number];
/** The one at which people are called by name, and others are asked too. */
export const LAST_MARK: Mark = 90;

/** What must be left when work begins; with less, nobody waits for it. */
export const LEAST_NOTICE_MS = 30 * MINUTE_MS;

export interface Span {
  /** ISO 8601, UTC. */
  createdAt: string;
  expiresAt: string;
}

export interface Waiting extends Span {
  /** Those that were said, or that a later one stands for. */
  said: readonly number[];
}

export interface DueReminder {
  mark: Mark;
  /** Earlier marks that were missed: this one stands for them. */
  covers: Mark[];
}

/** When so much of the time is over. */
export function markMoment({ createdAt, expiresAt }: Span, mark: Mark): Date {
  const from = Date.parse(createdAt);
  return new Date(from + Math.ceil(((Date.parse(expiresAt) - from) * mark) / 100));
}

/** `late`: most of its time is over. `past`: all of it is, although nobody has closed it yet. */
export function lateness(
  { createdAt, expiresAt }: { createdAt: string; expiresAt: string | null },
  now: Date,
): "late" | "past" | null {
  if (expiresAt === null) return null;
  if (now.getTime() >= Date.parse(expiresAt)) return "past";
  return now >= markMoment({ createdAt, expiresAt }, LAST_MARK) ? "late" : null;
}

/** What is to be said now; null = nothing, or not yet. */
export function dueReminder(waiting: Waiting, now: Date, place: Workplace): DueReminder | null {
  if (now.getTime() >= Date.parse(waiting.expiresAt)) return null;
  const reached = MARKS.filter((mark) => markMoment(waiting, mark) <= now);
  const mark = reached.at(-1);
  // A later one that was said stands for every earlier one.
  if (mark === undefined || waiting.said.some((said) => said >= mark)) return null;
  if (!maySpeak(waiting, now, place)) return null;
  const covers = reached.filter((earlier) => earlier < mark && !waiting.said.includes(earlier));
  return { mark, covers };
}

function maySpeak({ expiresAt }: Span, now: Date, place: Workplace): boolean {
  const opening = nextWorkTime(place, now);
  if (opening.getTime() === now.getTime()) return true;
  return opening.getTime() > Date.parse(expiresAt) - LEAST_NOTICE_MS;
}
