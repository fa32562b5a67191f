/** The digest: which one is due, what belongs in it, and whether it is worth anybody's time. Words are the Slack side's. */

import { DAY_MS, daysBetween, HOUR_MS } from "./calendar.ts";
import type { Slot } from "./cron-slots.ts";
import {
  type AdviserRecord,
  adviserRecords,
  countVerdicts,
  type DecisionBrief,
  dueAt,
  type PlanAcceptance,
  planAcceptance,
  type VerdictCounts,
} from "./figures.ts";
import type { HealthReport } from "./health.ts";

export type DigestKind = "daily" | "weekly";

/** Later than this a digest is no longer posted; the next one says that it is missing. */
export const CATCH_UP_MS = 3 * HOUR_MS;

export interface DueDigest {
  kind: DigestKind;
  slot: Slot;
}

export interface DigestPlan {
  post: DueDigest[];
  /** Another one of the moment tells the same. */
  covered: DueDigest[];
  /** Nobody will see them. */
  missed: DueDigest[];
}

/**
 * What to do about the ticks since the last look: at most one digest is posted, in time or a little late. The weekly one
 * stands for a daily one of the same time.
 */
export function dueDigests({ daily, weekly }: Record<DigestKind, Slot[]>, now: Date): DigestPlan {
  const due = [
    ...daily.map((slot) => ({ kind: "daily" as const, slot })),
    ...weekly.map((slot) => ({ kind: "weekly" as const, slot })),
  ].sort((a, b) => a.slot.at.localeCompare(b.slot.at));
  const isTooLate = ({ slot }: DueDigest) => now.getTime() - Date.parse(slot.at) > CATCH_UP_MS;
  const fresh = due.filter((one) => !isTooLate(one));
  const chosen = fresh.findLast((one) => one.kind === "weekly") ?? fresh.at(-1);
  // Where a weekly one was due at the same moment, the daily one was never to be seen.
  const weeklyMoments = new Set(weekly.map((slot) => slot.at));
  const isDoubled = ({ kind, slot }: DueDigest) => kind === "daily" && weeklyMoments.has(slot.at);
  return {
    post: chosen ? [chosen] : [],
    covered: due.filter((one) => one !== chosen && (!isTooLate(one) || isDoubled(one))),
    missed: due.filter((one) => isTooLate(one) && !isDoubled(one)),
  };
}

/** A digest that was posted, or kept back because there was nothing to say. */
export interface PastDigest {
  kind: DigestKind;
  /** Up to when it told. ISO 8601, UTC. */
  until: string;
}

/** A daily digest goes on where any digest ended, a weekly one where the last weekly one did. */
export function periodStart(kind: DigestKind, past: PastDigest[], now: Date): string {
  const relevant = past.filter((one) => kind === "daily" || one.kind === "weekly").map((one) => one.until);
  const last = relevant.sort().at(-1);
  return last ?? new Date(now.getTime() - (kind === "daily" ? DAY_MS : 7 * DAY_MS)).toISOString();
}

export interface DigestFacts {
  kind: DigestKind;
  since: string;
  until: string;
  /** Settled between `since` and `until`, newest first. */
  decided: DecisionBrief[];
  /** Of the last 30 days, for shares that need numbers. */
  decidedLately: DecisionBrief[];
  /** Oldest first. */
  pending: DecisionBrief[];
  items: ItemCounts;
  /** null = could not be asked. */
  tasksDone: { count: number; isAtLeast: boolean } | null;
  spend: { usd: number; calls: number };
  /** Wall-clock times of digests that nobody saw. */
  missed: string[];
  health: HealthReport;
}

export interface ItemCounts {
  /** First seen in the period. */
  new: number;
  /** Became a task of its own, without a decision. */
  tasks: number;
  /** Filed as reference. */
  notes: number;
  /** Given up after all attempts, and nobody has retried or ignored it. */
  givenUp: number;
  /** Wait for the budget of another day; null = some may, and no poll has looked. */
  unpaid: number | null;
}

export interface DigestList {
  shown: DecisionBrief[];
  total: number;
}

export interface Digest {
  kind: DigestKind;
  since: string;
  until: string;
  verdicts: VerdictCounts;
  decided: DigestList;
  waiting: DigestList;
  overdue: DigestList;
  items: ItemCounts;
  tasks: { created: number; done: DigestFacts["tasksDone"] };
  spend: { usd: number; calls: number };
  plans: PlanAcceptance;
  advisers: AdviserRecord[];
  missed: string[];
  health: HealthReport;
  isQuiet: boolean;
}

/** More than this is never shown; what fits is the card's business. */
const SHOWN = 10;

export function digestOf(facts: DigestFacts): Digest {
  const { decided, pending, items, spend, health, missed } = facts;
  const isOverdue = (decision: DecisionBrief) => dueAt(decision) <= facts.until;
  const tasksCreated = decided.reduce((sum, decision) => sum + decision.taskCount, items.tasks);
  const happened = [decided.length, pending.length, items.new, items.givenUp, items.unpaid, tasksCreated];
  const isIdle = happened.every((count) => count === 0) && spend.calls === 0 && missed.length === 0;
  return {
    kind: facts.kind,
    since: facts.since,
    until: facts.until,
    verdicts: countVerdicts(decided),
    decided: listOf(decided),
    waiting: listOf(pending.filter((decision) => !isOverdue(decision))),
    overdue: listOf(pending.filter(isOverdue).sort((a, b) => dueAt(a).localeCompare(dueAt(b)))),
    items,
    tasks: { created: tasksCreated, done: facts.tasksDone },
    spend,
    plans: planAcceptance(facts.decidedLately),
    advisers: adviserRecords(facts.decidedLately),
    missed,
    health,
    isQuiet: isIdle && (facts.tasksDone?.count ?? 0) === 0 && health.status === "healthy",
  };
}

function listOf(decisions: DecisionBrief[]): DigestList {
  return { shown: decisions.slice(0, SHOWN), total: decisions.length };
}

/** Nothing to say is said once a week at most. Both are local dates; null = never said. */
export function isWorthPosting(
  { isQuiet }: Pick<Digest, "isQuiet">,
  { lastQuietOn, today }: { lastQuietOn: string | null; today: string },
): boolean {
  return !isQuiet || lastQuietOn === null || daysBetween(lastQuietOn, today) >= 7;
}
