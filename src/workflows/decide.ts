/**
 * One click. Deciding is a single guarded update behind a workflow whose id is the decision's: the first caller
 * wins for ever, every later one learns who did. Carrying it out is record.ts.
 */
import { randomUUID } from "node:crypto";
import {
  applyEdits,
  type Click,
  type DecideResult,
  type DecisionRecord,
  type Outcome,
  verdictOf,
} from "../domain/decision.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";

interface Claim {
  id: string;
  hash: string;
  outcome: Outcome;
  /** Names the caller, so that the winner knows itself. */
  token: string;
}

type Verdict = { kind: "won"; outcome: Outcome; token: string } | { kind: "void"; result: DecideResult };

/** What a decision is made from, read once: in a step when a workflow decides. */
export interface Moment {
  known: DecisionRecord | null;
  at: string;
  token: string;
}

export interface Decider {
  /** Reads the moment. */
  look(id: string): Promise<Moment>;
  decide(click: Click, via: Outcome["via"], moment: Moment): Promise<DecideResult>;
  /** Decided and carried out before, which the store has forgotten: it is noted, and whatever is missing is made. */
  adopt(outcome: Outcome, moment: Moment & { known: DecisionRecord }): Promise<DecideResult>;
  /** Nobody decided in time. Nobody's approval: nothing is carried out. */
  expire(moment: Moment & { known: DecisionRecord }): Promise<DecideResult>;
}

export function registerDecide(deps: WorkflowDeps, record: (id: string) => Promise<void>): Decider {
  const { books, rules } = deps;

  const decision = registerWorkflow("decision", async (claim: Claim): Promise<Verdict> => {
    const lost = await step(`claim:${claim.id}`, async (): Promise<DecideResult | null> => {
      if (await books.decisions.claim(claim.id, claim.hash, claim.outcome)) return null;
      // Only this workflow ever moves a decision to "recording": then it was us, before a crash.
      const now = await books.decisions.find(claim.id);
      if (now?.state.kind === "recording" || now?.state.kind === "recorded") return null;
      return (now && standing(now)) ?? { kind: "not-found" };
    });
    if (lost) return { kind: "void", result: lost };
    await startOnce(`record:${claim.id}`, record, claim.id);
    await step(`audit:${claim.id}`, async () => {
      await books.audit.record(auditEntry(claim));
      deps.meter.decided(claim.outcome.verdict);
    });
    return { kind: "won", outcome: claim.outcome, token: claim.token };
  });

  const settle = async (claim: Claim): Promise<DecideResult> => {
    const started = await startOnce(`decision:${claim.id}`, decision, claim);
    const verdict = await started.result();
    if (verdict.kind === "void") return verdict.result;
    if (verdict.token === claim.token) return { kind: "accepted" };
    return { kind: "already-decided", outcome: verdict.outcome };
  };

  return {
    async look(id) {
      return { known: await books.decisions.find(id), at: deps.now().toISOString(), token: randomUUID() };
    },
    async decide(click, via, { known, at, token }) {
      if (!known) return { kind: "not-found" };
      const settled = standing(known);
      if (settled) return settled;
      // In Notion somebody may have decided in time and only now be seen.
      if (via === "slack" && known.expiresAt !== null && Date.parse(at) >= Date.parse(known.expiresAt)) {
        return { kind: "too-late", expiresAt: known.expiresAt };
      }
      if (click.hash !== known.hash) {
        return { kind: "stale", replacement: null, reason: "The card you clicked is not the current one." };
      }
      const approvesOwn =
        click.choice.kind !== "reject" && click.by.slackId !== null && click.by.slackId === known.requestedBy;
      if (approvesOwn && rules.selfApproval === "forbid") return { kind: "self-approval-forbidden" };
      const selfApproved = approvesOwn && rules.selfApproval === "warn";
      return settle({
        id: known.id,
        hash: known.hash,
        outcome: outcomeOf(click, known, { at, via, selfApproved }),
        token,
      });
    },
    adopt: (outcome, { known, token }) => settle({ id: known.id, hash: known.hash, outcome, token }),
    expire({ known, at, token }) {
      const by = { slackId: null, name: "Executive Mind Matrix" };
      const reason = `Nobody decided within ${rules.ttlHours} hours.`;
      const outcome = {
        verdict: "expired",
        by,
        at,
        reason,
        final: null,
        via: "timer",
        selfApproved: false,
      } as const;
      return settle({ id: known.id, hash: known.hash, outcome, token });
    },
  };
}

function auditEntry({ id, outcome }: Claim) {
  const actor = outcome.by.slackId ?? outcome.by.name;
  return {
    actor,
    action: `decision.${outcome.verdict}`,
    subject: id,
    outcome: "done",
    detail: `via ${outcome.via}`,
  };
}

/** How a decision that is no longer pending answers a click; null while it is. */
function standing({ state }: DecisionRecord): DecideResult | null {
  switch (state.kind) {
    case "pending":
      return null;
    case "recording":
    case "recorded":
      return { kind: "already-decided", outcome: state.outcome };
    case "superseded":
      return { kind: "stale", replacement: state.by, reason: state.reason };
  }
}

function outcomeOf(
  click: Click,
  known: DecisionRecord,
  how: Pick<Outcome, "at" | "via" | "selfApproved">,
): Outcome {
  const { choice, by } = click;
  if (choice.kind === "reject")
    return { ...how, verdict: "rejected", by, reason: choice.reason, final: null };
  if (choice.kind === "approve")
    return { ...how, verdict: "approved", by, reason: null, final: known.proposal };
  const final = applyEdits(known.proposal, choice.edits);
  return { ...how, verdict: verdictOf(known.proposal, final), by, reason: choice.reason, final };
}
