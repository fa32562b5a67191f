/** What the workflows need from the world. Each adapter conforms structurally; app.ts is where that is checked. */
import type { Pool } from "pg";
import type {
  Advice,
  Adviser,
  Analysis,
  Answered,
  CallUsage,
  Concept,
  Disagreement,
  Frame,
  Synthesis,
  Triage,
} from "../domain/analysis.ts";
import type { DeadLetter, DecisionRecord, Outcome, Person } from "../domain/decision.ts";
import type { InboxItem, InboxRef, MessageRef, NewItem } from "../domain/item.ts";
import type { PipeContent, Plan } from "../domain/plan.ts";
import type { ReviewRow } from "../domain/review.ts";
import type { ExampleType, TrainingCounts } from "../domain/training-file.ts";
import type { StillMay } from "../domain/voters.ts";
import type { ErrorCode, Failure } from "../errors.ts";

export interface PageRef {
  id: string;
  url: string;
}

/**
 * Every create takes a `key`: the same key never makes a second page, whatever was lost, repeated or timed out.
 * `suspect` = pages with our keys may exist although our store does not know (a store that was lost).
 */
export interface CreateOptions {
  key: string;
  suspect?: boolean;
}

/** The System Inbox. */
export interface Inbox {
  /** Unprocessed, empty or Processing rows, oldest first, all pages. */
  waiting(): Promise<InboxRef[]>;
  /** Sets Processing and the attempt, and reads the whole item in the same request. */
  claim(id: string, attempt: number): Promise<InboxItem>;
  /** Reads it and changes nothing. */
  read(id: string): Promise<InboxItem>;
  finish(id: string, result: InboxFinish): Promise<void>;
  /** Back to Unprocessed, or on to Failed, with the reason (null clears it). */
  putBack(id: string, back: { status: "Unprocessed" | "Failed"; reason: string | null }): Promise<void>;
  add(item: NewItem, options: CreateOptions): Promise<PageRef>;
}

export interface InboxFinish {
  destination: "intent" | "task" | "node";
  routedTo: string[];
  nodes: string[];
  tags: string[];
}

export interface Area {
  id: string;
  name: string;
}

/** Slow-changing tables, cached by the adapter. */
export interface Catalogue {
  areas(): Promise<Area[]>;
  /** Active rows of the Agent Registry. */
  advisers(): Promise<Adviser[]>;
  /** Exact, then fuzzy (≥ 0.95) match on all nodes, else a new node. One ref per concept, in order. */
  nodes(concepts: Concept[], options: { suspect?: boolean }): Promise<{ id: string; name: string }[]>;
}

export interface NewIntent {
  title: string;
  description: string;
  successCriteria: string;
  triage: Triage;
  disagreement: Disagreement;
  areaId: string | null;
  nodeIds: string[];
  adviserIds: string[];
  itemId: string;
  /** YYYY-MM-DD */
  createdOn: string;
  dueOn: string;
}

export interface NewPipe {
  content: PipeContent;
  /** Full untouched AI output, stored as JSON. */
  raw: unknown;
  intentId: string;
  adviserIds: string[];
  costUsd: number;
}

/** An Action Pipe as it stands in Notion now. */
export interface PipeRow {
  id: string;
  inTrash: boolean;
  status: string;
  content: PipeContent;
  lastEditedAt: string;
  /** Notion user id of the last editor. */
  lastEditedBy: string;
  reason: string | null;
}

export interface DecisionWrite {
  status: "Approved" | "Rejected" | "Expired" | "Withdrawn" | "Superseded" | "Pending";
  outcome: Outcome | null;
  /** Words for `Decision_Made` of the intent; null leaves the intent alone. */
  sentence: string | null;
  content: PipeContent | null;
}

/** Executive Intents and Action Pipes. */
export interface Decisions {
  createIntent(intent: NewIntent, options: CreateOptions): Promise<PageRef>;
  createPipe(pipe: NewPipe, options: CreateOptions): Promise<PageRef>;
  linkCard(pipeId: string, cardUrl: string): Promise<void>;
  readPipe(pipeId: string): Promise<PipeRow>;
  /** Pipes edited at or after `since` (ISO), all pages. */
  pipesEditedSince(since: string): Promise<PipeRow[]>;
  /** Writes status, who, when, why and the final content to the pipe. */
  writePipe(pipeId: string, write: DecisionWrite): Promise<void>;
  /** Who was heard on the intent, and how far they disagree. */
  writeAdvice(intentId: string, advice: Pick<NewIntent, "disagreement" | "adviserIds">): Promise<void>;
  /** Status and `Decision_Made` of the intent. */
  writeIntent(intentId: string, write: { status: DecisionWrite["status"]; sentence: string }): Promise<void>;
}

export interface TrainingRow {
  title: string;
  intentId: string;
  /** ISO */
  at: string;
  adviser: string;
  /** 0 to 1. */
  acceptanceRate: number;
  modifications: unknown[];
  original: Plan;
  final: Plan | null;
  outcome: Outcome;
  model: string;
}

export interface LogEntry {
  title: string;
  action: string;
  /** ISO */
  at: string;
  actor: string;
  intentId: string | null;
  pipeId: string | null;
}

/** Training Data and Execution Log: written once, never changed. */
export interface Records {
  createTraining(row: TrainingRow, options: CreateOptions): Promise<PageRef>;
  /** What people said of a decision later. */
  createReview(row: ReviewRow, options: CreateOptions): Promise<PageRef>;
  /**
   * How the bot itself settled this Action Pipe before, when its own hand was the last on it and its own training row
   * tells; null otherwise. Nobody else's writing counts.
   */
  ownOutcome(pipe: Pick<PipeRow, "id" | "lastEditedBy">): Promise<Outcome | null>;
  createLog(entry: LogEntry, options: CreateOptions): Promise<PageRef>;
}

export interface NewTask {
  title: string;
  /** Context for whoever does it; written where the schema has room for it. */
  context: string;
  intentId: string | null;
  itemId: string | null;
  areaId: string | null;
  projectId: string | null;
}

export interface FollowUps {
  createTask(task: NewTask, options: CreateOptions): Promise<PageRef>;
  createProject(
    project: { title: string; context: string; intentId: string; areaId: string | null },
    options: CreateOptions,
  ): Promise<PageRef>;
}

/** Turns a Notion user into a Slack one; null when that cannot be established. */
export interface People {
  slackPersonOf(notionUserId: string): Promise<Person | null>;
  /**
   * Whether this person may decide, as whom: a deputy is named with the principal. `reason` tells others why not,
   * `refusal` is a word for the audit. Fails closed, and retryably when Slack does not answer.
   */
  mayDecide(
    person: Person,
    decisionId?: string,
  ): Promise<{ ok: true; person: Person } | { ok: false; reason: string; refusal: string }>;
  /** Whether this person may still decide this one by the right they had: their own, or the one lent by the principal named. */
  stillMay(by: Person, decisionId: string): Promise<StillMay>;
}

/** `calls` were billed either way. */
export type Answer<T> =
  | { kind: "ok"; value: T; calls: CallUsage[] }
  | { kind: "failed"; failure: Failure; calls: CallUsage[] };

export interface AskContext {
  /** Unique per workflow step; names the call in the spend ledger. */
  key: string;
  item: InboxItem;
  /** What was asked and answered since the card was posted. */
  answered?: readonly Answered[];
}

/** Claude, in the bot's words. */
export interface Counsel {
  triage(ask: AskContext & { areas: string[]; advisers: string[] }): Promise<Answer<Triage>>;
  frame(ask: AskContext & { triage: Triage }): Promise<Answer<Frame>>;
  advise(ask: AskContext & { adviser: Adviser; triage: Triage; frame: Frame }): Promise<Answer<Advice>>;
  synthesise(
    ask: AskContext & { triage: Triage; frame: Frame; advice: Advice[] },
  ): Promise<Answer<Synthesis>>;
  /** What this adviser answers to a question about a decision; `plan` is the one on the card. */
  answer(
    ask: AskContext &
      Pick<Analysis, "triage" | "frame" | "advice" | "synthesis"> & {
        adviser: Adviser;
        question: string;
        plan: Plan;
      },
  ): Promise<Answer<{ text: string }>>;
  /** Built-in advisers, overridden or joined by active registry rows. */
  advisers(registry: Adviser[]): Adviser[];
}

/** Without what the advisers said, which is most of it. */
export type DecisionInShort = Omit<DecisionRecord, "analysis">;

/** What is said outside a decision card. Words are the Slack side's business. */
export type Note =
  | { kind: "budget-reached"; capUsd: number; day: string }
  | {
      kind: "item-triaged";
      to: MessageRef | null;
      requestedBy: string;
      itemTitle: string;
      outcome: string;
      url: string | null;
    }
  | { kind: "decided"; decision: DecisionInShort }
  /** To whoever asked: where they asked, or directly. */
  | { kind: "outcome"; to: MessageRef | null; requestedBy: string; decision: DecisionInShort }
  | { kind: "not-recorded"; decision: DecisionInShort; reason: string }
  /** Somebody set `status` in Notion although it was settled already. */
  | { kind: "too-late-in-notion"; decision: DecisionInShort; status: string }
  | { kind: "refused-in-notion"; decision: DecisionInShort; by: string; reason: string }
  /** An approval in Notion where more than one is needed. */
  | { kind: "counted-in-notion"; decision: DecisionInShort; by: string; given: number; needed: number }
  /** In the thread of the settled one; `url` of the card on which it is decided again. */
  | { kind: "reopened"; decision: DecisionInShort; url: string | null }
  | { kind: "channel-gone"; channel: string; decisionTitle: string };

/** Slack, as far as workflows speak. Every post has a key and is made once. */
export interface Board {
  postDecision(decision: DecisionRecord): Promise<{ card: MessageRef; url: string | null }>;
  updateDecision(decision: DecisionRecord): Promise<void>;
  postDeadLetter(letter: DeadLetter): Promise<MessageRef>;
  updateDeadLetter(letter: DeadLetter): Promise<void>;
  /** A thread reply, a direct message or a channel line, by kind of note. */
  say(key: string, note: Note): Promise<void>;
}

/** Plain JSON: it is the input of the workflow. */
export interface ExportOrder {
  /** Names the request; the same one is carried out once. */
  id: string;
  userId: string;
  /** The direct message with whoever asked. */
  channel: string;
  /** null = both kinds. */
  only: ExampleType | null;
}

/** How a request ended, for the person. "unconfirmed": Slack may have posted the file, or lost it. */
export type ExportEnd =
  | { kind: "nothing"; counts: TrainingCounts }
  | { kind: "unconfirmed" }
  | { kind: "failed"; failure: Failure };

export interface ExportCourier {
  /** Leaves the bytes with Slack, shown to nobody yet; returns the file's id. */
  upload(file: { name: string; text: string }): Promise<string>;
  /** Shows an uploaded file to one person. */
  share(file: {
    id: string;
    name: string;
    channel: string;
    counts: TrainingCounts;
  }): Promise<"shared" | "unconfirmed">;
  say(key: string, order: ExportOrder, end: ExportEnd): Promise<void>;
}

/**
 * Counts what happened, in this process. Called inside steps, so that a replay does not count again; a step that was cut
 * off and runs once more counts twice.
 */
export interface Meter {
  itemEnded(
    kind: "strategic" | "operational" | "reference" | "unknown",
    outcome: "done" | "waiting" | "failed" | "dead_letter",
  ): void;
  advised(adviser: string, outcome: "ok" | ErrorCode): void;
  dialecticEnded(outcome: "complete" | "partial" | "failed"): void;
  decided(verdict: Outcome["verdict"]): void;
  /** `acceptanceRate` from 0 to 1. */
  settled(verdict: Outcome["verdict"], acceptanceRate: number): void;
  failed(code: ErrorCode): void;
}

/** Where the engine keeps its checkpoints. */
export interface EngineStore {
  connection: { kind: "postgres"; url: string } | { kind: "embedded"; pool: Pool };
  migrate(): Promise<void>;
  /** One holder of `name` at a time, across replicas. */
  exclusive<T>(name: string, run: () => Promise<T>): Promise<T>;
}
