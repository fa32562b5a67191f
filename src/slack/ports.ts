/** What the Slack side needs from the rest of the bot. */
import type { Asked } from "../domain/asked.ts";
import type { BatchEnded, BatchOrder } from "../domain/batch.ts";
import type {
  Click,
  DeadLetter,
  DecideResult,
  DecisionRecord,
  Person,
  UndoResult,
} from "../domain/decision.ts";
import type { HealthReport } from "../domain/health.ts";
import type { MessageRef, NewItem } from "../domain/item.ts";
import type { ExampleType } from "../domain/training-file.ts";
import type { ErrorCode } from "../errors.ts";

export interface DecisionDesk {
  find(decisionId: string): Promise<DecisionRecord | null>;
  /** What the asker wrote; null where it was not kept. */
  asked(decisionId: string): Promise<Asked | null>;
  /** Pending ones, oldest first. */
  pending(): Promise<DecisionRecord[]>;
  /** Little at stake, and nothing of one's own speaks against it; who may decide it is asked elsewhere. */
  isForBatch(decision: DecisionRecord, userId: string): boolean;
  /** Draws an open card anew, so that Slack forgets what was picked in its menus. */
  redraw(decisionId: string): Promise<void>;
  /** Durable once it returns. Who may decide was checked before. */
  decide(click: Click): Promise<DecideResult>;
  /** Durable once it begins; the same order is carried out once. Checks itself who may. */
  decideBatch(order: BatchOrder): Promise<BatchEnded[]>;
  /** Decided, but can still be taken back; oldest first. */
  undoable(): Promise<DecisionRecord[]>;
  /** Durable once it returns. Only whoever decided or approved can. */
  undo(decisionId: string, by: Person): Promise<UndoResult>;
  /** Durable once it returns. Only whoever asked can. */
  withdraw(decisionId: string, request: { by: Person; reason: string | null }): Promise<DecideResult>;
}

export interface DeadLetterDesk {
  find(itemId: string): Promise<DeadLetter | null>;
  /** False when somebody already retried or ignored it; `letter` is how it stands now. */
  act(
    itemId: string,
    act: "retried" | "ignored",
    by: Person,
  ): Promise<{ done: boolean; letter: DeadLetter } | null>;
}

/** Adds to the inbox. Durable once it returns; the same key adds once. */
export interface Capture {
  add(key: string, item: NewItem, origin: MessageRef | null): Promise<void>;
}

export interface Operations {
  /** Looks at everything now; bounded in time. */
  health(): Promise<HealthReport>;
  /** As last seen, at once. */
  lastHealth(): HealthReport;
}

/** Hands out Training Data. Durable once it returns; the same id hands out once. */
export interface ExportDesk {
  /** `channel`: the person's direct message. `only` null = both kinds. */
  start(order: { id: string; userId: string; channel: string; only: ExampleType | null }): Promise<void>;
}

export interface AuditEntry {
  actor: string;
  /** e.g. "decision.approve" */
  action: string;
  subject: string;
  outcome: "done" | "refused" | "failed";
  detail: string;
}

export interface AuditTrail {
  record(entry: AuditEntry): Promise<void>;
}

/** Counts what people would notice. */
export interface SlackMeter {
  acknowledged(ack: { type: string; durationMs: number }): void;
  /** Every handler has ended and Slack was not answered. */
  unanswered?(delivery: { type: string }): void;
  /** A call to Slack did not work. */
  failed(code: ErrorCode): void;
}

/** Which Slack deliveries were seen; false the second time, on any replica. */
export interface DeliveryLog {
  isFirst(deliveryKey: string): Promise<boolean>;
}

/**
 * Makes a post happen once. `begin` is called before the request: `posted` when it is already done, `retried`
 * when an earlier try may have reached Slack, `doubtful` when one may have of which a restored store knows nothing (look
 * for it before posting again).
 */
export interface PostLedger {
  begin(key: string): Promise<{
    posted: MessageRef | null;
    retried: boolean;
    doubtful?: boolean;
    startedAt: string;
    /** Names this try. */
    claim: number;
  }>;
  /** The newest try, and what came of it: a process that was given up must not post any more. */
  standing(key: string): Promise<{ claim: number; posted: MessageRef | null }>;
  done(key: string, posted: MessageRef): Promise<void>;
}

/** Resolves when it is this replica's turn to post to a channel or, with null, to change a message. */
export type SharedTurns = (channel: string | null) => Promise<void>;
