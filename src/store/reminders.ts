/** Which decisions wait, of which people were reminded, and who was asked beyond the approvers. */
import type { Escalation } from "../domain/decision.ts";
import type { DueReminder, Mark, Waiting } from "../domain/reminders.ts";
import type { Database } from "./store.ts";

/** More than anybody has open; the rest is looked at once these are decided or said. */
const LOOKED_AT = 1_000;

export function createReminderStore(db: Database) {
  return { ...marks(db), ...escalations(db) };
}

function marks(db: Database) {
  const saidOf = async (ids: string[]): Promise<Map<string, number[]>> => {
    const said = new Map<string, number[]>();
    if (ids.length === 0) return said;
    const rows = await db.selectFrom("reminders").selectAll().where("decision_id", "in", ids).execute();
    for (const { decision_id, mark } of rows) said.set(decision_id, [...(said.get(decision_id) ?? []), mark]);
    return said;
  };
  return {
    /** Pending, posted, and not yet expired; the first to expire first. */
    async waiting(now: Date): Promise<(Waiting & { id: string })[]> {
      const rows = await db
        .selectFrom("decisions")
        .select(["id", "created_at", "expires_at"])
        .where("state_kind", "=", "pending")
        .where("card_ts", "is not", null)
        .where("expires_at", ">", now)
        .orderBy("expires_at")
        .limit(LOOKED_AT)
        .execute();
      const said = await saidOf(rows.map((row) => row.id));
      return rows.flatMap(({ id, created_at, expires_at }) =>
        expires_at === null
          ? []
          : [
              {
                id,
                createdAt: created_at.toISOString(),
                expiresAt: expires_at.toISOString(),
                said: said.get(id) ?? [],
              },
            ],
      );
    },
    async said(id: string): Promise<number[]> {
      return (await saidOf([id])).get(id) ?? [];
    },
    async saidAt(id: string, mark: Mark): Promise<string | null> {
      const reminders = db.selectFrom("reminders").select("at").where("decision_id", "=", id);
      const row = await reminders.where("mark", "=", mark).where("outcome", "=", "said").executeTakeFirst();
      return row?.at.toISOString() ?? null;
    },
    async note(id: string, { mark, covers }: DueReminder, at: string): Promise<void> {
      const rows = [
        { decision_id: id, mark, outcome: "said" as const, at },
        ...covers.map((earlier) => ({
          decision_id: id,
          mark: earlier,
          outcome: "covered" as const,
          at,
        })),
      ];
      await db
        .insertInto("reminders")
        .values(rows)
        .onConflict((c) => c.columns(["decision_id", "mark"]).doNothing())
        .execute();
    },
  };
}

function escalations(db: Database) {
  return {
    /** Once for each decision, and only while it is pending; false when there was nothing to do. */
    async escalate(id: string, { at, to }: Escalation): Promise<boolean> {
      const row = await db
        .updateTable("decisions")
        .set((eb) => ({
          escalated_at: at,
          escalated_to: JSON.stringify(to),
          rev: eb("rev", "+", 1),
          updated_at: new Date(),
        }))
        .where("id", "=", id)
        .where("state_kind", "=", "pending")
        .where("escalated_at", "is", null)
        .returning("id")
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}
