/**
 * What can be counted about decisions: outcomes, time to decide, and how often people went with an adviser. A share of few
 * cases says nothing, so it is null ("no data") below a minimum.
 */
import { DUE_DAYS, priorityOf } from "./analysis.ts";
import { DAY_MS } from "./calendar.ts";
import type { DecisionState, Verdict } from "./decision.ts";

/** Of a decision, what lists and counts need; the whole is 100 times larger. */
export interface DecisionBrief {
  id: string;
  title: string;
  /** Where its card is; null until posted. */
  cardUrl: string | null;
  pipeUrl: string;
  createdAt: string;
  /** null = never. */
  expiresAt: string | null;
  /** 1 to 10. */
  impact: number;
  state: DecisionState["kind"];
  outcome: { verdict: Verdict; by: string; at: string; chosen: string | null } | null;
  votes: { adviser: string; recommends: string }[];
  /** 0 to 1; null until recorded. */
  acceptanceRate: number | null;
  /** Follow-up tasks; 0 until recorded. */
  taskCount: number;
}

/** Below this, no share is shown. */
export const MIN_FOR_SHARE = 5;
/** Below this, no median is shown. */
export const MIN_FOR_MEDIAN = 3;

export type VerdictCounts = Record<Verdict, number>;

export function countVerdicts(decisions: DecisionBrief[]): VerdictCounts {
  const counts: VerdictCounts = { approved: 0, edited: 0, rejected: 0, expired: 0, withdrawn: 0 };
  for (const { outcome } of decisions) if (outcome) counts[outcome.verdict] += 1;
  return counts;
}

/** By somebody who may decide: what nobody decided in time, or was taken back, says nothing about anybody's judgement. */
export function isDecidedByPeople({ outcome }: DecisionBrief): boolean {
  return outcome !== null && outcome.verdict !== "expired" && outcome.verdict !== "withdrawn";
}

/** From card to decision; null below the minimum. */
export function medianTimeToDecideMs(decisions: DecisionBrief[]): number | null {
  const times = decisions
    .filter(isDecidedByPeople)
    .flatMap(({ outcome, createdAt }) => (outcome ? [Date.parse(outcome.at) - Date.parse(createdAt)] : []));
  return times.length < MIN_FOR_MEDIAN ? null : median(times);
}

/** Throws on an empty list. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("no median of nothing");
  return (lower + upper) / 2;
}

export interface AdviserRecord {
  adviser: string;
  /** Decisions of people in which this adviser had spoken. */
  asked: number;
  /** Of those, where people went with the option that this adviser recommended. */
  followed: number;
  /** 0 to 1; null below the minimum. */
  share: number | null;
}

/** Most often asked first. */
export function adviserRecords(decisions: DecisionBrief[]): AdviserRecord[] {
  const records = new Map<string, { asked: number; followed: number }>();
  for (const decision of decisions.filter(isDecidedByPeople)) {
    for (const { adviser, recommends } of decision.votes) {
      const record = records.get(adviser) ?? { asked: 0, followed: 0 };
      record.asked += 1;
      if (decision.outcome?.chosen === recommends) record.followed += 1;
      records.set(adviser, record);
    }
  }
  return [...records]
    .map(([adviser, { asked, followed }]) => ({
      adviser,
      asked,
      followed,
      share: asked < MIN_FOR_SHARE ? null : followed / asked,
    }))
    .sort((a, b) => b.asked - a.asked || a.adviser.localeCompare(b.adviser));
}

export interface PlanAcceptance {
  /** Plans that people decided on and that are recorded. */
  count: number;
  /** Mean settlement acceptance, 0 to 1; null below the minimum. */
  mean: number | null;
}

export function planAcceptance(decisions: DecisionBrief[]): PlanAcceptance {
  const rates = decisions
    .filter(isDecidedByPeople)
    .flatMap(({ acceptanceRate }) => (acceptanceRate === null ? [] : [acceptanceRate]));
  const mean =
    rates.length < MIN_FOR_SHARE ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return { count: rates.length, mean };
}

/** When a decision should have been made: by its priority, or when it expires if that is sooner. ISO 8601, UTC. */
export function dueAt({ createdAt, expiresAt, impact }: DecisionBrief): string {
  const due = new Date(Date.parse(createdAt) + DUE_DAYS[priorityOf(impact)] * DAY_MS).toISOString();
  return expiresAt !== null && expiresAt < due ? expiresAt : due;
}

export interface Figures {
  days: number;
  verdicts: VerdictCounts;
  /** Replaced because the plan was changed in Notion. */
  superseded: number;
  pendingNow: number;
  medianMs: number | null;
  plans: PlanAcceptance;
  advisers: AdviserRecord[];
  analyses: { decisions: number; tasks: number; notes: number };
  /** Items given up after all attempts. */
  givenUp: number;
}

/** What the store knows about the last `days` days. */
export interface FigureFacts {
  days: number;
  decided: DecisionBrief[];
  pendingNow: number;
  created: number;
  superseded: number;
  tasks: number;
  notes: number;
  givenUp: number;
}

export function figuresOf({ decided, created, tasks, notes, ...facts }: FigureFacts): Figures {
  return {
    ...facts,
    verdicts: countVerdicts(decided),
    medianMs: medianTimeToDecideMs(decided),
    plans: planAcceptance(decided),
    advisers: adviserRecords(decided),
    analyses: { decisions: created, tasks, notes },
  };
}
