/** What the tables say about work that is stuck. */
import type { Database } from "./store.ts";

export function createAlertFacts(db: Database) {
  return {
    /** Given up, and nobody has retried or ignored them. */
    async deadLetters(): Promise<{ open: number; oldestAt: string | null }> {
      const rows = await db
        .selectFrom("dead_letters")
        .select("letter")
        .where("state_kind", "=", "open")
        .execute();
      const moments = rows.map(({ letter }) => letter.failedAt).toSorted();
      return { open: rows.length, oldestAt: moments[0] ?? null };
    },
    /** Decided, and not written down in Notion yet. */
    async unrecorded(): Promise<{ count: number; oldestAt: string | null }> {
      const row = await db
        .selectFrom("decisions")
        .select((eb) => [eb.fn.countAll<string>().as("count"), eb.fn.min("updated_at").as("oldest")])
        .where("state_kind", "=", "recording")
        .executeTakeFirstOrThrow();
      return { count: Number(row.count), oldestAt: row.oldest?.toISOString() ?? null };
    },
  };
}
