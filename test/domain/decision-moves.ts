/** What people do to a decision, one moment after the other, for tests of the rules alone. */
import {
  approvalsGiven,
  type Choice,
  type DecisionRecord,
  type Person,
  shownHash,
} from "../../src/domain/decision.ts";
import type { DecisionEvent } from "../../src/domain/decision-machine.ts";
import { decision } from "../fixtures/decision.ts";

export const DANA: Person = { slackId: "U0DANA0001", name: "Dana Reyes" };
export const SAM: Person = { slackId: "U0SAM00001", name: "Sam" };
export const SAM_FOR_DANA: Person = { ...SAM, for: { slackId: "U0DANA0001", name: "Dana Reyes" } };
export const LEE: Person = { slackId: "U0LEE00001", name: "Lee" };

/** Every moment is another one. */
let minutes = 0;
export const nextMoment = () => new Date(Date.UTC(2026, 10, 21, 9, minutes++)).toISOString();

export const edits = (change: string) => ({
  option: "B" as const,
  riskAssessment: change,
  resources: [],
  tasks: [],
});

export function choose(
  known: DecisionRecord,
  by: Person,
  choice: Choice = { kind: "approve" },
): DecisionEvent {
  const click = { decisionId: known.id, hash: shownHash(known), choice, by };
  return { kind: "choose", click, via: "slack", at: nextMoment(), round: known.round };
}

/** As the store does it. */
export function changed(known: DecisionRecord, { patch }: { patch: object | null }): DecisionRecord {
  return patch === null ? known : { ...known, ...patch, rev: known.rev + 1 };
}

export const fresh = () => decision({ expiresAt: null });
export const given = (known: DecisionRecord) => approvalsGiven(known).map(({ by }) => by.name);
