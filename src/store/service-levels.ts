/** What the service levels are computed from: counted clicks, a row for every minute lived, and how long work took. */
import { sql } from "kysely";
import { MINUTE_MS } from "../domain/calendar.ts";
import type { Minutes, ObjectiveKey, Wait } from "../domain/service-level.ts";
import type { Counted, Heartbeat, ServiceFacts } from "../domain/service-level-facts.ts";
import { SCHEMA } from "./migrations.ts";
import type { Database } from "./store.ts";

export function createServiceLevelStore(db: Database) {
  return {
    /** Adds to what every replica has added. */
    async add(counts: readonly Counted[]): Promise<void> {
      if (counts.length === 0) return;
      const rows = counts.map(({ objective, start, good, total }) => ({
        objective,
        bucket: new Date(start),
        good,
        total,
      }));
      await db
        .insertInto("service_counts")
        .values(rows)
        .onConflict((c) =>
          c.columns(["objective", "bucket"]).doUpdateSet((eb) => ({
            good: eb("service_counts.good", "+", eb.ref("excluded.good")),
            total: eb("service_counts.total", "+", eb.ref("excluded.total")),
          })),
        )
        .execute();
    },
    beat: (beat: Heartbeat) => writeBeat(db, beat),
    async facts(from: number, until: number): Promise<ServiceFacts> {
      const since = await firstMinute(db);
      const reach = { from: new Date(from), until: new Date(until) };
      return {
        since,
        clicks: await counted(db, "click-acknowledged", reach),
        minutes: await minutesSeen(db, reach),
        items: await itemWaits(db, reach.from, since),
        decisions: await decisionWaits(db, reach.from),
      };
    },
    /** The very first minute stays: it says since when there are records, however long the bot was away. */
    async forgetBefore(moment: number): Promise<void> {
      const cutoff = new Date(moment);
      await db.deleteFrom("service_counts").where("bucket", "<", cutoff).execute();
      await db
        .deleteFrom("heartbeats")
        .where("minute", "<", cutoff)
        .where("minute", ">", (eb) => eb.selectFrom("heartbeats").select(eb.fn.min("minute").as("first")))
        .execute();
    },
  };
}

interface Reach {
  from: Date;
  until: Date;
}

/** What one replica says of a minute never takes back what another one has said. */
async function writeBeat(
  db: Database,
  { minute, isReady, polledAt, isPaused, pollLimitMs }: Heartbeat,
): Promise<void> {
  const at = new Date(minute);
  // The minute goes on for a while. What is later than that was told by a clock that was ahead.
  const latest = minute + 2 * MINUTE_MS;
  const recent = sql<Date | null>`(
    select max(polled_at) from ${sql.id(SCHEMA)}.heartbeats
    where minute >= ${new Date(minute - pollLimitMs - MINUTE_MS)} and polled_at <= ${new Date(latest)})`;
  const own = polledAt === null || polledAt > latest ? null : new Date(polledAt);
  const known = sql<Date | null>`greatest(${own}::timestamptz, ${recent})`;
  // Nobody has polled yet: there is as much time for the first one as for any other.
  const begun = sql<Date>`coalesce((select min(minute) from ${sql.id(SCHEMA)}.heartbeats), ${at})`;
  await db
    .insertInto("heartbeats")
    .values({
      minute: at,
      ready: isReady,
      polled: sql<boolean>`coalesce(${known}, ${begun}) >= ${new Date(minute - pollLimitMs)}::timestamptz`,
      paused: isPaused,
      polled_at: known,
    })
    .onConflict((c) =>
      c.column("minute").doUpdateSet((eb) => ({
        ready: sql<boolean>`heartbeats.ready or excluded.ready`,
        polled: sql<boolean>`heartbeats.polled or excluded.polled`,
        paused: eb.ref("excluded.paused"),
        polled_at: sql<Date | null>`greatest(heartbeats.polled_at, excluded.polled_at)`,
      })),
    )
    .execute();
}

async function firstMinute(db: Database): Promise<number | null> {
  const row = await db
    .selectFrom("heartbeats")
    .select((eb) => eb.fn.min("minute").as("first"))
    .executeTakeFirst();
  return row?.first?.getTime() ?? null;
}

async function counted(db: Database, objective: ObjectiveKey, { from, until }: Reach) {
  const rows = await db
    .selectFrom("service_counts")
    .select(["bucket", "good", "total"])
    .where("objective", "=", objective)
    .where("bucket", ">=", from)
    .where("bucket", "<", until)
    .orderBy("bucket")
    .execute();
  return rows.map(({ bucket, good, total }) => ({ start: bucket.getTime(), good, total }));
}

async function minutesSeen(db: Database, { from, until }: Reach): Promise<Minutes[]> {
  const rows = await db
    .selectFrom("heartbeats")
    .select([
      sql<Date>`date_bin('5 minutes', minute, timestamptz 'epoch')`.as("start"),
      sql<number>`count(*)::int`.as("seen"),
      sql<number>`count(*) filter (where ready)::int`.as("ready"),
      sql<number>`count(*) filter (where polled and not paused)::int`.as("polled"),
      sql<number>`count(*) filter (where paused)::int`.as("paused"),
      sql<boolean>`(array_agg(paused order by minute desc))[1]`.as("ends_paused"),
    ])
    .where("minute", ">=", from)
    .where("minute", "<", until)
    .groupBy("start")
    .orderBy("start")
    .execute();
  return rows.map(({ start, ends_paused, ...minutes }) => ({
    ...minutes,
    start: start.getTime(),
    endsPaused: ends_paused,
  }));
}

/** Nobody promised anything before the records began: a workspace may come with an old inbox. */
async function itemWaits(db: Database, from: Date, recordsSince: number | null): Promise<Wait[]> {
  const rows = await db
    .selectFrom("items")
    .select(["waiting_since", "state", "updated_at"])
    .where("waiting_since", "is not", null)
    .where((eb) => eb.or([eb("updated_at", ">=", from), eb("state", "in", ["running", "waiting", "failed"])]))
    .execute();
  return rows.flatMap(({ waiting_since, state, updated_at }) => {
    if (waiting_since === null || recordsSince === null) return [];
    const hasFailed = state === "dead" || state === "ignored";
    return {
      since: Math.max(waiting_since.getTime(), recordsSince),
      keptAt: state === "done" ? updated_at.getTime() : null,
      failedAt: hasFailed ? updated_at.getTime() : null,
    };
  });
}

/** From the click, or from when a change in Notion was seen. What expires was decided by nobody. */
async function decisionWaits(db: Database, from: Date): Promise<Wait[]> {
  const rows = await db
    .selectFrom("decisions")
    .select([
      // What could be taken back was not to be recorded before that was over.
      sql<string>`coalesce(state->>'since', state->'outcome'->>'at')`.as("decided_at"),
      sql<string | null>`state->>'recordedAt'`.as("recorded_at"),
    ])
    .where("state_kind", "in", ["recording", "recorded"])
    .where("updated_at", ">=", from)
    .where(sql<string>`state->'outcome'->>'verdict'`, "!=", "expired")
    .execute();
  return rows.map(({ decided_at, recorded_at }) => ({
    since: Date.parse(decided_at),
    keptAt: recorded_at === null ? null : Date.parse(recorded_at),
    failedAt: null,
  }));
}
