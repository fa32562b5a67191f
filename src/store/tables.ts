/** The bot's own tables, schema `emm`, beside the workflow engine's in the same database. One type per table. */
import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { Analysis } from "../domain/analysis.ts";
import type { DeadLetter, DecisionState } from "../domain/decision.ts";
import type { Plan } from "../domain/plan.ts";

type Timestamp = ColumnType<Date, Date | string, Date | string>;
type OptionalTimestamp = ColumnType<Date | null, Date | string | null, Date | string | null>;

export type ItemState = "running" | "waiting" | "failed" | "dead" | "ignored" | "done";

export interface ItemTable {
  page_id: string;
  /** Grows for ever; part of the workflow id. */
  attempt: number;
  /** Failed attempts since the last success or Retry. */
  failures: number;
  /** Grows when a finished item is put back to Unprocessed by a person; part of every record key. */
  round: number;
  state: ItemState;
  /** Not before this moment. */
  next_at: OptionalTimestamp;
  last_error: string | null;
  updated_at: Timestamp;
}

/** Where an item came from in Slack, so that the asker can be told. */
export interface OriginTable {
  page_id: string;
  requested_by: string | null;
  channel: string | null;
  ts: string | null;
}

export interface DecisionTable {
  id: string;
  item_id: string;
  intent_id: string;
  pipe_url: string;
  intent_url: string;
  title: string;
  analysis: JSONColumnType<Analysis>;
  proposal: JSONColumnType<Plan>;
  hash: string;
  requested_by: string | null;
  area_id: string | null;
  created_at: Timestamp;
  expires_at: OptionalTimestamp;
  state_kind: DecisionState["kind"];
  state: JSONColumnType<DecisionState>;
  card_channel: string | null;
  card_ts: string | null;
  card_url: string | null;
  rev: Generated<number>;
  card_rev: Generated<number>;
  updated_at: Timestamp;
}

export interface DeadLetterTable {
  item_id: string;
  letter: JSONColumnType<Omit<DeadLetter, "state" | "card">>;
  state_kind: DeadLetter["state"]["kind"];
  state: JSONColumnType<DeadLetter["state"]>;
  card_channel: string | null;
  card_ts: string | null;
}

/** Notion creates: written before the request, completed after it. */
export interface WriteTable {
  key: string;
  page_id: string | null;
  started_at: Timestamp;
}

/** Slack posts, likewise. */
export interface PostTable {
  key: string;
  channel: string | null;
  ts: string | null;
  started_at: Timestamp;
}

export interface DeliveryTable {
  key: string;
  seen_at: Timestamp;
}

export interface SpendTable {
  key: string;
  /** YYYY-MM-DD in the configured time zone. */
  day: string;
  step: string;
  model: string;
  item_id: string;
  usd: number;
  input_tokens: number;
  output_tokens: number;
  settled: boolean;
  at: Timestamp;
}

export interface CounterTable {
  name: string;
  value: number;
}

export interface PacingTable {
  key: string;
  turns: ColumnType<string, number, number>;
  paused_until: Timestamp;
}

export interface PacingSlotTable {
  key: string;
  slot: number;
  at: Timestamp;
}

export interface AuditTable {
  id: Generated<string>;
  at: Timestamp;
  actor: string;
  action: string;
  subject: string;
  outcome: string;
  detail: string;
}

export interface SettingTable {
  key: string;
  value: JSONColumnType<object>;
}

export interface Tables {
  items: ItemTable;
  origins: OriginTable;
  decisions: DecisionTable;
  dead_letters: DeadLetterTable;
  writes: WriteTable;
  posts: PostTable;
  deliveries: DeliveryTable;
  spend: SpendTable;
  counters: CounterTable;
  pacing: PacingTable;
  pacing_slots: PacingSlotTable;
  audit: AuditTable;
  settings: SettingTable;
}
