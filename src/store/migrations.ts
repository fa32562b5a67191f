/**
 * Migrations of the `emm` schema, oldest first. A landed migration is never edited; add the next one. It only adds
 * (tables, indexes, columns that are null or have a default), because a rollback starts an older version on this
 * schema. One that takes something away says so at the end of its name: `_breaking`; older versions then refuse to start.
 */
import { type Kysely, type Migration, sql } from "kysely";

export const SCHEMA = "emm";

const statements = (lines: string[]): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const line of lines) await sql.raw(line).execute(db);
  },
});

export const migrations: Record<string, Migration> = {
  "0001_main_job": statements([
    `create table emm.items (
      page_id text primary key, attempt int not null, failures int not null, round int not null,
      state text not null, next_at timestamptz, last_error text, updated_at timestamptz not null)`,
    `create table emm.origins (page_id text primary key, requested_by text, channel text, ts text)`,
    `create table emm.decisions (
      id text primary key, item_id text not null, intent_id text not null, pipe_url text not null,
      intent_url text not null, title text not null, analysis jsonb not null, proposal jsonb not null,
      hash text not null, requested_by text, area_id text, created_at timestamptz not null,
      expires_at timestamptz, state_kind text not null, state jsonb not null, card_channel text, card_ts text,
      card_url text, rev int not null default 1, card_rev int not null default 0, updated_at timestamptz not null)`,
    `create index decisions_by_state on emm.decisions (state_kind, created_at)`,
    `create index decisions_stale_card on emm.decisions (updated_at) where card_rev < rev`,
    `create table emm.dead_letters (
      item_id text primary key, letter jsonb not null, state_kind text not null, state jsonb not null,
      card_channel text, card_ts text)`,
    `create table emm.writes (key text primary key, page_id text, started_at timestamptz not null)`,
    `create table emm.posts (key text primary key, channel text, ts text, started_at timestamptz not null)`,
    `create table emm.deliveries (key text primary key, seen_at timestamptz not null)`,
    `create index deliveries_by_age on emm.deliveries (seen_at)`,
    `create table emm.spend (
      key text primary key, day text not null, step text not null, model text not null, item_id text not null,
      usd double precision not null, input_tokens int not null, output_tokens int not null,
      settled boolean not null, at timestamptz not null)`,
    `create index spend_by_day on emm.spend (day)`,
    `create table emm.counters (name text primary key, value int not null)`,
    `create table emm.pacing (key text primary key, turns bigint not null, paused_until timestamptz not null)`,
    `create table emm.pacing_slots (key text, slot int, at timestamptz not null, primary key (key, slot))`,
    `create table emm.audit (
      id bigserial primary key, at timestamptz not null, actor text not null, action text not null,
      subject text not null, outcome text not null, detail text not null)`,
    `create index audit_by_subject on emm.audit (subject, id)`,
    `create table emm.settings (key text primary key, value jsonb not null)`,
  ]),
  "0002_alerts": statements([
    `create table emm.alerts (
      id text primary key, key text not null, episode int not null, severity text not null, title text not null,
      detail text not null, url text, state_kind text not null, state jsonb not null, opened_at timestamptz not null,
      last_at timestamptz not null, count int not null, returns int not null, lapses int not null,
      lapsed jsonb not null, reporters int not null, rev int not null, loud_rev int not null,
      review_at timestamptz, updated_at timestamptz not null,
      place text, placed_at timestamptz, held_by text, card_channel text, card_ts text,
      card_no int not null default 1, shown_rev int not null default 0, shown_at timestamptz,
      told jsonb not null default 'null', unique (key, episode))`,
    `create index alerts_open on emm.alerts (opened_at) where state_kind <> 'resolved'`,
    `create index alerts_stale on emm.alerts (updated_at) where shown_rev < rev and place is not null`,
    `create index alerts_to_review on emm.alerts (review_at) where review_at is not null`,
    `create index alerts_by_place on emm.alerts (place) where place is not null and place <> 'own'`,
    `create index alerts_placed on emm.alerts (placed_at) where place = 'own'`,
    `create table emm.alert_reports (
      key text not null, source text not null, severity text not null, title text not null, detail text not null,
      url text, last_at timestamptz not null, fresh_until timestamptz, primary key (key, source))`,
    `create table emm.alert_groups (
      id text primary key, reason text not null, opened_at timestamptz not null, joined_at timestamptz not null,
      card_channel text, card_ts text, card_no int not null default 1, draws int not null default 0,
      shown_at timestamptz, told jsonb not null default 'null')`,
  ]),
  "0003_rollbacks": statements([
    `create table emm.rollbacks (
      id text primary key, target jsonb not null, origin jsonb not null, person jsonb not null,
      started_at timestamptz not null, asked_at timestamptz, known_ids jsonb not null default '[]',
      state_kind text not null, state jsonb not null, ended_at timestamptz, card_channel text, card_ts text,
      rev int not null default 1, card_rev int not null default 0)`,
    `create unique index rollbacks_one_at_a_time on emm.rollbacks ((ended_at is null)) where ended_at is null`,
    `create index rollbacks_by_start on emm.rollbacks (started_at)`,
  ]),
  "0004_webhooks": statements([
    `create table emm.webhook_deliveries (id text primary key, digest text not null, received_at timestamptz not null)`,
    `create index webhook_deliveries_by_age on emm.webhook_deliveries (received_at)`,
    `create table emm.webhook_alerts (
      key text primary key, position text collate "C" not null, firing boolean not null, change jsonb not null,
      rev int not null default 1, updated_at timestamptz not null)`,
    `create table emm.wakes (name text primary key, due_at timestamptz not null)`,
  ]),
  "0005_operations": statements([
    `create table emm.maintenance (
      id bigserial primary key, by_id text, by_name text not null, reason text not null,
      started_at timestamptz not null, ends_at timestamptz not null, ended_at timestamptz, ended_by_id text,
      ended_by_name text, card_channel text, card_ts text, rev int not null default 1,
      card_rev int not null default 0)`,
    `create unique index maintenance_open on emm.maintenance ((ended_at is null)) where ended_at is null`,
    `create table emm.digests (
      kind text not null, slot text not null, due_at timestamptz not null, outcome text not null,
      told_until timestamptz, primary key (kind, slot))`,
    `alter table emm.items add column seen_at timestamptz`,
    `alter table emm.items add column ended_at timestamptz`,
    `alter table emm.items add column kind text`,
    `create index items_by_sight on emm.items (seen_at)`,
    `create index items_by_end on emm.items (ended_at)`,
    `alter table emm.spend add column adviser text`,
    `update emm.spend set adviser = split_part(split_part(key, ':advise:', 2), ':repair', 1) where step = 'advise'`,
    `create index decisions_by_creation on emm.decisions (created_at)`,
    `create index decisions_by_outcome on emm.decisions ((state->'outcome'->>'at'))
      where state_kind in ('recording', 'recorded')`,
  ]),
  "0006_service_levels": statements([
    `create table emm.service_counts (
      objective text not null, bucket timestamptz not null, good int not null, total int not null,
      primary key (objective, bucket))`,
    `create table emm.heartbeats (
      minute timestamptz primary key, ready boolean not null, polled boolean not null, paused boolean not null,
      polled_at timestamptz)`,
    `alter table emm.items add column waiting_since timestamptz`,
    `create index items_by_change on emm.items (updated_at)`,
    `create index decisions_by_change on emm.decisions (updated_at)`,
  ]),
  "0007_incidents": statements([
    `create table emm.incidents (
      id bigserial primary key, key text not null unique, severity text not null, title text not null,
      opened_by jsonb not null, opened_at timestamptz not null, owner jsonb, owned_at timestamptz,
      mitigated_at timestamptz, closed_by jsonb, closed_at timestamptz, post_mortem_url text, problem text,
      card_channel text, card_ts text, card_url text, rev int not null default 1, card_rev int not null default 0,
      changed_at timestamptz not null)`,
    `create index incidents_open on emm.incidents (opened_at) where closed_at is null`,
    `create table emm.incident_timeline (
      id bigserial primary key, incident bigint not null references emm.incidents (id) on delete cascade,
      key text not null, at timestamptz not null, kind text not null, subject text, person jsonb, text text not null,
      told_by text, unique (incident, key))`,
    `create table emm.starts (
      id bigserial primary key, at timestamptz not null, version text not null, commit_hash text, deployment text)`,
    `create index starts_by_time on emm.starts (at)`,
  ]),
  "0008_secrets": statements([
    `create table emm.secrets (
      name text not null, fingerprint text not null, first_seen timestamptz not null, primary key (name, fingerprint))`,
  ]),
  "0009_undelivered": statements([
    `create index posts_undelivered on emm.posts (started_at) where ts is null`,
  ]),
  "0010_fair_decisions": statements([
    `alter table emm.decisions add column approvals jsonb not null default '[]'`,
    `alter table emm.decisions add column draft jsonb`,
    `alter table emm.decisions add column questions jsonb not null default '[]'`,
    `alter table emm.decisions add column reopening jsonb`,
    `alter table emm.decisions add column reopened_as jsonb`,
    `alter table emm.decisions add column round int not null default 0`,
  ]),
  "0011_deputies": statements([
    `create table emm.deputies (
      id text primary key, principal text not null, principal_name text not null, ordered_at timestamptz not null,
      deputy text, deputy_name text, last_day text, ends_at timestamptz)`,
    `create index deputies_by_principal on emm.deputies (principal, ordered_at desc, id desc)`,
  ]),
  "0012_reminders": statements([
    `alter table emm.decisions add column escalated_at timestamptz`,
    `alter table emm.decisions add column escalated_to jsonb`,
    `create table emm.reminders (
      decision_id text not null, mark int not null, outcome text not null, at timestamptz not null,
      primary key (decision_id, mark))`,
  ]),
  "0013_reviews": statements([
    `create table emm.reviews (
      decision_id text not null, days int not null, asked_at timestamptz not null, ends_at timestamptz not null,
      channel text not null, ts text not null, state_kind text not null, state jsonb not null,
      is_drawn boolean not null default true, primary key (decision_id, days))`,
    `create index reviews_open on emm.reviews (ends_at) where state_kind = 'asked'`,
    `create index reviews_undrawn on emm.reviews (decision_id) where not is_drawn`,
  ]),
  "0014_captures": statements([
    `create table emm.captures (
      channel text not null, ts text not null, order_key text not null, item jsonb not null, origin jsonb not null,
      captured_at timestamptz not null, primary key (channel, ts))`,
  ]),
  "0020_history": statements([
    // No question reads what is long over.
    `create index spend_by_time on emm.spend (at)`,
    `create index decisions_by_intent on emm.decisions (intent_id)`,
    `create index decisions_by_item on emm.decisions (item_id)`,
    `create index items_unfinished on emm.items (state) where state in ('running', 'waiting', 'failed')`,
  ]),
  "0021_due_reviews": statements([
    `alter table emm.decisions add column reviewed_days int not null default 0`,
    `create index decisions_to_review on emm.decisions ((state->'outcome'->>'at'), reviewed_days)
      where state_kind = 'recorded' and state->'outcome'->>'verdict' in ('approved', 'edited')
        and card_ts is not null and reopened_as is null`,
  ]),
  "0022_pacing_clock": statements([
    // By the database's clock, the last time that a turn was given out.
    `alter table emm.pacing add column seen_at timestamptz`,
  ]),
  "0023_post_claims": statements([`alter table emm.posts add column claim int not null default 1`]),
  "0024_post_tries": statements([`alter table emm.posts add column tried_at timestamptz`]),
  "0026_reopened_reviews": statements([
    `create index decisions_reopened on emm.decisions ((state->'outcome'->>'at'))
      where state_kind = 'recorded' and state->'outcome'->>'verdict' in ('approved', 'edited')
        and card_ts is not null and reopened_as is not null`,
  ]),
  "0027_nodes": statements([
    `create table emm.nodes (
      data_source_id text not null, id text not null, title text not null, primary key (data_source_id, id))`,
    `create table emm.node_readings (
      data_source_id text primary key, since timestamptz not null, is_partial boolean not null)`,
  ]),
};
