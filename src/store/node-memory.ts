/** The names of the nodes in Notion, so that a start need not read thousands of them. */
import { sql } from "kysely";
import type { NodeMemory } from "../notion/ports.ts";
import type { Database } from "./store.ts";

/** What PostgreSQL cannot hold is not remembered: its name is asked for when it is needed. */
const isStorable = (title: string | null): title is string =>
  title !== null && !title.includes("\0") && !/\p{Surrogate}/u.test(title);

export function createNodeMemory(db: Database): NodeMemory {
  return {
    async load(dataSourceId) {
      const reading = await db
        .selectFrom("node_readings")
        .select(["since", "is_partial"])
        .where("data_source_id", "=", dataSourceId)
        .executeTakeFirst();
      if (reading === undefined) return null;
      const nodes = await db
        .selectFrom("nodes")
        .select(["id", "title"])
        .where("data_source_id", "=", dataSourceId)
        .execute();
      return { nodes, since: reading.since.getTime(), isPartial: reading.is_partial };
    },

    async save(dataSourceId, { titles, since, isPartial }) {
      const known = [...titles].flatMap(([id, title]) => (isStorable(title) ? [{ id, title }] : []));
      const gone = [...titles].flatMap(([id, title]) => (isStorable(title) ? [] : [id]));
      const reading = { since: new Date(since), is_partial: isPartial };
      await db.transaction().execute(async (trx) => {
        if (gone.length > 0)
          await trx
            .deleteFrom("nodes")
            .where("data_source_id", "=", dataSourceId)
            .where("id", "=", sql<string>`any(${gone}::text[])`)
            .execute();
        // In one statement, however many: an order that two replicas share keeps them from waiting for each other.
        if (known.length > 0)
          await trx
            .insertInto("nodes")
            .columns(["data_source_id", "id", "title"])
            .expression(
              sql`select ${dataSourceId}, id, title from jsonb_to_recordset(${JSON.stringify(known)}::jsonb)
                as known(id text, title text) order by id`,
            )
            .onConflict((c) =>
              c
                .columns(["data_source_id", "id"])
                .doUpdateSet(({ ref }) => ({ title: ref("excluded.title") })),
            )
            .execute();
        await trx
          .insertInto("node_readings")
          .values({ data_source_id: dataSourceId, ...reading })
          .onConflict((c) => c.column("data_source_id").doUpdateSet(reading))
          .execute();
      });
    },
  };
}
