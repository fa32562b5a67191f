/** Where alerts are shown: their own messages, and those that several of them share. */
import type { Selectable } from "kysely";
import {
  type AlertGroup,
  type AlertRecord,
  type GroupReason,
  type GroupTold,
  type HeldBy,
  OWN,
  type Told,
} from "../domain/alert-display.ts";
import type { MessageRef } from "../domain/item.ts";
import { toRecord } from "./alerts.ts";
import type { Database } from "./store.ts";
import type { AlertGroupTable } from "./tables.ts";

export function createAlertMessages(db: Database) {
  return { ...places(db), ...ownMessages(db), ...groups(db) };
}

function places(db: Database) {
  /** Only what has no place yet: a second one would be a second message. */
  const place = (ids: string[], to: string, at: Date) =>
    db
      .updateTable("alerts")
      .set({ place: to, placed_at: at })
      .where("id", "in", ids)
      .where("place", "is", null)
      .execute();
  return {
    async giveOwn(ids: string[], at: Date): Promise<void> {
      if (ids.length > 0) await place(ids, OWN, at);
    },
    async hold(ids: string[], by: HeldBy): Promise<void> {
      if (ids.length === 0) return;
      const rows = db.updateTable("alerts").set({ held_by: by }).where("id", "in", ids);
      await rows.where("held_by", "is distinct from", by).execute();
    },
    async join(group: { id: string; reason: GroupReason }, ids: string[], at: Date): Promise<void> {
      if (ids.length === 0) return;
      await db
        .insertInto("alert_groups")
        .values({ ...group, opened_at: at, joined_at: at, card_channel: null, card_ts: null })
        .onConflict((c) => c.column("id").doUpdateSet({ joined_at: at }))
        .execute();
      await place(ids, group.id, at);
    },
    async ownBetween(from: Date, to: Date): Promise<number> {
      const counted = db.selectFrom("alerts").select((eb) => eb.fn.countAll<string>().as("n"));
      const row = await counted
        .where("place", "=", OWN)
        .where("placed_at", ">", from)
        .where("placed_at", "<=", to)
        .executeTakeFirstOrThrow();
      return Number(row.n);
    },
  };
}

function ownMessages(db: Database) {
  const set = (id: string) => db.updateTable("alerts").where("id", "=", id);
  return {
    async begun(id: string, rev: number, at: Date): Promise<void> {
      await set(id).set({ shown_rev: rev, shown_at: at }).where("shown_at", "is", null).execute();
    },
    async posted(id: string, { card, told }: { card: MessageRef; told: Told }): Promise<void> {
      await set(id)
        .set({ card_channel: card.channel, card_ts: card.ts, told: JSON.stringify(told) })
        .execute();
    },
    async drawn(id: string, rev: number, at: Date): Promise<void> {
      await set(id).set({ shown_rev: rev, shown_at: at }).where("shown_rev", "<=", rev).execute();
    },
    async told(id: string, told: Told): Promise<void> {
      await set(id)
        .set({ told: JSON.stringify(told) })
        .execute();
    },
    /** Its message is gone: the next one has the next number. */
    async lost(id: string): Promise<void> {
      await set(id)
        .set((eb) => ({ card_channel: null, card_ts: null, card_no: eb("card_no", "+", 1) }))
        .execute();
    },
  };
}

function groups(db: Database) {
  const set = (id: string) => db.updateTable("alert_groups").where("id", "=", id);
  const all = () => db.selectFrom("alert_groups").selectAll();
  return {
    async group(id: string): Promise<AlertGroup | null> {
      const row = await all().where("id", "=", id).executeTakeFirst();
      return row ? toGroup(row) : null;
    },
    async groupsNamed(ids: string[]): Promise<AlertGroup[]> {
      if (ids.length === 0) return [];
      return (await all().where("id", "in", ids).execute()).map(toGroup);
    },
    async stormBetween(from: Date, to: Date): Promise<AlertGroup | null> {
      const row = await all()
        .where("reason", "=", "storm")
        .where("joined_at", ">", from)
        .where("joined_at", "<=", to)
        .orderBy("joined_at", "desc")
        .limit(1)
        .executeTakeFirst();
      return row ? toGroup(row) : null;
    },
    async members(groupId: string): Promise<AlertRecord[]> {
      const rows = db.selectFrom("alerts").selectAll().where("place", "=", groupId).orderBy("opened_at");
      return (await rows.execute()).map(toRecord);
    },
    /** The number of this drawing. */
    async beginDraw(id: string): Promise<number> {
      const row = await set(id)
        .set((eb) => ({ draws: eb("draws", "+", 1) }))
        .returning("draws")
        .executeTakeFirstOrThrow();
      return row.draws;
    },
    async groupPosted(id: string, posted: { card: MessageRef; told: GroupTold }): Promise<void> {
      const { card, told } = posted;
      await set(id)
        .set({ card_channel: card.channel, card_ts: card.ts, told: JSON.stringify(told) })
        .execute();
    },
    async groupDrawn(id: string, members: readonly AlertRecord[], at: Date): Promise<void> {
      const stale = members.filter(({ rev, shown }) => shown.rev < rev);
      for (const rev of new Set(stale.map((alert) => alert.rev))) {
        const ids = stale.filter((alert) => alert.rev === rev).map((alert) => alert.id);
        const rows = db.updateTable("alerts").set({ shown_rev: rev, shown_at: at });
        await rows.where("id", "in", ids).where("shown_rev", "<", rev).execute();
      }
      await set(id).set({ shown_at: at }).execute();
    },
    async groupTold(id: string, told: GroupTold): Promise<void> {
      await set(id)
        .set({ told: JSON.stringify(told) })
        .execute();
    },
    async groupLost(id: string): Promise<void> {
      await set(id)
        .set((eb) => ({ card_channel: null, card_ts: null, card_no: eb("card_no", "+", 1) }))
        .execute();
    },
  };
}

function toGroup(row: Selectable<AlertGroupTable>): AlertGroup {
  return {
    id: row.id,
    reason: row.reason,
    openedAt: row.opened_at.toISOString(),
    joinedAt: row.joined_at.toISOString(),
    card:
      row.card_channel !== null && row.card_ts !== null
        ? { channel: row.card_channel, ts: row.card_ts }
        : null,
    cardNo: row.card_no,
    draws: row.draws,
    at: row.shown_at?.toISOString() ?? null,
    told: row.told,
  };
}
