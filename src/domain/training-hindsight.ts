/** What people thought of their decisions later: reviews, and decisions that were made again. Pure. */
import { type ReviewVerdict, reviewVerdictIn } from "./review.ts";

/** What a row of Training Data says of itself. */
export interface SettledRow {
  /** Id of the Action Pipe, where the row names it; its reviews name the same. */
  decisionId: string | null;
  /** Id of the Executive Intent; "" where the row does not say. */
  intentId: string;
  outcome: string | null;
  decidedAt: string | null;
}

/** Why a row is nothing to learn from in the light of all the others; null while nothing speaks against it. */
export function hindsightOver<R extends SettledRow>(rows: readonly R[]): (row: R) => string | null {
  const decidedLast = lastDecisions(rows);
  const reviews = latestReviews(rows);
  return (row) => {
    if (reviewVerdictIn(row.outcome) !== null) return "a review: it counts for the row of its decision";
    if (row.outcome !== "approved" && row.outcome !== "edited") return null;
    const last = decidedLast.get(row.intentId);
    if (last !== undefined && momentOf(row) < last)
      return "decided again later: only the last decision counts";
    const isWrong = row.decisionId !== null && reviews.get(row.decisionId) === "wrong";
    return isWrong ? "reviewed as wrong: what turned out badly is nothing to learn" : null;
  };
}

function momentOf({ decidedAt }: SettledRow): number {
  return Date.parse(decidedAt ?? "") || 0;
}

/** When people decided last, by intent: what was reopened is settled more than once. */
function lastDecisions(rows: readonly SettledRow[]): Map<string, number> {
  const decided = rows.filter(
    ({ outcome, intentId }) =>
      intentId !== "" && ["approved", "edited", "rejected"].some((verdict) => verdict === outcome),
  );
  return new Map(decided.toSorted(byMoment).map((row) => [row.intentId, momentOf(row)]));
}

/** What people said last of each decision. */
function latestReviews(rows: readonly SettledRow[]): Map<string, ReviewVerdict> {
  const reviews = rows.toSorted(byMoment).flatMap(({ decisionId, outcome }) => {
    const verdict = reviewVerdictIn(outcome);
    return decisionId === null || verdict === null ? [] : [[decisionId, verdict] as const];
  });
  return new Map(reviews);
}

function byMoment(one: SettledRow, other: SettledRow): number {
  return momentOf(one) - momentOf(other);
}
