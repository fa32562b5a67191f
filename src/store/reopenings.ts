/** How often a settled decision was put to the vote again. Reads only. */
import { sql } from "kysely";
import type { Database } from "./store.ts";

export function createReopeningStore(db: Database) {
  return {
    /** Counts later versions of a reopened decision too: the number only grows. */
    async countOf(id: string): Promise<number> {
      const counted = db.selectFrom("decisions").select((eb) => eb.fn.countAll<string>().as("n"));
      const row = await counted.where(sql<boolean>`reopening->>'of' = ${id}`).executeTakeFirstOrThrow();
      return Number(row.n);
    },
  };
}
