/** What Slack should show by now and does not. */
import type { Database } from "./store.ts";

/** A moment this far ahead was written by a clock that has been set back since: its age is not known. */
const AHEAD_MS = 60_000;

interface Counted {
  n: string;
  oldest: Date | null;
}

export function createUndelivered(db: Database) {
  return async (before: Date): Promise<{ cards: number; posts: number; oldestAt: Date | null }> => {
    const after = new Date(before.getTime() + 2 * AHEAD_MS);
    const cards: Counted = await db
      .selectFrom("decisions")
      .select((eb) => [eb.fn.countAll<string>().as("n"), eb.fn.min<Date | null>("updated_at").as("oldest")])
      .whereRef("card_rev", "<", "rev")
      .where((eb) => eb.or([eb("updated_at", "<", before), eb("updated_at", ">", after)]))
      .executeTakeFirstOrThrow();
    const posts: Counted = await db
      .selectFrom("posts")
      .select((eb) => [eb.fn.countAll<string>().as("n"), eb.fn.min<Date | null>("started_at").as("oldest")])
      .where("ts", "is", null)
      .where((eb) => eb.or([eb("started_at", "<", before), eb("started_at", ">", after)]))
      .executeTakeFirstOrThrow();
    const moments = [cards.oldest, posts.oldest].flatMap((moment) => (moment ? [moment.getTime()] : []));
    return {
      cards: Number(cards.n),
      posts: Number(posts.n),
      oldestAt: moments.length > 0 ? new Date(Math.min(...moments)) : null,
    };
  };
}
