/** Counts and short lists over what the other tables hold, for digests and commands. Reads only. */
import { type RawBuilder, type Selectable, sql } from "kysely";
import type { ItemKind } from "../domain/analysis.ts";
import type { SpendEntry } from "../domain/budget.ts";
import type { Verdict } from "../domain/decision.ts";
import type { DecisionBrief } from "../domain/figures.ts";
import type { DecisionTable } from "./decision-table.ts";
import { SCHEMA } from "./migrations.ts";
import type { Database } from "./store.ts";

/** From `since`, up to but not including `until`; ISO 8601, UTC. */
export interface Period {
  since: string;
  until: string;
}

export function createFigures(db: Database) {
  return { ...decisionFigures(db), ...itemFigures(db), ...spendFigures(db) };
}

const outcomeAt = sql<string>`state->'outcome'->>'at'`;

function decisionFigures(db: Database) {
  const count = async (query: { executeTakeFirstOrThrow(): Promise<{ n: string }> }): Promise<number> =>
    Number((await query.executeTakeFirstOrThrow()).n);
  const counted = () => db.selectFrom("decisions").select((eb) => eb.fn.countAll<string>().as("n"));
  return {
    /** Settled in the period, newest first; also those that Notion does not hold yet. */
    async decidedIn({ since, until }: Period): Promise<DecisionBrief[]> {
      const rows = await briefs(db)
        // Both kinds have an outcome; the moments are all written alike, so that text compares as time does.
        .where(sql<boolean>`state_kind in ('recording', 'recorded')`)
        .where(outcomeAt, ">=", since)
        .where(outcomeAt, "<", until)
        .orderBy(outcomeAt, "desc")
        .execute();
      return rows.map(toBrief);
    },
    /** Oldest first. */
    async pending(): Promise<DecisionBrief[]> {
      const rows = await briefs(db).where("state_kind", "=", "pending").orderBy("created_at").execute();
      return rows.map(toBrief);
    },
    pendingCount: () => count(counted().where("state_kind", "=", "pending")),
    createdIn: ({ since, until }: Period) =>
      count(counted().where("created_at", ">=", new Date(since)).where("created_at", "<", new Date(until))),
    /** Replaced in the period by a newer version of their content. */
    supersededIn: ({ since, until }: Period) =>
      count(
        counted()
          .where("state_kind", "=", "superseded")
          .where("updated_at", ">=", new Date(since))
          .where("updated_at", "<", new Date(until)),
      ),
  };
}

interface BriefRow
  extends Pick<
    Selectable<DecisionTable>,
    "id" | "title" | "card_url" | "pipe_url" | "created_at" | "expires_at" | "state_kind"
  > {
  impact: number;
  verdict: Verdict | null;
  decided_by: string | null;
  decided_at: string | null;
  chosen: string | null;
  acceptance: number | null;
  tasks: number | null;
  votes: { adviser: string; recommends: string }[] | null;
}

/** Picked apart in the database: a whole analysis is some 30 kB. */
function briefs(db: Database) {
  const votes: RawBuilder<BriefRow["votes"]> = sql`(
    select jsonb_agg(jsonb_build_object('adviser', one->>'adviser', 'recommends', one->>'recommends'))
    from jsonb_array_elements(analysis->'advice') as one)`;
  // Everybody whose approval counted, where more than one was needed.
  const deciders: RawBuilder<string | null> = sql`(
    select string_agg((one->'by'->>'name') || coalesce(' for ' || (one->'by'->'for'->>'name'), ''), ' and ' order by place)
    from jsonb_array_elements(coalesce(state->'outcome'->'approvals', jsonb_build_array(state->'outcome')))
      with ordinality as approval(one, place))`;
  return db
    .selectFrom("decisions")
    .select(["id", "title", "card_url", "pipe_url", "created_at", "expires_at", "state_kind"])
    .select([
      sql<number>`coalesce((analysis->'triage'->>'impact')::float, 0)`.as("impact"),
      sql<Verdict | null>`state->'outcome'->>'verdict'`.as("verdict"),
      deciders.as("decided_by"),
      sql<string | null>`state->'outcome'->>'at'`.as("decided_at"),
      sql<string | null>`state->'outcome'->'final'->>'recommendedOption'`.as("chosen"),
      sql<number | null>`(state->>'acceptanceRate')::float`.as("acceptance"),
      sql<number | null>`(state->>'taskCount')::float`.as("tasks"),
      votes.as("votes"),
    ]);
}

function toBrief(row: BriefRow): DecisionBrief {
  const { verdict, decided_at } = row;
  return {
    id: row.id,
    title: row.title,
    cardUrl: row.card_url,
    pipeUrl: row.pipe_url,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    impact: row.impact,
    state: row.state_kind,
    outcome:
      verdict !== null && decided_at !== null
        ? { verdict, by: row.decided_by ?? "", at: decided_at, chosen: row.chosen }
        : null,
    votes: row.votes ?? [],
    acceptanceRate: row.acceptance,
    taskCount: row.tasks ?? 0,
  };
}

function itemFigures(db: Database) {
  const items = () => db.selectFrom("items").select((eb) => eb.fn.countAll<string>().as("n"));
  const givenUp = () => db.selectFrom("dead_letters").select((eb) => eb.fn.countAll<string>().as("n"));
  const failedAt = sql<string>`letter->>'failedAt'`;
  return {
    async itemsSeenIn({ since, until }: Period): Promise<number> {
      const seen = items().where("seen_at", ">=", new Date(since)).where("seen_at", "<", new Date(until));
      return Number((await seen.executeTakeFirstOrThrow()).n);
    },
    /** Items that became something in the period, by kind. */
    async itemsEndedIn({ since, until }: Period): Promise<Record<ItemKind, number>> {
      const rows = await items()
        .select("kind")
        .where("ended_at", ">=", new Date(since))
        .where("ended_at", "<", new Date(until))
        .where("kind", "is not", null)
        .groupBy("kind")
        .execute();
      const counts: Record<ItemKind, number> = { strategic: 0, operational: 0, reference: 0 };
      for (const { kind, n } of rows) if (kind !== null) counts[kind] = Number(n);
      return counts;
    },
    /** After all attempts, in the period; an item counts once, with its last failure. */
    async givenUpIn({ since, until }: Period): Promise<number> {
      const found = givenUp().where(failedAt, ">=", since).where(failedAt, "<", until);
      return Number((await found.executeTakeFirstOrThrow()).n);
    },
    /** Waiting for somebody to retry or ignore them. */
    async givenUpNow(): Promise<number> {
      const found = givenUp().where("state_kind", "=", "open");
      return Number((await found.executeTakeFirstOrThrow()).n);
    },
  };
}

function spendFigures(db: Database) {
  const sums = [
    sql<number>`coalesce(sum(usd), 0)::float`.as("usd"),
    sql<number>`count(*)::int`.as("calls"),
  ] as const;
  return {
    /** Requests under way count with their estimate. */
    spentIn: ({ since, until }: Period): Promise<{ usd: number; calls: number }> =>
      db
        .selectFrom("spend")
        .select(sums)
        .where("at", ">=", new Date(since))
        .where("at", "<", new Date(until))
        .executeTakeFirstOrThrow(),
    /** From a local day on; an item that is up for decision is strategic, even if it was not finished. */
    async spendSince(day: string): Promise<SpendEntry[]> {
      // Looked up one by one: joined, all items and decisions there ever were would be read.
      const kind = sql<ItemKind | null>`coalesce(
        (select kind from ${sql.id(SCHEMA)}.items i where i.page_id = spend.item_id),
        (select 'strategic' from ${sql.id(SCHEMA)}.decisions d where d.item_id = spend.item_id limit 1))`;
      return db
        .selectFrom("spend")
        .select(["day", "step", "adviser", ...sums, kind.as("kind")])
        .where("day", ">=", day)
        .groupBy(["day", "step", "adviser", kind])
        .execute();
    },
    /** YYYY-MM-DD; null = nothing was ever spent. */
    async firstSpendDay(): Promise<string | null> {
      const first = db.selectFrom("spend").select("day").orderBy("day").limit(1);
      return (await first.executeTakeFirst())?.day ?? null;
    },
  };
}
