/** Rollbacks: one row each, at most one that has not ended, whoever asks on whichever replica. */
import type { Selectable } from "kysely";
import type { MessageRef } from "../domain/item.ts";
import type { Rollback, RollbackState } from "../domain/rollback.ts";
import type { Database } from "./store.ts";
import type { RollbackTable } from "./tables.ts";

export type NewRollback = Pick<Rollback, "id" | "target" | "from" | "by" | "startedAt">;

export function createRollbackStore(db: Database) {
  const reads = createReads(db);
  return { ...reads, ...createWrites(db, reads.find) };
}

type Find = (id: string) => Promise<Rollback | null>;

function createReads(db: Database) {
  const rows = db.selectFrom("rollbacks").selectAll();
  const orNull = (row: Selectable<RollbackTable> | undefined) => (row ? toRollback(row) : null);
  return {
    find: (async (id) => orNull(await rows.where("id", "=", id).executeTakeFirst())) satisfies Find,
    active: async () => orNull(await rows.where("ended_at", "is", null).executeTakeFirst()),
    /** The one that began last, ended or not. */
    latest: async () => orNull(await rows.orderBy("started_at", "desc").limit(1).executeTakeFirst()),
  };
}

function createWrites(db: Database, find: Find) {
  return {
    /** False while another one has not ended. The same id begins once. */
    async begin(rollback: NewRollback): Promise<boolean> {
      const state: RollbackState = { kind: "starting" };
      const row = await db
        .insertInto("rollbacks")
        .values({
          id: rollback.id,
          target: JSON.stringify(rollback.target),
          origin: JSON.stringify(rollback.from),
          person: JSON.stringify(rollback.by),
          started_at: rollback.startedAt,
          state_kind: state.kind,
          state: JSON.stringify(state),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .executeTakeFirst();
      return row !== undefined || (await find(rollback.id)) !== null;
    },
    /** True for one caller ever: who gets it may ask the platform, once. */
    async claimAsk(id: string, claim: { at: string; knownIds: string[] }): Promise<boolean> {
      const row = await db
        .updateTable("rollbacks")
        .set({ asked_at: claim.at, known_ids: JSON.stringify(claim.knownIds) })
        .where("id", "=", id)
        .where("asked_at", "is", null)
        .where("ended_at", "is", null)
        .returning("id")
        .executeTakeFirst();
      return row !== undefined;
    },
    /** How it stands afterwards; what has ended stays as it ended. */
    async move(id: string, state: RollbackState): Promise<Rollback | null> {
      await db
        .updateTable("rollbacks")
        .set((eb) => ({
          state_kind: state.kind,
          state: JSON.stringify(state),
          ended_at: state.kind === "ended" ? state.at : null,
          rev: eb("rev", "+", 1),
        }))
        .where("id", "=", id)
        .where("ended_at", "is", null)
        .execute();
      return find(id);
    },
    async cardPosted(id: string, card: MessageRef): Promise<void> {
      await db
        .updateTable("rollbacks")
        .set({ card_channel: card.channel, card_ts: card.ts })
        .where("id", "=", id)
        .execute();
    },
    async cardShows(id: string, rev: number): Promise<void> {
      await db
        .updateTable("rollbacks")
        .set({ card_rev: rev })
        .where("id", "=", id)
        .where("card_rev", "<", rev)
        .execute();
    },
  };
}

function toRollback(row: Selectable<RollbackTable>): Rollback {
  return {
    id: row.id,
    target: row.target,
    from: row.origin,
    by: row.person,
    startedAt: row.started_at.toISOString(),
    askedAt: row.asked_at?.toISOString() ?? null,
    knownIds: row.known_ids,
    state: row.state,
    card:
      row.card_channel !== null && row.card_ts !== null
        ? { channel: row.card_channel, ts: row.card_ts }
        : null,
    rev: row.rev,
    cardRev: row.card_rev,
  };
}
