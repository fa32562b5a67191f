/** Which open decisions may be made several at a time: those with little at stake, one approval each. Pure. */
import { type DecisionRecord, HIGH_IMPACT, type SelfApproval } from "./decision.ts";

/** As many as somebody can still read before deciding. */
export const BATCH_AT_MOST = 20;

export interface BatchRules {
  selfApproval: SelfApproval;
  now: Date;
}

/** Whether `userId` has the right to decide it at all is asked elsewhere. */
export function isForBatch(
  { state, analysis, requestedBy, expiresAt }: DecisionRecord,
  userId: string,
  { selfApproval, now }: BatchRules,
): boolean {
  if (state.kind !== "pending") return false;
  // An impact that is no number is not known to be low.
  const isLow = analysis.triage.impact < HIGH_IMPACT;
  const isOpen = expiresAt === null || now < new Date(expiresAt);
  const isAllowed = selfApproval !== "forbid" || requestedBy !== userId;
  return isLow && isOpen && isAllowed;
}
