/** Which open decisions may be made several at a time: those with little at stake, one approval each. Pure. */
import { type DecideResult, type DecisionRecord, HIGH_IMPACT, type SelfApproval } from "./decision.ts";

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

/** One of them, as somebody chose in the form. */
export interface BatchItem {
  id: string;
  /** Of the content that they saw. */
  hash: string;
  choice: "approve" | "reject";
}

/** Plain JSON: it is kept by the workflow that carries it. */
export interface BatchOrder {
  /** Names the form and what was chosen in it: the same one is carried out once. */
  key: string;
  by: { userId: string; teamId: string | undefined };
  items: BatchItem[];
  /** Why the rejected ones are rejected. */
  reason: string | null;
  /** How many of the form were left open. */
  left: number;
  /** ISO 8601, UTC: when it was sent in. */
  at: string;
}

export type BatchEnd =
  /** Not by this person; `reason` is a sentence for them, inert. */
  | { kind: "refused"; reason: string }
  | { kind: "high-impact" }
  /** `replacementUrl`: of the card to look at instead, where there is one. */
  | { kind: "clicked"; result: DecideResult; replacementUrl: string | null };

/** What became of one of them. */
export interface BatchEnded {
  title: string;
  cardUrl: string | null;
  choice: BatchItem["choice"];
  end: BatchEnd;
  /** ISO 8601, UTC: how long it can be taken back; null when it cannot. */
  undoUntil: string | null;
}
