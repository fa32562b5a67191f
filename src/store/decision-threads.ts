/** Which decision showed the same advice first. Reads only. */
import { sql } from "kysely";
import type { FirstCard } from "../workflows/thread-ports.ts";
import type { Database } from "./store.ts";

export function createThreadStore(db: Database) {
  return {
    async firstWithAdvice(decisionId: string): Promise<FirstCard | null> {
      const row = await db
        .selectFrom("decisions as d")
        .innerJoin("decisions as own", "own.intent_id", "d.intent_id")
        .select(["d.id", "d.card_url"])
        .where("own.id", "=", decisionId)
        .where(sql<boolean>`d.analysis->'advice' = own.analysis->'advice'`)
        .orderBy("d.created_at")
        .orderBy("d.id")
        .limit(1)
        .executeTakeFirst();
      return row ? { decisionId: row.id, cardUrl: row.card_url } : null;
    },
  };
}
