/** Maintenances as rows: one open at a time, for all replicas. A row changes only through the guarded updates here. */
import type { Selectable } from "kysely";
import type { Person } from "../domain/decision.ts";
import type { MessageRef } from "../domain/item.ts";
import type { Maintenance } from "../domain/maintenance.ts";
import type { Database } from "./store.ts";
import type { MaintenanceTable } from "./tables.ts";

interface Opening {
  by: Person;
  reason: string;
  startedAt: Date;
  endsAt: Date;
}

export function createMaintenanceStore(db: Database) {
  return { ...beginnings(db), ...changes(db), ...cardMarks(db) };
}

function beginnings(db: Database) {
  const find = async (id: string): Promise<Maintenance | null> => {
    const row = await db.selectFrom("maintenance").selectAll().where("id", "=", id).executeTakeFirst();
    return row ? toMaintenance(row) : null;
  };
  return {
    find,
    /** Not ended yet, though its time may be up. */
    async open(): Promise<Maintenance | null> {
      const row = await db
        .selectFrom("maintenance")
        .selectAll()
        .where("ended_at", "is", null)
        .executeTakeFirst();
      return row ? toMaintenance(row) : null;
    },
    async latest(): Promise<Maintenance | null> {
      const row = await db
        .selectFrom("maintenance")
        .selectAll()
        .orderBy("started_at", "desc")
        .limit(1)
        .executeTakeFirst();
      return row ? toMaintenance(row) : null;
    },
    /** null when one is open already. */
    async begin({ by, reason, startedAt, endsAt }: Opening): Promise<Maintenance | null> {
      const row = await db
        .insertInto("maintenance")
        .values({
          ...{ by_id: by.slackId, by_name: by.name, reason, started_at: startedAt, ends_at: endsAt },
          ...{ ended_at: null, ended_by_id: null, ended_by_name: null, card_channel: null, card_ts: null },
        })
        .onConflict((c) => c.doNothing())
        .returningAll()
        .executeTakeFirst();
      return row ? toMaintenance(row) : null;
    },
  };
}

function changes(db: Database) {
  return {
    /** Another end or reason for one that is open; null when it has ended. */
    async change(
      id: string,
      { by, reason, endsAt }: Omit<Opening, "startedAt">,
    ): Promise<Maintenance | null> {
      const row = await db
        .updateTable("maintenance")
        .set((eb) => ({
          ...{ by_id: by.slackId, by_name: by.name, reason, ends_at: endsAt },
          rev: eb("rev", "+", 1),
        }))
        .where("id", "=", id)
        .where("ended_at", "is", null)
        .returningAll()
        .executeTakeFirst();
      return row ? toMaintenance(row) : null;
    },
    /** `by` null = its time is up; then only if it still is. Null when somebody was faster, or gave it more time. */
    async end(id: string, { at, by }: { at: Date; by: Person | null }): Promise<Maintenance | null> {
      let update = db
        .updateTable("maintenance")
        .set((eb) => ({
          ended_at: by === null ? eb.ref("ends_at") : at,
          ended_by_id: by?.slackId ?? null,
          ended_by_name: by?.name ?? null,
          rev: eb("rev", "+", 1),
        }))
        .where("id", "=", id)
        .where("ended_at", "is", null);
      if (by === null) update = update.where("ends_at", "<=", at);
      const row = await update.returningAll().executeTakeFirst();
      return row ? toMaintenance(row) : null;
    },
  };
}

function cardMarks(db: Database) {
  return {
    async cardPosted(id: string, card: MessageRef): Promise<void> {
      const marks = { card_channel: card.channel, card_ts: card.ts };
      await db.updateTable("maintenance").set(marks).where("id", "=", id).execute();
    },
    async cardShows(id: string, rev: number): Promise<void> {
      const behind = db.updateTable("maintenance").set({ card_rev: rev }).where("card_rev", "<", rev);
      await behind.where("id", "=", id).execute();
    },
  };
}

function toMaintenance(row: Selectable<MaintenanceTable>): Maintenance {
  const { ended_at, ended_by_name } = row;
  const endedBy = ended_by_name === null ? null : { slackId: row.ended_by_id, name: ended_by_name };
  return {
    id: row.id,
    by: { slackId: row.by_id, name: row.by_name },
    reason: row.reason,
    startedAt: row.started_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    ended: ended_at === null ? null : { at: ended_at.toISOString(), by: endedBy },
    card:
      row.card_channel !== null && row.card_ts !== null
        ? { channel: row.card_channel, ts: row.card_ts }
        : null,
    rev: row.rev,
    cardRev: row.card_rev,
  };
}
