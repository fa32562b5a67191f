/** Who may talk about a decision: whoever asked for it, and whoever may decide it. Refusals are audited. */
import type { DecisionRecord } from "../domain/decision.ts";
import type { Permission } from "./directory.ts";
import type { Attempt, Gate } from "./gate.ts";
import type { MemberGate } from "./member-gate.ts";

export type TalkAttempt = Omit<Attempt, "role">;

export interface TalkGate {
  pass(attempt: TalkAttempt, decision: Pick<DecisionRecord, "requestedBy"> | null): Promise<Permission>;
  /** Records who was sent away and why, without words of theirs. */
  refused(attempt: TalkAttempt, detail: string): Promise<void>;
}

export function createTalkGate({ gate, members }: { gate: Gate; members: MemberGate }): TalkGate {
  return {
    refused: (attempt, detail) => gate.refused({ attempt: { ...attempt, role: "decide" }, detail }),
    async pass(attempt, decision) {
      if (decision?.requestedBy === attempt.userId) return members(attempt);
      const permission = await gate.pass({ ...attempt, role: "decide" });
      if (permission.ok || permission.refusal.kind !== "not-listed") return permission;
      return { ...permission, reason: `${WHO} ${permission.reason}` };
    },
  };
}

const WHO = "Questions come from whoever asked for the decision and from those who may decide it.";
