/**
 * What is kept of webhooks: which deliveries came, what outside systems said last about each of their problems, when the
 * poll is woken next, and Notion's verification token while somebody waits for it.
 */
import { sql } from "kysely";
import type { AlertChange } from "../domain/webhook.ts";
import { SCHEMA } from "./migrations.ts";
import type { Database } from "./store.ts";

/** A signed message can be sent again by anybody who once saw it: remembered far longer than the work that it caused. */
const KEEP_DELIVERIES_DAYS = 400;
const KEEP_ENDED_DAYS = 30;
const DAY_MS = 86_400_000;

export function createWebhookStore(db: Database) {
  const handshakes = createHandshakes(db);
  return {
    deliveries: createDeliveries(db),
    changes: createChanges(db),
    wakes: createWakes(db),
    handshakes,
    async forgetOld(now: Date): Promise<void> {
      const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
      await db
        .deleteFrom("webhook_deliveries")
        .where("received_at", "<", before(KEEP_DELIVERIES_DAYS))
        .execute();
      // What an outside system still sees as firing stays, however old.
      await db
        .deleteFrom("webhook_alerts")
        .where("firing", "=", false)
        .where("updated_at", "<", before(KEEP_ENDED_DAYS))
        .execute();
      const awaited = await handshakes.get();
      if (awaited !== null && Date.parse(awaited.openUntil) < now.getTime()) await handshakes.forget();
    },
  };
}

function createDeliveries(db: Database) {
  return {
    /** From whom anything came within the time that is remembered. */
    async senders(): Promise<ReadonlySet<string>> {
      const sender = sql<string>`split_part(id, ':', 1)`;
      const rows = await db.selectFrom("webhook_deliveries").select(sender.as("sender")).distinct().execute();
      return new Set(rows.map((row) => row.sender));
    },
    async note(id: string, digest: string): Promise<{ isFirst: boolean; digest: string; receivedAt: Date }> {
      const fresh = await db
        .insertInto("webhook_deliveries")
        .values({ id, digest, received_at: new Date() })
        .onConflict((c) => c.column("id").doNothing())
        .returning("received_at")
        .executeTakeFirst();
      if (fresh) return { isFirst: true, digest, receivedAt: fresh.received_at };
      const row = await db
        .selectFrom("webhook_deliveries")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      return { isFirst: false, digest: row.digest, receivedAt: row.received_at };
    },
  };
}

function createChanges(db: Database) {
  return {
    /** Keeps it unless something later is known. False: about a problem that is not known and need not be. */
    async record(key: string, change: AlertChange): Promise<boolean> {
      const row = {
        position: change.position,
        firing: change.kind === "raise",
        change: JSON.stringify(change),
        updated_at: new Date(),
      };
      if (change.kind === "end" && change.onlyIfKnown) {
        const known = await db
          .updateTable("webhook_alerts")
          .set((eb) => ({ ...row, rev: eb("rev", "+", 1) }))
          .where("key", "=", key)
          .where("position", "<=", change.position)
          .returning("rev")
          .executeTakeFirst();
        return known !== undefined;
      }
      await db
        .insertInto("webhook_alerts")
        .values({ key, ...row })
        .onConflict((c) =>
          c
            .column("key")
            .doUpdateSet((eb) => ({ ...row, rev: eb("webhook_alerts.rev", "+", 1) }))
            .where("webhook_alerts.position", "<=", change.position),
        )
        .execute();
      return true;
    },
    /** `rev` grows with every change. */
    async latest(key: string): Promise<{ rev: number; change: AlertChange }> {
      const row = await db
        .selectFrom("webhook_alerts")
        .select(["rev", "change"])
        .where("key", "=", key)
        .executeTakeFirstOrThrow();
      return { rev: row.rev, change: row.change };
    },
  };
}

function createWakes(db: Database) {
  return {
    /**
     * The next wake of this name: one that is already due to come, or a new one, `delayMs` from now and at least
     * `spacingMs` after the one before. The database's clock counts, which all replicas share.
     */
    async join(
      name: string,
      { delayMs, spacingMs }: { delayMs: number; spacingMs: number },
    ): Promise<{ dueAt: string; waitMs: number }> {
      const seconds = (ms: number) => sql`make_interval(secs => ${ms / 1_000}::float)`;
      const soon = sql`clock_timestamp() + ${seconds(delayMs)}`;
      const { rows } = await sql<{ due_at: Date; wait_ms: number }>`
        insert into ${sql.id(SCHEMA)}.wakes as w (name, due_at) values (${name}, ${soon})
        on conflict (name) do update set due_at = case
          when w.due_at > clock_timestamp() then w.due_at
          else greatest(${soon}, w.due_at + ${seconds(spacingMs)}) end
        returning due_at, extract(epoch from due_at - clock_timestamp())::float * 1000 as wait_ms`.execute(
        db,
      );
      const [row] = rows;
      if (row === undefined) throw new Error("an insert that returns always returns a row");
      return { dueAt: row.due_at.toISOString(), waitMs: Math.max(0, Math.ceil(row.wait_ms)) };
    },
  };
}

const HANDSHAKE = "notion-handshake";

interface Handshake {
  openUntil: string;
  token: string | null;
}

function createHandshakes(db: Database) {
  return {
    async get(): Promise<Handshake | null> {
      const row = await db
        .selectFrom("settings")
        .select("value")
        .where("key", "=", HANDSHAKE)
        .executeTakeFirst();
      // Only `set` below writes this row.
      return row ? (row.value as Handshake) : null;
    },
    async set(state: Handshake): Promise<void> {
      const value = JSON.stringify(state);
      await db
        .insertInto("settings")
        .values({ key: HANDSHAKE, value })
        .onConflict((c) => c.column("key").doUpdateSet({ value }))
        .execute();
    },
    async forget(): Promise<void> {
      await db.deleteFrom("settings").where("key", "=", HANDSHAKE).execute();
    },
  };
}
