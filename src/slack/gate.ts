/** The check before anything that changes something: the payload's team, then the allow-list. Refusals are audited. */
import type { ActRefusal } from "../domain/approval.ts";
import type { DecideResult, DecisionRecord, Person } from "../domain/decision.ts";
import { standing as settled, staleFor } from "../domain/decision-machine.ts";
import { RIGHTS, refusalSentence, resultSentence } from "./cards/notes.ts";
import type { Directory, Permission, Role } from "./directory.ts";
import type { AuditTrail, DecisionDesk } from "./ports.ts";

export interface Attempt {
  role: Role;
  userId: string;
  /** As the payload names it; absent in some. */
  teamId: string | undefined;
  /** For the audit, e.g. "decision.approve". */
  action: string;
  subject: string;
  /** Asks Slack again: a form may have been open for long. */
  fresh?: boolean;
}

export interface Gate {
  pass(attempt: Attempt): Promise<Permission>;
  /** Records who was sent away and why, without words of theirs. */
  refused(entry: { attempt: Attempt; detail: string }): Promise<void>;
}

export function createGate({ directory, audit }: { directory: Directory; audit: AuditTrail }): Gate {
  const refused: Gate["refused"] = ({ attempt, detail }) =>
    audit.record({
      actor: attempt.userId,
      action: attempt.action,
      subject: attempt.subject,
      outcome: "refused",
      detail,
    });

  return {
    refused,
    async pass(attempt) {
      const { role, userId, subject, fresh = false } = attempt;
      let permission = await directory.may(role, userId, { fresh, decisionId: subject });
      if (permission.ok && attempt.teamId !== undefined) {
        const { teamId } = await directory.identity();
        if (attempt.teamId !== teamId) permission = refusal({ kind: "other-team" }, attempt.role);
      }
      if (!permission.ok) await refused({ attempt, detail: permission.refusal.kind });
      return permission;
    },
  };
}

function refusal(kind: ActRefusal, role: Role): Permission {
  return { ok: false, refusal: kind, reason: refusalSentence(kind, { right: RIGHTS[role], allowed: [] }) };
}

/** How a decision stands for somebody who saw the content `hash` (null = whatever it was); null = still open to them. */
export function standing(decision: DecisionRecord | null, hash: string | null): DecideResult | null {
  if (decision === null) return { kind: "not-found" };
  return settled(decision) ?? (hash === null ? null : staleFor(decision, hash));
}

/** The sentence for how a click ended; null when it did what it should. */
export async function explain(
  desk: Pick<DecisionDesk, "find">,
  result: DecideResult,
  by: Person,
): Promise<string | null> {
  const next =
    result.kind === "stale" && result.replacement !== null ? await desk.find(result.replacement) : null;
  return resultSentence(result, { userId: by.slackId ?? "", replacementUrl: next?.cardUrl ?? null });
}
