/** Which open decisions may be made several at a time: those with little at stake, one approval each. Pure. */
import { type DecisionRecord, HIGH_IMPACT, type SelfApproval } from "./decision.ts";

/** As many as somebody can still read before deciding. */
export const BATCH_AT_MOST = 20;

export interface BatchRules {
  selfApproval: SelfApproval;
  now: Date;
}

/** An impact that is no number is not known to be low. */
export function hasLowImpact({ analysis }: Pick<DecisionRecord, "analysis">): boolean {
  return analysis.triage.impact < HIGH_IMPACT;
}

/** Whether `userId` has the right to decide it at all is asked elsewhere. */
export function isForBatch(
  decision: DecisionRecord,
  userId: string,
  { selfApproval, now }: BatchRules,
): boolean {
  const { state, requestedBy, expiresAt } = decision;
  if (state.kind !== "pending") return false;
  const isOpen = expiresAt === null || now < new Date(expiresAt);
  const isAllowed = selfApproval !== "forbid" || requestedBy !== userId;
  return hasLowImpact(decision) && isOpen && isAllowed;
}
