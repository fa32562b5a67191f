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

/** More than is asked at once. */
const LOOKED_AT = 100;
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
    for (const { decision_id, days } of rows.filter(({ state_kind }) => state_kind !== "dropped"))
      asked.set(decision_id, [...(asked.get(decision_id) ?? []), days]);
    return asked;
  };
  return {
    /** Carried out, maybe standing, and of an age at which one of `afterDays` is due, and nobody was asked yet. */
    async waiting(now: Date, afterDays: readonly number[]): Promise<(Reviewable & { id: string })[]> {
      const decidedAt = new Map<string, string>();
      for (const days of afterDays) {
        const rows = [...(await unasked(db, now, days)), ...(await unaskedAgain(db, now, days))];
        for (const row of rows) decidedAt.set(row.id, row.decided_at);
      }
      const asked = await askedOf([...decidedAt.keys()]);
      return [...decidedAt].map(([id, at]) => ({ id, decidedAt: at, asked: asked.get(id) ?? [] }));
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

/** Oldest first. In the words of the index `decisions_to_review`. */
function unasked(db: Database, now: Date, days: number): Promise<{ id: string; decided_at: string }[]> {
  return ofAge(db, now, days)
    .where(sql<boolean>`reopened_as is null`)
    .where("reviewed_days", "<", days)
    .execute();
}

/** Reopened, and what followed first was replaced or came to nothing. In the words of the index `decisions_reopened`. */
function unaskedAgain(db: Database, now: Date, days: number): Promise<{ id: string; decided_at: string }[]> {
  return ofAge(db, now, days)
    .where(sql<boolean>`reopened_as is not null`)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("decisions as next")
          .select("next.id")
          .where(sql<boolean>`next.id = decisions.reopened_as->>'id'`)
          .where(sql<boolean>`(next.state_kind = 'superseded'
            or next.state_kind = 'recorded' and next.state->'outcome'->>'verdict' in ('expired', 'withdrawn'))`),
      ),
    )
    .execute();
}

/** At which the question of `days` is due, and nobody was asked. */
function ofAge(db: Database, now: Date, days: number) {
  const daysAgo = (ago: number) => new Date(now.getTime() - ago * DAY_MS).toISOString();
  // The moments are all written alike, so that text compares as time does.
  const decidedAt = sql<string>`decisions.state->'outcome'->>'at'`;
  return (
    db
      .selectFrom("decisions")
      .select(["decisions.id", decidedAt.as("decided_at")])
      .where("decisions.state_kind", "=", "recorded")
      .where(sql<boolean>`decisions.state->'outcome'->>'verdict' in ('approved', 'edited')`)
      .where("card_ts", "is not", null)
      .where(decidedAt, ">", daysAgo(days + REVIEW_OPEN_DAYS))
      .where(decidedAt, "<=", daysAgo(days))
      // An older version notes questions without marking the decision.
      .where(({ exists, not, selectFrom }) => {
        const noted = selectFrom("reviews").select("days").whereRef("decision_id", "=", "decisions.id");
        return not(exists(noted.where("days", ">=", days).where("reviews.state_kind", "<>", "dropped")));
      })
      .orderBy(decidedAt)
      .limit(LOOKED_AT)
  );
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
  const forgetAsked = (id: string, days: number) => {
    const others = sql<number>`(select coalesce(max(r.days), 0) from emm.reviews r
      where r.decision_id = ${id} and r.days <> ${days} and r.state_kind <> 'dropped')`;
    return db.updateTable("decisions").set({ reviewed_days: others }).where("id", "=", id).execute();
  };
  return {
    async note({ decisionId, days, askedAt, endsAt, message, state }: Review): Promise<void> {
      const question = { asked_at: askedAt, ends_at: endsAt, ...message, is_drawn: true };
      const asked = { ...question, state_kind: state.kind, state: JSON.stringify(state) };
      await db
        .insertInto("reviews")
        .values({ decision_id: decisionId, days, ...asked })
        .onConflict((c) =>
          c.columns(["decision_id", "days"]).doUpdateSet(asked).where("reviews.state_kind", "=", "dropped"),
        )
        .execute();
      await db
        .updateTable("decisions")
        .set({ reviewed_days: days })
        .where("id", "=", decisionId)
        .where("reviewed_days", "<", days)
        .execute();
    },
    answer: (id: string, days: number, answer: ReviewAnswer) =>
      settle(id, days, { kind: "answered", answer }),
    async end(id: string, days: number, how: "unanswered" | "dropped", at: string): Promise<boolean> {
      // First, so that whoever dies in between leaves the row to be looked at.
      if (how === "dropped") await forgetAsked(id, days);
      return settle(id, days, { kind: how, at });
    },
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
