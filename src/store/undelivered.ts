/** What Slack should show by now and does not. */
import type { Database } from "./store.ts";
import { isUntouched } from "./untouched.ts";

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
      .executeTakeFirstOrThrow();
    const moments = [cards.oldest, posts.oldest].flatMap((moment) => (moment ? [moment.getTime()] : []));
    return {
      cards: Number(cards.n),
      posts: Number(posts.n),
      oldestAt: moments.length > 0 ? new Date(Math.min(...moments)) : null,
    };
  };
}
