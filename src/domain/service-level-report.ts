/** Everything there is to say about the service levels at one moment, ready to be shown. Pure. */
import { DAY_MS, HOUR_MS } from "./calendar.ts";
import {
  attainment,
  BURN_RULES,
  type Bucket,
  type Budget,
  burnRate,
  errorBudget,
  judgeBurn,
  MINIMUM_EVENTS,
  type Objective,
  type ObjectiveKey,
  type Tally,
  tallyOf,
  WINDOW_DAYS,
} from "./service-level.ts";

/** broken: the target was missed in this window. burning: it will be soon, at this rate. low: little budget is left. */
export type ObjectiveState = "no-data" | "ok" | "low" | "burning" | "broken";

export interface DayPoint extends Tally {
  /** ISO: the 24 hours from here. */
  from: string;
  attainment: number | null;
  /** Over the three days that end with these hours. */
  burn: number | null;
  /** What was left of the window's budget at the end of these hours. */
  budgetLeft: number | null;
}

export interface ObjectiveReport {
  objective: Objective;
  state: ObjectiveState;
  tally: Tally;
  attainment: number | null;
  budget: Budget;
  /** null: too few events. */
  burn: { hour: number | null; sixHours: number | null; threeDays: number | null };
  /** At the rate of the last three days; null when the budget lasts. */
  usedUpInDays: number | null;
  /** Attainment of the last seven days and of the seven before; null with too few events. */
  trend: { lately: number | null; before: number | null };
  /** Too few events for the numbers to say much. */
  isThin: boolean;
  days: DayPoint[];
}

export interface ServiceLevelReport {
  /** ISO. */
  at: string;
  windowDays: number;
  /** ISO: the records begin here; null when there are none. */
  since: string | null;
  objectives: ObjectiveReport[];
}

export interface ReportInput {
  now: number;
  since: number | null;
  objectives: readonly Objective[];
  buckets: Record<ObjectiveKey, readonly Bucket[]>;
}

export function serviceLevelReport({ now, since, objectives, buckets }: ReportInput): ServiceLevelReport {
  return {
    at: new Date(now).toISOString(),
    windowDays: WINDOW_DAYS,
    since: since === null ? null : new Date(since).toISOString(),
    objectives: objectives.map((objective) => reportOn(objective, buckets[objective.key], now)),
  };
}

function reportOn(objective: Objective, buckets: readonly Bucket[], now: number): ObjectiveReport {
  const { target } = objective;
  const days = dayPoints(target, buckets, now);
  const tally = sumOf(days);
  const budget = errorBudget(target, tally);
  const burnOver = (spanMs: number) => burnRate(target, tallyOf(buckets, now, spanMs));
  const burn = {
    hour: burnOver(HOUR_MS),
    sixHours: burnOver(6 * HOUR_MS),
    threeDays: burnOver(3 * DAY_MS),
  };
  const isBurning = BURN_RULES.some((rule) => judgeBurn(rule, target, buckets, now) === "burning");
  return {
    objective,
    state: stateOf(budget, isBurning),
    tally,
    attainment: attainment(tally),
    budget,
    burn,
    usedUpInDays: usedUpInDays(budget, burn.threeDays),
    trend: { lately: weekEnding(days, 0), before: weekEnding(days, 7) },
    isThin: tally.total < MINIMUM_EVENTS,
    days,
  };
}

const LOW_BUDGET = 0.25;

function stateOf({ left }: Budget, isBurning: boolean): ObjectiveState {
  if (left === null) return "no-data";
  // Rounding of the division must not turn "exactly used up" into "broken".
  if (left < -1e-9) return "broken";
  if (isBurning) return "burning";
  return left < LOW_BUDGET ? "low" : "ok";
}

function usedUpInDays({ left }: Budget, burn: number | null): number | null {
  if (left === null || left <= 0 || burn === null || burn <= 1) return null;
  return (left * WINDOW_DAYS) / burn;
}

/** Four weeks of 24 hours each, the last one ending now. Each event falls into one of them. */
function dayPoints(target: number, buckets: readonly Bucket[], now: number): DayPoint[] {
  const first = now - WINDOW_DAYS * DAY_MS;
  const tallies: Tally[] = Array.from({ length: WINDOW_DAYS }, () => ({ good: 0, total: 0 }));
  for (const { start, good, total } of buckets) {
    const tally = start < now ? tallies[Math.floor((start - first) / DAY_MS)] : undefined;
    if (!tally) continue;
    tally.good += good;
    tally.total += total;
  }
  const allowed = errorBudget(target, sumOf(tallies)).allowed;
  let failed = 0;
  let isBegun = false;
  return tallies.map((tally, index) => {
    failed += tally.total - tally.good;
    isBegun ||= tally.total > 0;
    return {
      ...tally,
      from: new Date(first + index * DAY_MS).toISOString(),
      attainment: attainment(tally),
      burn: burnRate(target, sumOf(tallies.slice(Math.max(0, index - 2), index + 1))),
      budgetLeft: isBegun ? 1 - failed / allowed : null,
    };
  });
}

function weekEnding(days: readonly DayPoint[], daysAgo: number): number | null {
  const week = days.slice(days.length - daysAgo - 7, days.length - daysAgo);
  const tally = sumOf(week);
  return tally.total < MINIMUM_EVENTS ? null : attainment(tally);
}

function sumOf(tallies: readonly Tally[]): Tally {
  const sum = { good: 0, total: 0 };
  for (const { good, total } of tallies) {
    sum.good += good;
    sum.total += total;
  }
  return sum;
}
