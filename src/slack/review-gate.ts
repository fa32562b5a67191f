/** Who may say whether a decision was right: approvers, whoever decided and whoever asked. Refusals are audited. */
import type { DecisionRecord } from "../domain/decision.ts";
import { involvedIn } from "../domain/review.ts";
import { REVIEW_NOT_LISTED } from "./cards/review-card.ts";
import type { Permission } from "./directory.ts";
import type { Attempt, Gate } from "./gate.ts";
import type { MemberGate } from "./member-gate.ts";

export type ReviewGate = (attempt: Attempt, decision: DecisionRecord) => Promise<Permission>;

export function createReviewGate({ gate, memberGate }: { gate: Gate; memberGate: MemberGate }): ReviewGate {
  return async (attempt, decision) => {
    // They had a part in it, whatever they may decide today.
    if (involvedIn(decision).includes(attempt.userId)) return memberGate(attempt);
    const permission = await gate.pass(attempt);
    if (permission.ok || permission.refusal.kind !== "not-listed") return permission;
    return { ...permission, reason: REVIEW_NOT_LISTED };
  };
}

export function reviewAttempt(
  user: { id: string; team_id?: string | undefined },
  { subject, fresh = false }: { subject: string; fresh?: boolean },
): Attempt {
  return { role: "decide", userId: user.id, teamId: user.team_id, action: "decision.review", subject, fresh };
}
