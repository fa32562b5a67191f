/** What the workflows keep in the bot's own tables. Consumer-owned interfaces; `store/` conforms. */
import type { ItemKind } from "../domain/analysis.ts";
import type { Asked } from "../domain/asked.ts";
import type {
  DeadLetter,
  DecisionRecord,
  DecisionState,
  Evolution,
  NewDecision,
  Person,
} from "../domain/decision.ts";
import type { InboxRef, MessageRef } from "../domain/item.ts";

export interface ItemRun {
  pageId: string;
  attempt: number;
  round: number;
}

export interface ItemEntry {
  page_id: string;
  attempt: number;
  failures: number;
  round: number;
  state: "running" | "waiting" | "failed" | "dead" | "ignored" | "done";
  next_at: Date | null;
  updated_at: Date;
}

export interface ItemBook {
  known(pageIds: string[]): Promise<Map<string, ItemEntry>>;
  begin(ref: InboxRef, seen: ItemEntry | null, now: Date): Promise<ItemRun | null>;
  done(pageId: string, became: { kind: ItemKind; at: Date }): Promise<void>;
  waits(pageId: string, reason: string): Promise<void>;
  failed(run: ItemRun, reason: string, maxFailures: number): Promise<{ failures: number; final: boolean }>;
  revive(pageId: string): Promise<void>;
  ignore(pageId: string): Promise<void>;
}

export interface OriginBook {
  setOrigin(
    pageId: string,
    origin: { requestedBy: string | null; message: MessageRef | null },
  ): Promise<void>;
  origin(pageId: string): Promise<{ requestedBy: string | null; message: MessageRef | null }>;
}

export interface DecisionBook {
  find(id: string): Promise<DecisionRecord | null>;
  /** What the asker wrote; null where it was not kept. */
  asked(id: string): Promise<Asked | null>;
  findMany(ids: string[]): Promise<DecisionRecord[]>;
  inState(kind: DecisionState["kind"]): Promise<DecisionRecord[]>;
  dueBefore(moment: string): Promise<DecisionRecord[]>;
  withStaleCard(untouchedSince: Date): Promise<DecisionRecord[]>;
  insert(decision: NewDecision): Promise<void>;
  /** The one writer; null when there is no such decision. `change` may be called more than once. */
  evolve<R>(
    id: string,
    change: (known: DecisionRecord) => Evolution<R>,
  ): Promise<{ decision: DecisionRecord; result: R } | null>;
  cardPosted(id: string, posted: { card: MessageRef; url: string | null }): Promise<void>;
  /** Returns the newest that it was ever said to show. */
  cardShows(id: string, rev: number): Promise<number>;
}

export interface LetterBook {
  find(itemId: string): Promise<DeadLetter | null>;
  open(letter: Omit<DeadLetter, "state" | "card">): Promise<void>;
  posted(itemId: string, card: MessageRef): Promise<void>;
  close(itemId: string, kind: "retried" | "ignored", by: Person, at: string): Promise<boolean>;
}

export interface SpendBook {
  spentToday(): Promise<number>;
  /** YYYY-MM-DD in the configured time zone. */
  today(): string;
}

export interface SettingsBook {
  get<T extends object>(key: string): Promise<T | null>;
  set(key: string, value: object): Promise<void>;
}

export interface AuditBook {
  /** `at`, ISO 8601: when it was done, which a step that is made once more still knows; the same is written down once. */
  record(entry: {
    actor: string;
    action: string;
    subject: string;
    outcome: string;
    detail: string;
    at?: string;
  }): Promise<void>;
}

/** One holder of `name` at a time, across replicas. Never nested. */
export type Exclusive = <T>(name: string, run: () => Promise<T>) => Promise<T>;

/** What is kept of webhooks, as far as nobody needs it any more. */
export interface WebhookBook {
  forgetOld(now: Date): Promise<void>;
}

export interface DeliveryBook {
  forgetBefore(moment: Date): Promise<void>;
}
