/** A decision from card to settlement: its states, who may act, and what a click can lead to. */
import { createHash } from "node:crypto";
import type { Analysis } from "./analysis.ts";
import type { Asked } from "./asked.ts";
import type { MessageRef } from "./item.ts";
import { contentHash, type Option, type OptionId, type Plan, planToContent } from "./plan.ts";

/** Somebody who acts. `slackId` is null for a person known only from Notion and for the bot itself. */
export interface Person {
  slackId: string | null;
  name: string;
  /** For whom a deputy acts. */
  for?: { slackId: string; name: string };
}

/** As people write it: a deputy with the principal. */
export function writtenName({ name, for: principal }: Person): string {
  return principal === undefined ? name : `${name} for ${principal.name}`;
}

/** The same with ids: "Lee Park (U0LEE) for Dana Reyes (U0DANA)". */
export function nameWithId({ slackId, name, for: principal }: Person): string {
  const who = slackId === null ? name : `${withoutIds(name)} (${slackId})`;
  return principal === undefined ? who : `${who} for ${withoutIds(principal.name)} (${principal.slackId})`;
}

/** Nobody is named for two by what they call themselves. */
function withoutIds(name: string): string {
  return name.replace(/\(([UW][A-Z0-9]+)\)/g, "[$1]");
}

/** Everybody whose decision it is, in the order of their votes. */
export function whoDecided({ by, approvals = [] }: Pick<Outcome, "by" | "approvals">): Person[] {
  return approvals.length === 0 ? [by] : approvals.map((approval) => approval.by);
}

/** `withdrawn` = taken back by the requester. */
export type Verdict = "approved" | "edited" | "rejected" | "expired" | "withdrawn";

/** One yes to one plan. It stays in the record when it no longer counts. */
export interface Approval {
  by: Person;
  /** ISO 8601, UTC. */
  at: string;
  /** `planHash` of what was approved. */
  planHash: string;
  /** Their own request, and the policy is "warn". */
  selfApproved?: true;
  /** Their own request, although the policy is "forbid". */
  breakGlass?: { reason: string };
  voided?: { at: string; why: string };
}

/** The plan as changed by somebody while more approvals are needed. */
export interface Draft {
  plan: Plan;
  by: Person;
  at: string;
  reason: string | null;
}

export interface Question {
  id: string;
  text: string;
  by: Person;
  /** ISO 8601, UTC. */
  at: string;
  /** Who is to answer: whoever asked for the decision, or the adviser of this name. */
  to: "requester" | { adviser: string };
  /** `by` is the adviser's name where an adviser answered. */
  answer: { text: string; by: Person | string; at: string } | null;
}

/** Why a settled decision is put to the vote once more; kept by the new one, whose request it is. */
export interface Reopening {
  /** Id of the settled decision. */
  of: string;
  by: Person;
  reason: string;
  at: string;
  earlier: EarlierDecision;
}

/** The decision that stands until the new one is made. */
export interface EarlierDecision {
  verdict: Verdict;
  by: Person;
  at: string;
  cardUrl: string | null;
  /** Tasks that were made so far, by it and by those before it. They stay, and are not made again. */
  tasks: string[];
  /** Where they can be found; null when there are none. */
  tasksUrl: string | null;
}

export interface Outcome {
  verdict: Verdict;
  by: Person;
  /** ISO 8601, UTC. */
  at: string;
  reason: string | null;
  /** The plan that will be carried out; null when nothing will be (rejected, expired, withdrawn). */
  final: Plan | null;
  via: "slack" | "notion" | "timer";
  /** True when the requester decided on their own request and the policy is "warn". */
  selfApproved: boolean;
  /** The requester approved although the policy is "forbid", and said why. */
  breakGlass?: true;
  /** Everybody whose approval counted, when more than one was needed. */
  approvals?: Approval[];
}

export type DecisionState =
  | { kind: "pending" }
  /** Decided; whoever decided may take it back until then. Notion knows nothing of it yet. */
  | { kind: "undoable"; outcome: Outcome; until: string }
  /** Decided for good; Notion does not hold it yet. */
  | {
      kind: "recording";
      outcome: Outcome;
      /** When it could no longer be taken back; absent where it never could. */
      since?: string;
      /** Why recording does not get on, when somebody has to mend something first. */
      problem?: string;
    }
  | {
      kind: "recorded";
      outcome: Outcome;
      since?: string;
      recordedAt: string;
      taskCount: number;
      projectUrl: string | null;
      acceptanceRate: number;
    }
  /** The content changed in Notion after the card was posted; `by` is the decision that replaces it. */
  | {
      kind: "superseded";
      by: string | null;
      reason: string;
      /** What had been decided on the old content, and was not carried out. */
      voided?: Outcome;
    };

/** Nobody decided for long: these may decide as well from then on. */
export interface Escalation {
  /** ISO 8601, UTC. */
  at: string;
  /** User ids and user-group ids. */
  to: string[];
}

export interface DecisionRecord {
  /** Id of the Action Pipe page; also the key of everything that follows from it. */
  id: string;
  itemId: string;
  intentId: string;
  pipeUrl: string;
  intentUrl: string;
  /** Short title, as on the Action Pipe. */
  title: string;
  analysis: Analysis;
  proposal: Plan;
  /** contentHash of what the card shows. */
  hash: string;
  requestedBy: string | null;
  areaId: string | null;
  createdAt: string;
  /** null = never. */
  expiresAt: string | null;
  /** Set when nobody decided for long. */
  escalation?: Escalation | null;
  state: DecisionState;
  /** Oldest first; those that no longer count are marked. */
  approvals: Approval[];
  draft: Draft | null;
  /** Oldest first. */
  questions: Question[];
  /** Set on a decision that puts a settled one to the vote again. */
  reopening: Reopening | null;
  /** Set on the settled one. */
  reopenedAs: { id: string; by: Person; reason: string; at: string } | null;
  /** How often a decision or an approval was taken back. */
  round: number;
  card: MessageRef | null;
  /** Permalink of the card, once posted. */
  cardUrl: string | null;
  /** Grows with every change of state; the card is stale while cardRev < rev. */
  rev: number;
  cardRev: number;
}

/** What a decision is when it is made; what is left out begins empty. */
export type NewDecision = Omit<
  DecisionRecord,
  | "state"
  | "approvals"
  | "draft"
  | "questions"
  | "reopening"
  | "reopenedAs"
  | "round"
  | "card"
  | "cardUrl"
  | "rev"
  | "cardRev"
> &
  Partial<Pick<DecisionRecord, "approvals" | "questions" | "reopening">> & {
    /** Of the first decision on an intent; those in its place are found to have the same. */
    asked?: Asked;
  };

const NOTHING_YET = {
  approvals: [],
  draft: null,
  questions: [],
  reopening: null,
  reopenedAs: null,
  round: 0,
};

/** What a workflow keeps of a decision: one that began in a version without votes, questions and reopening kept none. */
export function inFull<D extends object>(kept: D): typeof NOTHING_YET & D {
  return { ...NOTHING_YET, ...kept };
}

/** Everything about a decision that may change after it was made. */
export type DecisionPatch = Partial<
  Pick<DecisionRecord, "state" | "approvals" | "draft" | "questions" | "reopenedAs" | "round">
>;

/** What an event does to a decision: nothing when `patch` is null. */
export interface Evolution<R> {
  patch: DecisionPatch | null;
  result: R;
}

/** The plan a card asks to approve. */
export function shownPlan({ draft, proposal }: Pick<DecisionRecord, "draft" | "proposal">): Plan {
  return draft?.plan ?? proposal;
}

/** What an approval is bound to: the plan alone. */
export function planHash(decision: Pick<DecisionRecord, "draft" | "proposal" | "title" | "hash">): string {
  const { draft, title, hash } = decision;
  return draft === null ? hash : contentHash(planToContent(title, draft.plan));
}

/** What a click is bound to: the plan, and the answers that were there to be read. */
export function shownHash(
  decision: Pick<DecisionRecord, "draft" | "proposal" | "title" | "hash" | "questions">,
): string {
  const plan = planHash(decision);
  const answers = decision.questions.flatMap(({ id, answer }) => (answer ? [[id, answer.text]] : []));
  if (answers.length === 0) return plan;
  return createHash("sha256")
    .update(JSON.stringify([plan, answers]))
    .digest("hex")
    .slice(0, 32);
}

export interface ApprovalRules {
  /** For a decision of high impact. */
  approvalsRequiredHigh: number;
}

/** From this impact on, of 10, more is asked of a decision. */
export const HIGH_IMPACT = 8;

export function isHighImpact({ analysis }: Pick<DecisionRecord, "analysis">): boolean {
  return analysis.triage.impact >= HIGH_IMPACT;
}

export function approvalsNeeded(decision: Pick<DecisionRecord, "analysis">, rules: ApprovalRules): number {
  return isHighImpact(decision) ? rules.approvalsRequiredHigh : 1;
}

/** Approvals of the plan as it is shown. */
export function approvalsGiven(decision: DecisionRecord): Approval[] {
  const shown = planHash(decision);
  return decision.approvals.filter((approval) => !approval.voided && approval.planHash === shown);
}

export interface Edits {
  option: OptionId;
  /** The options as rewritten in Notion; the form in Slack leaves them as they are. */
  options?: Option[];
  riskAssessment: string;
  resources: string[];
  tasks: string[];
}

export type Choice =
  | { kind: "approve" }
  | { kind: "edit"; edits: Edits; reason: string | null }
  | { kind: "reject"; reason: string };

export interface Click {
  decisionId: string;
  /** Hash of what the person saw. */
  hash: string;
  choice: Choice;
  by: Person;
  /** Approves one's own request although the policy forbids it. */
  breakGlass?: { reason: string };
}

/** Every way a click can end. Only the first two change anything. */
export type DecideResult =
  | { kind: "accepted" }
  /** Noted; others have to approve as well. */
  | { kind: "counted"; given: number; needed: number }
  /** One's own approval, or that of one's principal or deputy, counts already. */
  | { kind: "already-approved" }
  /** Whether the earlier approval of this person still counts could not be found out; it stays. */
  | { kind: "votes-unchecked"; by: Person; why: string; isPassing: boolean }
  | { kind: "already-decided"; outcome: Outcome }
  | { kind: "stale"; replacement: string | null; reason: string }
  /** Its time is over, although nobody has closed it yet. */
  | { kind: "too-late"; expiresAt: string }
  | { kind: "not-found" }
  | { kind: "self-approval-forbidden" }
  /** Only whoever asked may withdraw. */
  | { kind: "not-requester" };

/** Only the first changes anything. */
export type UndoResult =
  | { kind: "undone" }
  /** It is being carried out, or was. */
  | { kind: "too-late-to-undo" }
  | { kind: "not-yours"; by: Person }
  | { kind: "nothing-to-undo" }
  | { kind: "not-found" };

export type SelfApproval = "allow" | "warn" | "forbid";

/** The plan an edited approval carries out: the proposal with the person's changes. */
export function applyEdits(proposal: Plan, edits: Edits): Plan {
  return {
    ...proposal,
    ...(edits.options !== undefined && { options: edits.options }),
    recommendedOption: edits.option,
    riskAssessment: edits.riskAssessment,
    resources: edits.resources,
    tasks: edits.tasks,
  };
}

/** A modal submitted without any change is a plain approval. */
export function verdictOf(proposal: Plan, final: Plan): "approved" | "edited" {
  return JSON.stringify(proposal) === JSON.stringify(final) ? "approved" : "edited";
}

/** A failed item that waits for a person. */
export interface DeadLetter {
  itemId: string;
  itemUrl: string;
  title: string;
  reason: string;
  attempts: number;
  failedAt: string;
  state: { kind: "open" } | { kind: "retried" | "ignored"; by: Person; at: string };
  card: MessageRef | null;
}
