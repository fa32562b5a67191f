/** Where each inbox item stands. The authority on attempts: Notion shows them, this table counts them. */
import type { Selectable } from "kysely";
import type { ItemKind } from "../domain/analysis.ts";
import type { StartedRun } from "../domain/health.ts";
import type { InboxRef, MessageRef } from "../domain/item.ts";
import { outcomeOf, type RunOutcome } from "../domain/poll-run.ts";
import type { Database } from "./store.ts";
import type { ItemState, ItemTable } from "./tables.ts";

export interface ItemRun {
  pageId: string;
  attempt: number;
  round: number;
}

export type ItemRow = Selectable<ItemTable>;

export function createItemStore(db: Database, now: () => Date = () => new Date()) {
  const known = async (pageIds: string[]): Promise<Map<string, ItemRow>> => {
    if (pageIds.length === 0) return new Map();
    const rows = await db.selectFrom("items").selectAll().where("page_id", "in", pageIds).execute();
    return new Map(rows.map((row) => [row.page_id, row]));
  };
  return {
    known,
    /** How the attempts stand, in their order. */
    async outcomes(runs: StartedRun[]): Promise<RunOutcome[]> {
      const rows = await known(runs.map((run) => run.pageId));
      return runs.map((run) => {
        const row = rows.get(run.pageId);
        return outcomeOf(run, row ? { ...row, reason: row.last_error } : null);
      });
    },
    async count(states: ItemState[]): Promise<number> {
      const row = await db
        .selectFrom("items")
        .select((eb) => eb.fn.countAll<string>().as("n"))
        .where("state", "in", states)
        .executeTakeFirstOrThrow();
      return Number(row.n);
    },
    /**
     * Takes an item up: the next attempt, if it still stands where the caller saw it (null = new). When another
     * replica, or this one before a crash, was faster, that run is returned: starting it twice changes nothing.
     */
    async begin(ref: InboxRef, seen: ItemRow | null, seenAt = now()): Promise<ItemRun | null> {
      // Running already: its workflow id makes a second start a no-op, unless a crash came before the first.
      if (seen?.state === "running") return { pageId: ref.id, attempt: seen.attempt, round: seen.round };
      const run = seen ? await beginAgain(db, { ref, seen, now: now() }) : await beginNew(db, ref, seenAt);
      if (run) return run;
      const row = await db
        .selectFrom("items")
        .selectAll()
        .where("page_id", "=", ref.id)
        .executeTakeFirstOrThrow();
      return row.state === "running" ? { pageId: row.page_id, attempt: row.attempt, round: row.round } : null;
    },
    ...endings(db, now),
    ...origins(db),
  };
}

async function beginNew(
  db: Database,
  { id: pageId, lastEditedAt }: InboxRef,
  seenAt: Date,
): Promise<ItemRun | null> {
  const row = await db
    .insertInto("items")
    .values({
      page_id: pageId,
      attempt: 1,
      failures: 0,
      round: 1,
      state: "running",
      next_at: null,
      last_error: null,
      waiting_since: lastEditedAt,
      seen_at: seenAt,
      updated_at: seenAt,
    })
    .onConflict((c) => c.column("page_id").doNothing())
    .returningAll()
    .executeTakeFirst();
  return row ? { pageId, attempt: row.attempt, round: row.round } : null;
}

/** A finished item that a person put back to Unprocessed starts a new round, with records of its own. */
async function beginAgain(
  db: Database,
  { ref, seen, now }: { ref: InboxRef; seen: ItemRow; now: Date },
): Promise<ItemRun | null> {
  const newRound = seen.state === "done";
  const row = await db
    .updateTable("items")
    .set({
      attempt: seen.attempt + 1,
      round: newRound ? seen.round + 1 : seen.round,
      failures: isEnded(seen) ? 0 : seen.failures,
      ...(isEnded(seen) ? { waiting_since: ref.lastEditedAt } : {}),
      state: "running",
      updated_at: now,
    })
    .where("page_id", "=", seen.page_id)
    .where("attempt", "=", seen.attempt)
    .where("state", "=", seen.state)
    .returningAll()
    .executeTakeFirst();
  return row ? { pageId: row.page_id, attempt: row.attempt, round: row.round } : null;
}

/** Put back by a person after it had ended one way or the other: counted anew. */
function isEnded({ state }: ItemRow): boolean {
  return state === "done" || state === "dead" || state === "ignored";
}

function endings(db: Database, now: () => Date) {
  const set = async (
    pageId: string,
    change: Partial<Pick<ItemRow, "state" | "next_at" | "last_error" | "failures" | "ended_at" | "kind">>,
  ) => {
    await db
      .updateTable("items")
      .set({ ...change, updated_at: now() })
      .where("page_id", "=", pageId)
      .execute();
  };
  return {
    /** `became`: what it was, and when it was dealt with. */
    done: (pageId: string, became?: { kind: ItemKind; at: Date }) =>
      set(pageId, {
        ...{ state: "done", failures: 0, last_error: null, next_at: null },
        ...(became && { kind: became.kind, ended_at: became.at }),
      }),
    /** Budget reached: taken up again at a later poll, not a failure. */
    waits: (pageId: string, reason: string) =>
      set(pageId, { state: "waiting", last_error: reason, next_at: null }),
    /** Idempotent per attempt: counts the failure of that attempt once. */
    async failed(
      run: ItemRun,
      reason: string,
      maxFailures: number,
    ): Promise<{ failures: number; final: boolean }> {
      const row = await db
        .selectFrom("items")
        .selectAll()
        .where("page_id", "=", run.pageId)
        .executeTakeFirstOrThrow();
      if (row.attempt !== run.attempt || row.state !== "running") {
        return { failures: row.failures, final: row.state === "dead" };
      }
      const failures = row.failures + 1;
      const final = failures >= maxFailures;
      const next_at = final ? null : new Date(now().getTime() + RETRY_AFTER_MS * failures);
      await set(run.pageId, { state: final ? "dead" : "failed", failures, last_error: reason, next_at });
      return { failures, final };
    },
    /** Retry on the dead-letter card: counted anew, taken up by the next poll. */
    revive: (pageId: string) => set(pageId, { state: "failed", failures: 0, next_at: null }),
    ignore: (pageId: string) => set(pageId, { state: "ignored" }),
  };
}

/** Earliest repeat of a failed attempt: this long, times the number of failures. */
const RETRY_AFTER_MS = 15_000;

interface Origin {
  requestedBy: string | null;
  message: MessageRef | null;
}

function origins(db: Database) {
  return {
    async setOrigin(pageId: string, { requestedBy, message }: Origin): Promise<void> {
      const values = {
        page_id: pageId,
        requested_by: requestedBy,
        channel: message?.channel ?? null,
        ts: message?.ts ?? null,
      };
      await db
        .insertInto("origins")
        .values(values)
        .onConflict((c) => c.column("page_id").doNothing())
        .execute();
    },
    async origin(pageId: string): Promise<Origin> {
      const row = await db.selectFrom("origins").selectAll().where("page_id", "=", pageId).executeTakeFirst();
      if (!row) return { requestedBy: null, message: null };
      const message = row.channel !== null && row.ts !== null ? { channel: row.channel, ts: row.ts } : null;
      return { requestedBy: row.requested_by, message };
    },
  };
}
