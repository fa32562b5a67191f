/** Migrations of the `emm` schema, oldest first. A landed migration is never edited; add the next one. */
import { type Kysely, type Migration, Migrator, sql } from "kysely";

export const SCHEMA = "emm";

const statements = (lines: string[]): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const line of lines) await sql.raw(line).execute(db);
  },
});

const migrations: Record<string, Migration> = {
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
};

export async function migrate<T>(db: Kysely<T>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: SCHEMA,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
