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

export function createPostLedger(db: Database) {
  return {
    async begin(
      key: string,
    ): Promise<{ posted: MessageRef | null; retried: boolean; doubtful?: boolean; startedAt: string }> {
      const fresh = await db
        .insertInto("posts")
        .values({ key, channel: null, ts: null, started_at: new Date() })
        .onConflict((c) => c.column("key").doNothing())
        .returning("started_at")
        .executeTakeFirst();
      if (fresh) {
        const doubt = await doubtNow(db);
        const startedAt = doubt?.since ?? fresh.started_at.toISOString();
        return { posted: null, retried: false, doubtful: doubt !== null, startedAt };
      }
      const row = await db.selectFrom("posts").selectAll().where("key", "=", key).executeTakeFirstOrThrow();
      const posted = row.channel !== null && row.ts !== null ? { channel: row.channel, ts: row.ts } : null;
      return { posted, retried: posted === null, startedAt: row.started_at.toISOString() };
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
    async record(entry: {
      actor: string;
      action: string;
      subject: string;
      outcome: string;
      detail: string;
    }): Promise<void> {
      await db
        .insertInto("audit")
        .values({ ...entry, at: new Date() })
        .execute();
    },
  };
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

/** Far more than ever wait at once: a slot forgotten too early would break the vendor's limit. */
const PLAUSIBLE_WINDOWS = 20;

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
  },
) {
  const { key, limit, windowMs, sleep, maxWaitMs = Number.POSITIVE_INFINITY } = options;
  const schema = sql.id(SCHEMA);
  const interval = (ms: number) => sql`make_interval(secs => ${ms / 1000}::float)`;
  const window = interval(windowMs);
  /** No queue is that long: what lies further ahead was written by a clock that has been set back since. */
  const horizon = sql`clock_timestamp() + ${interval(PLAUSIBLE_WINDOWS * windowMs)}`;
  const turn = async (): Promise<number> => {
    const { rows } = await sql<{ wait_ms: number }>`
      with turn as (
        insert into ${schema}.pacing as p values (${key}, 1, clock_timestamp())
        on conflict (key) do update set turns = p.turns + 1
        returning turns, paused_until)
      insert into ${schema}.pacing_slots as s (key, slot, at)
      select ${key}, turns % ${limit}::int,
        case when paused_until > ${horizon} then clock_timestamp() else greatest(clock_timestamp(), paused_until) end
        from turn
      on conflict (key, slot) do update
        set at = case when s.at > ${horizon} then excluded.at else greatest(s.at + ${window}, excluded.at) end
      returning extract(epoch from at - clock_timestamp())::float * 1000 as wait_ms`.execute(db);
    return Math.max(0, rows[0]?.wait_ms ?? 0);
  };
  /** Of whoever comes next; others may come between. */
  const nextWait = async (): Promise<number> => {
    const { rows } = await sql<{ wait_ms: number }>`
      select extract(epoch from greatest(
          case when s.at > ${horizon} then clock_timestamp() else s.at + ${window} end,
          case when p.paused_until > ${horizon} then clock_timestamp() else p.paused_until end)
        - clock_timestamp())::float * 1000 as wait_ms
      from ${schema}.pacing p join ${schema}.pacing_slots s
        on s.key = p.key and s.slot = (p.turns + 1) % ${limit}::int
      where p.key = ${key}`.execute(db);
    return rows[0]?.wait_ms ?? 0;
  };
  /** Of the monotonic clock. */
  let pausedUntil = 0;
  return {
    async take(): Promise<void> {
      if (maxWaitMs < Number.POSITIVE_INFINITY && (await nextWait()) > maxWaitMs) {
        throw new AppError("the share of the request budget for looking is used up", {
          code: "probe_skipped",
          retryable: true,
        });
      }
      const waitMs = await turn();
      if (waitMs > 1) await sleep(waitMs);
      while (pausedUntil > performance.now()) await sleep(pausedUntil - performance.now());
    },
    async pauseFor(durationMs: number): Promise<void> {
      pausedUntil = Math.max(pausedUntil, performance.now() + durationMs);
      await sql`
        update ${schema}.pacing
        set paused_until = greatest(
          case when paused_until > ${horizon} then clock_timestamp() else paused_until end,
          clock_timestamp() + ${interval(durationMs)})
        where key = ${key}`.execute(db);
    },
  };
}
