/** Small once-only records: Notion creates, Slack posts, Slack deliveries, running numbers, settings, audit. */

import { sql } from "kysely";
import type { MessageRef } from "../domain/item.ts";
import { AppError } from "../errors.ts";
import { doubtNow } from "./doubt.ts";
import { SCHEMA } from "./migrations.ts";
import type { Database, Store } from "./store.ts";

export function createWriteLedger(db: Database) {
  return {
    async begin(
      key: string,
    ): Promise<{ pageId: string | null; retried: boolean; doubtful?: boolean; startedAt: string }> {
      const fresh = await db
        .insertInto("writes")
        .values({ key, page_id: null, started_at: new Date() })
        .onConflict((c) => c.column("key").doNothing())
        .returning("started_at")
        .executeTakeFirst();
      if (fresh) {
        const doubtful = (await doubtNow(db)) !== null;
        return { pageId: null, retried: false, doubtful, startedAt: fresh.started_at.toISOString() };
      }
      const row = await db.selectFrom("writes").selectAll().where("key", "=", key).executeTakeFirstOrThrow();
      return { pageId: row.page_id, retried: row.page_id === null, startedAt: row.started_at.toISOString() };
    },
    async done(key: string, pageId: string): Promise<void> {
      await db.updateTable("writes").set({ page_id: pageId }).where("key", "=", key).execute();
    },
  };
}

interface PostTry {
  posted: MessageRef | null;
  retried: boolean;
  doubtful?: boolean;
  startedAt: string;
  claim: number;
}

function postedOf({ channel, ts }: { channel: string | null; ts: string | null }): MessageRef | null {
  return channel !== null && ts !== null ? { channel, ts } : null;
}

function claimAgain(db: Database, key: string) {
  return db
    .updateTable("posts")
    .set((eb) => ({ claim: eb("claim", "+", 1), tried_at: new Date() }))
    .where("key", "=", key)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function createPostLedger(db: Database) {
  return {
    async begin(key: string): Promise<PostTry> {
      const now = new Date();
      const fresh = await db
        .insertInto("posts")
        .values({ key, channel: null, ts: null, started_at: now, tried_at: now })
        .onConflict((c) => c.column("key").doNothing())
        .returningAll()
        .executeTakeFirst();
      const row = fresh ?? (await claimAgain(db, key));
      const posted = postedOf(row);
      const doubt = posted === null ? await doubtNow(db) : null;
      const known = row.started_at.toISOString();
      // What a restored store has forgotten was done before the first try that it knows.
      const startedAt = doubt !== null && doubt.since < known ? doubt.since : known;
      const retried = fresh === undefined && posted === null;
      return { posted, retried, doubtful: doubt !== null, startedAt, claim: row.claim };
    },
    async standing(key: string): Promise<{ claim: number; posted: MessageRef | null }> {
      const row = await db.selectFrom("posts").selectAll().where("key", "=", key).executeTakeFirstOrThrow();
      return { claim: row.claim, posted: postedOf(row) };
    },
    async done(key: string, posted: MessageRef): Promise<void> {
      await db.updateTable("posts").set(posted).where("key", "=", key).execute();
    },
  };
}

export function createDeliveryLog(db: Database) {
  return {
    async isFirst(key: string): Promise<boolean> {
      const row = await db
        .insertInto("deliveries")
        .values({ key, seen_at: new Date() })
        .onConflict((c) => c.column("key").doNothing())
        .returning("key")
        .executeTakeFirst();
      return row !== undefined;
    },
    async forgetBefore(moment: Date): Promise<void> {
      await db.deleteFrom("deliveries").where("seen_at", "<", moment).execute();
    },
  };
}

/** Running numbers (`Log_ID` …). Gaps are possible, repeats are not. */
export function createCounters(store: Pick<Store, "db" | "exclusive">) {
  const increment = (name: string) =>
    store.db
      .updateTable("counters")
      .set((eb) => ({ value: eb("value", "+", 1) }))
      .where("name", "=", name)
      .returning("value")
      .executeTakeFirst();
  return {
    async next(name: string, floor: () => Promise<number>): Promise<number> {
      const known = await increment(name);
      if (known) return known.value;
      return store.exclusive(`counter:${name}`, async () => {
        const raced = await increment(name);
        if (raced) return raced.value;
        const value = (await floor()) + 1;
        await store.db.insertInto("counters").values({ name, value }).execute();
        return value;
      });
    },
  };
}

export function createAuditTrail(db: Database) {
  return {
    /** What says when it was done is written down once. */
    async record({ at, ...entry }: AuditedDeed): Promise<void> {
      const row = { ...entry, at: at === undefined ? new Date() : new Date(at) };
      if (at !== undefined && (await isAudited(db, row))) return;
      await db.insertInto("audit").values(row).execute();
    },
  };
}

interface AuditedDeed {
  actor: string;
  action: string;
  subject: string;
  outcome: string;
  detail: string;
  /** ISO 8601, UTC. */
  at?: string;
}

async function isAudited(db: Database, deed: Omit<AuditedDeed, "at"> & { at: Date }): Promise<boolean> {
  const { subject, at, actor, action, outcome, detail } = deed;
  const same = db.selectFrom("audit").select("id").where("subject", "=", subject).where("at", "=", at);
  const found = await same
    .where((eb) => eb.and({ actor, action, outcome, detail }))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Small values that outlive a restart, e.g. how far the sweep has looked. */
export function createSettings(db: Database) {
  return {
    async get<T extends object>(key: string): Promise<T | null> {
      const row = await db.selectFrom("settings").select("value").where("key", "=", key).executeTakeFirst();
      // Only `set` below writes this table, with the same key and type.
      return row ? (row.value as T) : null;
    },
    async set(key: string, value: object): Promise<void> {
      const json = JSON.stringify(value);
      await db
        .insertInto("settings")
        .values({ key, value: json })
        .onConflict((c) => c.column("key").doUpdateSet({ value: json }))
        .execute();
    },
  };
}

/** Nobody means longer; what would be a timer of more than 24 days ends at once. */
const LONGEST_PAUSE_MS = 3_600_000;
/** A clock that is behind what it was when a turn was last given out has been set back; smaller steps are trimming. */
const SET_BACK_MS = 1_000;

interface Waiting {
  wait_ms: number;
  /** By how much the clock is behind the last turn; null = not known. */
  set_back_ms: number | null;
}
const NO_WAIT: Waiting = { wait_ms: 0, set_back_ms: null };

/**
 * At most `limit` turns in any window, for all replicas together: turn n waits until turn n − limit is a window
 * old. Holds for a fixed window wherever the vendor's window starts, and spends a full window as one burst.
 */
export function createPacer(
  db: Database,
  options: {
    key: string;
    limit: number;
    windowMs: number;
    sleep: (ms: number) => Promise<void>;
    /** Whoever would wait longer is sent away with `probe_skipped`, and no turn is spent. */
    maxWaitMs?: number;
    /** With `maxWaitMs`: so many turns are left to others. */
    leaves?: number;
  },
) {
  const { key, limit, windowMs, sleep, maxWaitMs = Number.POSITIVE_INFINITY, leaves = 0 } = options;
  const schema = sql.id(SCHEMA);
  const interval = (ms: number) => sql`make_interval(secs => ${ms / 1000}::float)`;
  const window = interval(windowMs);
  const setBackBy = sql`extract(epoch from seen_at - clock_timestamp())::float * 1000`;
  const isSetBack = sql`seen_at > clock_timestamp() + ${interval(SET_BACK_MS)}`;
  // All turns change one row: each would wait for the one before to be on the disk. If the server crashes, the last ones
  // are forgotten, and the vendor's 429 is what holds.
  const unflushed = sql`set_config('synchronous_commit', 'off', true)`;
  const turn = async (on: Database): Promise<Waiting> => {
    const { rows } = await sql<Waiting>`
      with turn as (
        insert into ${schema}.pacing as p (key, turns, paused_until, seen_at)
        values (${key}, 1, clock_timestamp(), clock_timestamp())
        on conflict (key) do update
          set turns = p.turns + 1, seen_at = greatest(p.seen_at, clock_timestamp())
        returning turns, paused_until, ${setBackBy} as set_back_ms, ${unflushed} as durability)
      insert into ${schema}.pacing_slots as s (key, slot, at)
      select ${key}, turns % ${limit}::int, greatest(clock_timestamp(), paused_until) from turn
      on conflict (key, slot) do update set at = greatest(s.at + ${window}, excluded.at)
      returning extract(epoch from at - clock_timestamp())::float * 1000 as wait_ms,
        (select set_back_ms from turn)`.execute(on);
    return rows[0] ?? NO_WAIT;
  };
  /** Until so many turns and one more are free; others may come between. */
  const waitBeyond =
    (turns: number) =>
    async (on: Database): Promise<Waiting> => {
      const { rows } = await sql<Waiting>`
      select extract(epoch from greatest(s.at + ${window}, p.paused_until) - clock_timestamp())::float * 1000
          as wait_ms, ${setBackBy} as set_back_ms
      from ${schema}.pacing p join ${schema}.pacing_slots s
        on s.key = p.key and s.slot = (p.turns + 1 + ${turns}::int) % ${limit}::int
      where p.key = ${key}`.execute(on);
      return rows[0] ?? NO_WAIT;
    };
  /** Moves what lies ahead by as much as the clock was set back; once, whoever notices it. */
  const followClock = (on: Database) =>
    sql`
    with known as (
      select key, seen_at - clock_timestamp() as ahead from ${schema}.pacing
        where key = ${key} and ${isSetBack} for update),
    pauses as (
      update ${schema}.pacing p set seen_at = clock_timestamp(), paused_until = p.paused_until - known.ahead
        from known where p.key = known.key)
    update ${schema}.pacing_slots s set at = s.at - known.ahead
      from known where s.key = known.key and s.at > clock_timestamp()`.execute(on);
  const byRightClock = async (ask: (on: Database) => Promise<Waiting>, on = db): Promise<number> => {
    const first = await ask(on);
    if ((first.set_back_ms ?? 0) <= SET_BACK_MS) return first.wait_ms;
    await followClock(on);
    return (await ask(on)).wait_ms;
  };
  /** Null = it would take too long. One at a time: of several that saw the same free turn, one alone would get it. */
  const turnInTime = () =>
    db.transaction().execute(async (on) => {
      await sql`
        insert into ${schema}.pacing as p (key, turns, paused_until) values (${key}, 0, clock_timestamp())
        on conflict (key) do update set turns = p.turns`.execute(on);
      const waitMs = await byRightClock(waitBeyond(leaves), on);
      return waitMs > maxWaitMs ? null : byRightClock(turn, on);
    });
  /** Of the monotonic clock. */
  let pausedUntil = 0;
  return {
    async take(): Promise<void> {
      const waitMs = await (maxWaitMs < Number.POSITIVE_INFINITY ? turnInTime() : byRightClock(turn));
      if (waitMs === null)
        throw new AppError("the share of the request budget for looking is used up", {
          code: "probe_skipped",
          retryable: true,
        });
      if (waitMs > 1) await sleep(waitMs);
      while (pausedUntil > performance.now()) await sleep(pausedUntil - performance.now());
    },
    /** Resolves when more than so many turns are free; spends none. */
    async room(turns: number): Promise<void> {
      for (;;) {
        const waitMs = await byRightClock(waitBeyond(turns));
        if (waitMs <= 0) return;
        await sleep(waitMs);
      }
    },
    async pauseFor(askedMs: number): Promise<void> {
      const durationMs = Math.min(askedMs, LONGEST_PAUSE_MS);
      pausedUntil = Math.max(pausedUntil, performance.now() + durationMs);
      await sql`
        update ${schema}.pacing
        set paused_until = greatest(paused_until, clock_timestamp() + ${interval(durationMs)}),
          seen_at = greatest(seen_at, clock_timestamp())
        where key = ${key}`.execute(db);
    },
  };
}
