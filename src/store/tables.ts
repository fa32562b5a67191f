/** The bot's own tables, schema `emm`, beside the workflow engine's in the same database. One type per table. */
import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { Severity } from "../domain/alert.ts";
import type { GroupReason, GroupTold, HeldBy, Told } from "../domain/alert-display.ts";
import type { Alert, AlertState } from "../domain/alert-life.ts";
import type { ItemKind } from "../domain/analysis.ts";
import type { DeadLetter, Person } from "../domain/decision.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { DigestKind } from "../domain/digest.ts";
import type { IncidentSeverity, TimelineKind } from "../domain/incident.ts";
import type { RollbackState } from "../domain/rollback.ts";
import type { AlertChange } from "../domain/webhook.ts";
import type { CaptureTable } from "./capture-table.ts";
import type { DecisionTable } from "./decision-table.ts";
import type { DeputyTable } from "./deputy-table.ts";
import type { NodeReadingTable, NodeTable } from "./node-tables.ts";
import type { ReviewTable } from "./review-table.ts";

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
  /** Since when somebody waits for it: its last change before it was taken up. null = from before this was kept. */
  waiting_since: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  updated_at: Timestamp;
  /** By the first poll that took it up. null in these three = from before they were kept. */
  seen_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** When it became what it is. */
  ended_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** What triage made of it; null until it is done. */
  kind: ColumnType<ItemKind | null, ItemKind | null | undefined, ItemKind | null>;
}

/** Where an item came from in Slack, so that the asker can be told. */
export interface OriginTable {
  page_id: string;
  requested_by: string | null;
  channel: string | null;
  ts: string | null;
}

/** Reminders that were said; a later one stands for those that nobody was there to say. */
export interface ReminderTable {
  decision_id: string;
  /** Percent of the time to live. */
  mark: number;
  outcome: "said" | "covered";
  at: Timestamp;
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
  /** Grows with every try: the newest alone may post. */
  claim: Generated<number>;
  /** The last time; null = by a version that did not note it. */
  tried_at: ColumnType<Date | null, Date | undefined, Date>;
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
  /** Who was asked, in the step "advise". */
  adviser: string | null;
}

export interface CounterTable {
  name: string;
  value: number;
}

export interface PacingTable {
  key: string;
  turns: ColumnType<string, number, number>;
  paused_until: Timestamp;
  /** When a turn was last given out; null = by a version that did not note it. */
  seen_at: ColumnType<Date | null, Date | undefined, Date>;
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

export interface AlertTable {
  id: string;
  key: string;
  episode: number;
  severity: Severity;
  title: string;
  detail: string;
  url: string | null;
  state_kind: AlertState["kind"];
  state: JSONColumnType<AlertState>;
  opened_at: Timestamp;
  last_at: Timestamp;
  count: number;
  returns: number;
  lapses: number;
  lapsed: JSONColumnType<NonNullable<Alert["lapsed"]> | null>;
  reporters: number;
  rev: number;
  loud_rev: number;
  /** When time alone may change it. */
  review_at: OptionalTimestamp;
  updated_at: Timestamp;
  place: string | null;
  placed_at: OptionalTimestamp;
  held_by: HeldBy | null;
  card_channel: string | null;
  card_ts: string | null;
  card_no: Generated<number>;
  shown_rev: Generated<number>;
  shown_at: OptionalTimestamp;
  told: JSONColumnType<Told | null, string | undefined, string>;
}

/** Who sees a problem now. */
export interface AlertReportTable {
  key: string;
  source: string;
  severity: Severity;
  title: string;
  detail: string;
  url: string | null;
  last_at: Timestamp;
  fresh_until: OptionalTimestamp;
}

/** One message for many alerts. */
export interface AlertGroupTable {
  id: string;
  reason: GroupReason;
  opened_at: Timestamp;
  joined_at: Timestamp;
  card_channel: string | null;
  card_ts: string | null;
  card_no: Generated<number>;
  draws: Generated<number>;
  shown_at: OptionalTimestamp;
  told: JSONColumnType<GroupTold | null, string | undefined, string>;
}

export interface SettingTable {
  key: string;
  value: JSONColumnType<object>;
}

/** Good and total in a span of five minutes; added to by every replica. */
export interface ServiceCountTable {
  objective: string;
  bucket: Timestamp;
  good: number;
  total: number;
}

/** One row a minute, written by whoever is alive; a minute without a row had nobody. */
export interface HeartbeatTable {
  minute: Timestamp;
  ready: boolean;
  /** The last good poll was recent. */
  polled: boolean;
  paused: boolean;
  polled_at: OptionalTimestamp;
}

export interface MaintenanceTable {
  id: Generated<string>;
  by_id: string | null;
  by_name: string;
  reason: string;
  started_at: Timestamp;
  ends_at: Timestamp;
  ended_at: OptionalTimestamp;
  ended_by_id: string | null;
  ended_by_name: string | null;
  card_channel: string | null;
  card_ts: string | null;
  rev: Generated<number>;
  card_rev: Generated<number>;
}

/** `due`: to be posted; `quiet`: nothing to say; `covered`: another one of the time stands for it; `missed`: too late. */
export type DigestOutcome = "due" | "posted" | "posted_quiet" | "quiet" | "covered" | "missed";

export interface DigestTable {
  kind: DigestKind;
  /** Wall-clock time of the tick, e.g. 2026-11-20T08:00. */
  slot: string;
  due_at: Timestamp;
  outcome: DigestOutcome;
  /** Up to when it told. */
  told_until: OptionalTimestamp;
}

/** Never a secret: a few bits by which a change is noticed. */
export interface SecretTable {
  name: string;
  fingerprint: string;
  first_seen: Timestamp;
}

/** Webhooks that were taken. `digest`: of what was read, to tell a repetition from another message under the same id. */
export interface WebhookDeliveryTable {
  id: string;
  digest: string;
  received_at: Timestamp;
}

/** The last word of an outside system about each of its problems. */
export interface WebhookAlertTable {
  key: string;
  position: string;
  firing: boolean;
  change: JSONColumnType<AlertChange>;
  rev: Generated<number>;
  updated_at: Timestamp;
}

/** When somebody last asked, and will next ask, for something that many want at once. */
export interface WakeTable {
  name: string;
  due_at: Timestamp;
}

export interface RollbackTable {
  id: string;
  target: JSONColumnType<Deployment>;
  /** What was live when it began. */
  origin: JSONColumnType<Deployment>;
  person: JSONColumnType<Person>;
  started_at: Timestamp;
  /** Set before the platform is asked: nobody asks again. */
  asked_at: OptionalTimestamp;
  known_ids: ColumnType<string[], string | undefined, string>;
  state_kind: RollbackState["kind"];
  state: JSONColumnType<RollbackState>;
  ended_at: OptionalTimestamp;
  card_channel: string | null;
  card_ts: string | null;
  rev: Generated<number>;
  card_rev: Generated<number>;
}

export interface IncidentTable {
  /** bigint arrives as text. */
  id: Generated<string>;
  /** Of the order that opened it. */
  key: string;
  severity: IncidentSeverity;
  title: string;
  opened_by: JSONColumnType<Person>;
  opened_at: Timestamp;
  owner: ColumnType<Person | null, string | null | undefined, string | null>;
  owned_at: OptionalTimestamp;
  mitigated_at: OptionalTimestamp;
  closed_by: ColumnType<Person | null, string | null | undefined, string | null>;
  closed_at: OptionalTimestamp;
  post_mortem_url: string | null;
  problem: string | null;
  card_channel: string | null;
  card_ts: string | null;
  card_url: string | null;
  rev: Generated<number>;
  card_rev: Generated<number>;
  changed_at: Timestamp;
}

export interface IncidentTimelineTable {
  id: Generated<string>;
  incident: ColumnType<string, string | number, never>;
  key: string;
  at: Timestamp;
  kind: TimelineKind;
  subject: string | null;
  person: ColumnType<Person | null, string | null, never>;
  text: string;
  /** The workflow that says it in the thread; null = nobody yet. */
  told_by: string | null;
}

/** Every start of a process. */
export interface StartTable {
  id: Generated<string>;
  at: Timestamp;
  version: string;
  commit_hash: string | null;
  deployment: string | null;
}

export interface Tables {
  captures: CaptureTable;
  items: ItemTable;
  origins: OriginTable;
  decisions: DecisionTable;
  deputies: DeputyTable;
  reminders: ReminderTable;
  nodes: NodeTable;
  node_readings: NodeReadingTable;
  reviews: ReviewTable;
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
  webhook_deliveries: WebhookDeliveryTable;
  webhook_alerts: WebhookAlertTable;
  wakes: WakeTable;
  secrets: SecretTable;
  alerts: AlertTable;
  alert_reports: AlertReportTable;
  alert_groups: AlertGroupTable;
  rollbacks: RollbackTable;
  maintenance: MaintenanceTable;
  digests: DigestTable;
  service_counts: ServiceCountTable;
  heartbeats: HeartbeatTable;
  incidents: IncidentTable;
  incident_timeline: IncidentTimelineTable;
  starts: StartTable;
}
