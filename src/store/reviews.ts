/** Which decisions people were asked about after a while, and what they said. */
import { type Selectable, sql } from "kysely";
import { DAY_MS } from "../domain/calendar.ts";
import {
  REVIEW_OPEN_DAYS,
  type Review,
  type ReviewAnswer,
  type Reviewable,
  type ReviewState,
} from "../domain/review.ts";
import type { ReviewTable } from "./review-table.ts";
import type { Database } from "./store.ts";

/** More than any team decides within the weeks in which a question is due. */
const LOOKED_AT = 1_000;
/** Of questions whose time is over; the rest is looked at by the next poll. */
const ENDED_AT_ONCE = 50;

export function createReviewStore(db: Database) {
  return { ...readers(db), ...writers(db) };
}

function readers(db: Database) {
  const reviews = () => db.selectFrom("reviews").selectAll();
  const askedOf = async (ids: string[]): Promise<Map<string, number[]>> => {
    const asked = new Map<string, number[]>();
    if (ids.length === 0) return asked;
    const rows = await reviews().where("decision_id", "in", ids).execute();
    for (const { decision_id, days } of rows)
      asked.set(decision_id, [...(asked.get(decision_id) ?? []), days]);
    return asked;
  };
  return {
    /** Carried out, standing, and of an age at which one of `afterDays` may be due; oldest first. */
    async waiting(now: Date, afterDays: readonly number[]): Promise<(Reviewable & { id: string })[]> {
      if (afterDays.length === 0) return [];
      const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS).toISOString();
      const [first, last] = [Math.min(...afterDays), Math.max(...afterDays)];
      const decidedAt = sql<string>`state->'outcome'->>'at'`;
      const rows = await db
        .selectFrom("decisions")
        .select(["id", decidedAt.as("decided_at")])
        .where("state_kind", "=", "recorded")
        // As the index has it; the moments are all written alike, so that text compares as time does.
        .where(sql<boolean>`state_kind in ('recording', 'recorded')`)
        .where(decidedAt, ">", daysAgo(last + REVIEW_OPEN_DAYS))
        .where(decidedAt, "<=", daysAgo(first))
        .where(sql<boolean>`state->'outcome'->>'verdict' in ('approved', 'edited')`)
        .where("card_ts", "is not", null)
        .where("reopened_as", "is", null)
        .orderBy(decidedAt)
        .limit(LOOKED_AT)
        .execute();
      const asked = await askedOf(rows.map((row) => row.id));
      return rows.map(({ id, decided_at }) => ({ id, decidedAt: decided_at, asked: asked.get(id) ?? [] }));
    },
    async asked(id: string): Promise<number[]> {
      return (await askedOf([id])).get(id) ?? [];
    },
    async find(id: string, days: number): Promise<Review | null> {
      const row = await reviews().where("decision_id", "=", id).where("days", "=", days).executeTakeFirst();
      return row ? toReview(row) : null;
    },
    /** Still waiting for an answer although their time is over or the decision was reopened. */
    async overdue(now: Date): Promise<Review[]> {
      const rows = await db
        .selectFrom("reviews")
        .leftJoin("decisions", "decisions.id", "reviews.decision_id")
        .selectAll("reviews")
        .where("reviews.state_kind", "=", "asked")
        .where((eb) => eb.or([eb("ends_at", "<=", now), eb("reopened_as", "is not", null)]))
        .limit(ENDED_AT_ONCE)
        .execute();
      return rows.map(toReview);
    },
    /** Whose message shows an old state. */
    async undrawn(): Promise<Review[]> {
      const rows = await reviews().where("is_drawn", "=", false).limit(ENDED_AT_ONCE).execute();
      return rows.map(toReview);
    },
  };
}

function writers(db: Database) {
  /** The first one ends it; false for every later one. */
  const settle = async (id: string, days: number, state: ReviewState): Promise<boolean> => {
    const row = await db
      .updateTable("reviews")
      .set({ state_kind: state.kind, state: JSON.stringify(state), is_drawn: false })
      .where("decision_id", "=", id)
      .where("days", "=", days)
      .where("state_kind", "=", "asked")
      .returning("decision_id")
      .executeTakeFirst();
    return row !== undefined;
  };
  return {
    async note({ decisionId, days, askedAt, endsAt, message, state }: Review): Promise<void> {
      await db
        .insertInto("reviews")
        .values({
          decision_id: decisionId,
          days,
          asked_at: askedAt,
          ends_at: endsAt,
          ...message,
          state_kind: state.kind,
          state: JSON.stringify(state),
          is_drawn: true,
        })
        .onConflict((c) => c.columns(["decision_id", "days"]).doNothing())
        .execute();
    },
    answer: (id: string, days: number, answer: ReviewAnswer) =>
      settle(id, days, { kind: "answered", answer }),
    end: (id: string, days: number, how: "unanswered" | "dropped", at: string) =>
      settle(id, days, { kind: how, at }),
    async drawn(id: string, days: number): Promise<void> {
      await db
        .updateTable("reviews")
        .set({ is_drawn: true })
        .where("decision_id", "=", id)
        .where("days", "=", days)
        .execute();
    },
  };
}

function toReview(row: Selectable<ReviewTable>): Review {
  return {
    decisionId: row.decision_id,
    days: row.days,
    askedAt: row.asked_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    message: { channel: row.channel, ts: row.ts },
    state: row.state,
  };
}
