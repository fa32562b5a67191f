/** A decision from card to settlement: its states, who may act, and what a click can lead to. */
import type { Analysis } from "./analysis.ts";
import type { MessageRef } from "./item.ts";
import type { Option, OptionId, Plan } from "./plan.ts";

/** Somebody who acts. `slackId` is null for a person known only from Notion and for the bot itself. */
export interface Person {
  slackId: string | null;
  name: string;
}

export type Verdict = "approved" | "edited" | "rejected" | "expired";

export interface Outcome {
  verdict: Verdict;
  by: Person;
  /** ISO 8601, UTC. */
  at: string;
  reason: string | null;
  /** The plan that will be carried out; null when nothing will be (rejected, expired). */
  final: Plan | null;
  via: "slack" | "notion" | "timer";
  /** True when the requester decided on their own request and the policy is "warn". */
  selfApproved: boolean;
}

export type DecisionState =
  | { kind: "pending" }
  /** Decided for good; Notion does not hold it yet. */
  | {
      kind: "recording";
      outcome: Outcome;
      /** Why recording does not get on, when somebody has to mend something first. */
      problem?: string;
    }
  | {
      kind: "recorded";
      outcome: Outcome;
      recordedAt: string;
      taskCount: number;
      projectUrl: string | null;
      acceptanceRate: number;
    }
  /** The content changed in Notion after the card was posted; `by` is the decision that replaces it. */
  | { kind: "superseded"; by: string | null; reason: string };

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
  card: MessageRef | null;
  /** Permalink of the card, once posted. */
  cardUrl: string | null;
  /** Grows with every change of state; the card is stale while cardRev < rev. */
  rev: number;
  cardRev: number;
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
}

/** Every way a click can end. Only `accepted` changes anything. */
export type DecideResult =
  | { kind: "accepted" }
  | { kind: "already-decided"; outcome: Outcome }
  | { kind: "stale"; replacement: string | null; reason: string }
  /** Its time is over, although nobody has closed it yet. */
  | { kind: "too-late"; expiresAt: string }
  | { kind: "not-found" }
  | { kind: "self-approval-forbidden" };

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
