/**
 * Whether a decision was right, asked of people some time after it was carried out. When to ask and when a question ends
 * are rules over what is known now, so that whoever looks, however late and on whichever replica, comes to the same answer.
 */
import { DAY_MS } from "./calendar.ts";
import type { DecisionRecord, Outcome, Person } from "./decision.ts";
import type { MessageRef } from "./item.ts";
import type { Plan } from "./plan.ts";
import { stillStands } from "./reopening.ts";
import { isWorkTime, type Workplace } from "./working-hours.ts";

export const REVIEW_VERDICTS = ["right", "partly", "wrong"] as const;
export type ReviewVerdict = (typeof REVIEW_VERDICTS)[number];

/** A question is asked at most this late, and waits this long for its answer. */
export const REVIEW_OPEN_DAYS = 14;

export interface ReviewAnswer {
  verdict: ReviewVerdict;
  note: string | null;
  by: Person;
  /** ISO 8601, UTC. */
  at: string;
}

export type ReviewState =
  /** `after`: when an earlier question was dropped, of a decision that stands again. */
  | { kind: "asked"; after?: string }
  | { kind: "answered"; answer: ReviewAnswer }
  /** Nobody said anything in time. */
  | { kind: "unanswered"; at: string }
  /** The decision was reopened, so that there is nothing left to judge. */
  | { kind: "dropped"; at: string };

export interface Review {
  decisionId: string;
  /** How long after the decision; names the question among those about the same decision. */
  days: number;
  askedAt: string;
  /** No answer counts from then on. */
  endsAt: string;
  message: MessageRef;
  state: ReviewState;
}

/** What is answered, by whom; `token` names the request, so that the winner knows itself. */
export interface ReviewClick {
  decisionId: string;
  days: number;
  verdict: ReviewVerdict;
  note: string | null;
  by: Person;
  token: string;
}

/** Every way an answer can end. Only `accepted` changes anything. */
export type ReviewResult =
  | { kind: "accepted" }
  | { kind: "already-answered"; answer: ReviewAnswer }
  | { kind: "ended"; why: "unanswered" | "dropped" }
  | { kind: "not-found" };

/** For Training Data: the answer beside the plan that it is about. */
export interface ReviewRow {
  title: string;
  intentId: string;
  adviser: string;
  original: Plan;
  final: Plan | null;
  model: string;
  days: number;
  answer: ReviewAnswer;
}

export interface Reviewable {
  /** ISO 8601, UTC. */
  decidedAt: string;
  /** After how many days people were asked before. What was dropped is asked again once there is something to judge. */
  asked: readonly number[];
}

/** The question to be asked now, named by its days; null = none, or not yet. */
export function dueReview(
  { decidedAt, asked }: Reviewable,
  now: Date,
  { place, afterDays }: { place: Workplace; afterDays: readonly number[] },
): number | null {
  const decided = Date.parse(decidedAt);
  const opens = (days: number) => decided + days * DAY_MS;
  const time = now.getTime();
  const due = afterDays.filter((days) => opens(days) <= time && time < opens(days + REVIEW_OPEN_DAYS));
  if (due.length === 0) return null;
  const days = Math.max(...due);
  // A later question stands for every earlier one.
  if (asked.some((earlier) => earlier >= days)) return null;
  // Two weeks always hold work time, and nobody has to hear of it in the night.
  return isWorkTime(place, now) ? days : null;
}

/** How a question that waits for an answer ends now; null = it goes on waiting. */
export function reviewEnd(
  { endsAt }: Pick<Review, "endsAt">,
  isStanding: boolean,
  now: Date,
): "unanswered" | "dropped" | null {
  if (!isStanding) return "dropped";
  return now.getTime() >= Date.parse(endsAt) ? "unanswered" : null;
}

type Standing = Pick<DecisionRecord, "state" | "reopenedAs">;

/** The outcome that can be judged: of what was carried out, and stands. `later`: all that followed it. */
export function reviewedOutcome(decision: Standing, later: readonly Standing[]): Outcome | null {
  const { state } = decision;
  if (state.kind !== "recorded" || !stillStands(decision, later)) return null;
  const { verdict } = state.outcome;
  return verdict === "approved" || verdict === "edited" ? state.outcome : null;
}

/** Slack ids of those who decided, for themselves or for somebody else, and of whoever asked. */
export function involvedIn({ state, requestedBy }: Pick<DecisionRecord, "state" | "requestedBy">): string[] {
  const outcome = "outcome" in state ? state.outcome : null;
  const voters = outcome === null ? [] : [outcome.by, ...(outcome.approvals ?? []).map(({ by }) => by)];
  const ids = [...voters.flatMap((voter) => [voter.slackId, voter.for?.slackId ?? null]), requestedBy];
  return [...new Set(ids.flatMap((id) => (id === null ? [] : [id])))];
}

/** "after 30 days" */
export function afterWords(days: number): string {
  return days === 1 ? "after 1 day" : `after ${days} days`;
}

export const REVIEW_OUTCOMES = {
  right: "review: right",
  partly: "review: partly",
  wrong: "review: wrong",
} as const satisfies Record<ReviewVerdict, string>;

/** `Outcome` of a row of Training Data that holds such an answer; null for every other row. */
export function reviewVerdictIn(outcome: string | null): ReviewVerdict | null {
  return REVIEW_VERDICTS.find((verdict) => REVIEW_OUTCOMES[verdict] === outcome) ?? null;
}
