/** What Claude costs, in figures that people can act on. What nobody has measured is null, never 0. */
import type { ItemKind } from "./analysis.ts";
import { addDays, daysBetween } from "./calendar.ts";

/** The spend ledger of one day, step and kind of item. */
export interface SpendEntry {
  /** YYYY-MM-DD in the configured time zone. */
  day: string;
  step: string;
  /** Who was asked, in the step "advise". */
  adviser: string | null;
  /** null = the item was not sorted. */
  kind: ItemKind | null;
  usd: number;
  calls: number;
}

export interface SpendLine {
  name: string;
  todayUsd: number;
  monthUsd: number;
}

/** Whether analyses are held back until tomorrow or a higher cap, and what waits because of that. */
export interface BudgetState {
  isReached: boolean;
  /** Items in the inbox, as the last poll saw them; null = no poll has looked. */
  waiting: number | null;
}

export interface BudgetFigures extends BudgetState {
  /** null = no cap. */
  capUsd: number | null;
  today: { usd: number; calls: number };
  month: { usd: number; calls: number };
  /** null = no cap. Never below 0. */
  leftUsd: number | null;
  /** Of the whole month, at the pace of the last days; null below three whole days of data. */
  projectedUsd: number | null;
  /** Dearest this month first. */
  bySource: SpendLine[];
  byKind: SpendLine[];
}

export interface BudgetFacts extends BudgetState {
  today: string;
  /** This month's and the last week's. */
  entries: SpendEntry[];
  /** The first day with any spend; null = there never was one. */
  firstDay: string | null;
  /** 0 = no cap. */
  capUsd: number;
}

const STEP_NAMES: Record<string, string> = {
  triage: "Sorting",
  frame: "Framing",
  advise: "An adviser",
  synthesise: "Synthesis",
  answer: "An answer",
};

const KIND_NAMES: Record<ItemKind, string> = {
  strategic: "Decisions",
  operational: "Tasks",
  reference: "Notes",
};

export function budgetFigures(facts: BudgetFacts): BudgetFigures {
  const { today, entries, capUsd } = facts;
  const month = entries.filter((entry) => entry.day.slice(0, 7) === today.slice(0, 7));
  const spentToday = total(month.filter((entry) => entry.day === today));
  return {
    capUsd: capUsd > 0 ? capUsd : null,
    today: spentToday,
    month: total(month),
    leftUsd: capUsd > 0 ? Math.max(0, capUsd - spentToday.usd) : null,
    isReached: facts.isReached,
    waiting: facts.waiting,
    projectedUsd: projected(facts),
    bySource: lines(month, today, sourceOf),
    byKind: lines(month, today, ({ kind }) => (kind === null ? "Not sorted" : KIND_NAMES[kind])),
  };
}

function sourceOf({ step, adviser }: SpendEntry): string {
  return adviser ?? STEP_NAMES[step] ?? step;
}

function total(entries: SpendEntry[]): { usd: number; calls: number } {
  return entries.reduce((sum, { usd, calls }) => ({ usd: sum.usd + usd, calls: sum.calls + calls }), {
    usd: 0,
    calls: 0,
  });
}

function lines(entries: SpendEntry[], today: string, nameOf: (entry: SpendEntry) => string): SpendLine[] {
  const byName = new Map<string, SpendLine>();
  for (const entry of entries) {
    const name = nameOf(entry);
    const line = byName.get(name) ?? { name, todayUsd: 0, monthUsd: 0 };
    line.monthUsd += entry.usd;
    if (entry.day === today) line.todayUsd += entry.usd;
    byName.set(name, line);
  }
  return [...byName.values()].sort((a, b) => b.monthUsd - a.monthUsd || a.name.localeCompare(b.name));
}

const PACE_DAYS = 7;
const MIN_PACE_DAYS = 3;

/** Today counts with what it has cost, or as a usual day if that is more. */
function projected({ today, entries, firstDay }: BudgetFacts): number | null {
  const weekAgo = addDays(today, -PACE_DAYS);
  const from = firstDay !== null && firstDay > weekAgo ? firstDay : weekAgo;
  const days = firstDay === null ? 0 : daysBetween(from, today);
  if (days < MIN_PACE_DAYS) return null;
  const pace = total(entries.filter(({ day }) => day >= from && day < today)).usd / days;
  const month = entries.filter(({ day }) => day.slice(0, 7) === today.slice(0, 7));
  const spentToday = total(month.filter(({ day }) => day === today)).usd;
  const spentBefore = total(month.filter(({ day }) => day < today)).usd;
  return spentBefore + Math.max(spentToday, pace) + pace * daysLeftInMonth(today);
}

/** After today. */
function daysLeftInMonth(today: string): number {
  const [year = 0, month = 0] = today.split("-").map(Number);
  const lastDay = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
  return daysBetween(today, lastDay);
}
