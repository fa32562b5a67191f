/** What Slack should show by now and does not. */
import { sql } from "kysely";
import type { Database } from "./store.ts";
import { isUntouched } from "./untouched.ts";

/**
 * Longer than anything pauses between two tries, which is a poll. What was not tried since was left for good: a reminder of
 * what is decided by now, a question about a card in a channel that is archived.
 */
const TRIED_WITHIN_MS = 2 * 3_600_000;

interface Counted {
  n: string;
  oldest: Date | null;
}

export function createUndelivered(db: Database) {
  return async (before: Date): Promise<{ cards: number; posts: number; oldestAt: Date | null }> => {
    const cards: Counted = await db
      .selectFrom("decisions")
      .select((eb) => [eb.fn.countAll<string>().as("n"), eb.fn.min<Date | null>("updated_at").as("oldest")])
      .whereRef("card_rev", "<", "rev")
      .where(isUntouched("updated_at", before))
      .executeTakeFirstOrThrow();
    const posts: Counted = await db
      .selectFrom("posts")
      .select((eb) => [eb.fn.countAll<string>().as("n"), eb.fn.min<Date | null>("started_at").as("oldest")])
      .where("ts", "is", null)
      .where(isUntouched("started_at", before))
      .where(sql<boolean>`coalesce(tried_at, started_at) > ${new Date(before.getTime() - TRIED_WITHIN_MS)}`)
      .executeTakeFirstOrThrow();
    const moments = [cards.oldest, posts.oldest].flatMap((moment) => (moment ? [moment.getTime()] : []));
    return {
      cards: Number(cards.n),
      posts: Number(posts.n),
      oldestAt: moments.length > 0 ? new Date(Math.min(...moments)) : null,
    };
  };
}
