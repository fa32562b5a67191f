/** Who may decide for whom: the orders as they were given, and which of them are in force. */
import type { Selectable } from "kysely";
import type { DeputyOrder, Deputyship } from "../domain/deputy.ts";
import type { DeputyTable } from "./deputy-table.ts";
import type { Database } from "./store.ts";

export function createDeputyStore(db: Database) {
  /** The last order of everybody, whatever it says. */
  const lastOrders = () =>
    db
      .selectFrom("deputies")
      .selectAll()
      .distinctOn("principal")
      .orderBy("principal")
      .orderBy("ordered_at", "desc")
      .orderBy("id", "desc");
  return {
    /** Once for each id. One that was overtaken by a later order of the same person changes nothing any more. */
    async note({ id, principal, at, appointment }: DeputyOrder): Promise<void> {
      await db
        .insertInto("deputies")
        .values({
          id,
          principal: principal.slackId,
          principal_name: principal.name,
          ordered_at: at,
          deputy: appointment?.deputy.slackId ?? null,
          deputy_name: appointment?.deputy.name ?? null,
          last_day: appointment?.lastDay ?? null,
          ends_at: appointment?.endsAt ?? null,
        })
        .onConflict((c) => c.column("id").doNothing())
        .execute();
    },
    async lastOrder(principalId: string): Promise<string | null> {
      const row = await lastOrders().where("principal", "=", principalId).executeTakeFirst();
      return row?.ordered_at.toISOString() ?? null;
    },
    /** The first to end first. */
    async inForce(now: Date): Promise<Deputyship[]> {
      const rows = await lastOrders().execute();
      return rows
        .flatMap((row) => toDeputyship(row))
        .filter(({ endsAt }) => new Date(endsAt) > now)
        .toSorted((a, b) => Date.parse(a.endsAt) - Date.parse(b.endsAt));
    },
    /** What stood just before this order; null = nobody. */
    async before({ id, principal, at }: DeputyOrder): Promise<Deputyship | null> {
      const row = await db
        .selectFrom("deputies")
        .selectAll()
        .where("principal", "=", principal.slackId)
        .where("id", "<>", id)
        .where("ordered_at", "<=", new Date(at))
        .orderBy("ordered_at", "desc")
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst();
      const [earlier] = row === undefined ? [] : toDeputyship(row);
      return earlier !== undefined && new Date(earlier.endsAt) > new Date(at) ? earlier : null;
    },
  };
}

function toDeputyship(row: Selectable<DeputyTable>): Deputyship[] {
  const { id, principal, principal_name, deputy, deputy_name, last_day, ends_at } = row;
  if (deputy === null || last_day === null || ends_at === null) return [];
  return [
    {
      id,
      principal: { slackId: principal, name: principal_name },
      deputy: { slackId: deputy, name: deputy_name ?? deputy },
      lastDay: last_day,
      endsAt: ends_at.toISOString(),
    },
  ];
}
