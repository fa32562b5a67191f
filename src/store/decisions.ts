/** Decisions and dead letters as rows. A row changes state only through the guarded updates here. */
import { type Selectable, sql } from "kysely";
import type { Asked } from "../domain/asked.ts";
import type {
  DeadLetter,
  DecisionPatch,
  DecisionRecord,
  DecisionState,
  Evolution,
  NewDecision,
  Person,
} from "../domain/decision.ts";
import type { MessageRef } from "../domain/item.ts";
import type { DecisionTable } from "./decision-table.ts";
import type { Database } from "./store.ts";
import type { DeadLetterTable } from "./tables.ts";
import { isUntouched } from "./untouched.ts";

export function createDecisionStore(db: Database) {
  return { ...readers(db), ...cardMarks(db), evolve: evolver(db), insert: inserter(db) };
}

function readers(db: Database) {
  const decisions = () => db.selectFrom("decisions").selectAll();
  return {
    async find(id: string): Promise<DecisionRecord | null> {
      const row = await decisions().where("id", "=", id).executeTakeFirst();
      return row ? toRecord(row) : null;
    },
    /** In the asker's own words; those of the first decision on the same intent. Null where none were kept. */
    async asked(id: string): Promise<Asked | null> {
      const row = await db
        .selectFrom("decisions as d")
        .innerJoin("decisions as own", "own.intent_id", "d.intent_id")
        .select(sql<Asked>`d.analysis->'asked'`.as("asked"))
        .where("own.id", "=", id)
        .where(sql<boolean>`d.analysis->'asked' is not null`)
        .orderBy("d.created_at")
        .limit(1)
        .executeTakeFirst();
      return row?.asked ?? null;
    },
    async findMany(ids: string[]): Promise<DecisionRecord[]> {
      if (ids.length === 0) return [];
      return (await decisions().where("id", "in", ids).execute()).map(toRecord);
    },
    /** Oldest first. */
    async inState(kind: DecisionState["kind"], limit = 500): Promise<DecisionRecord[]> {
      const rows = await decisions()
        .where("state_kind", "=", kind)
        .orderBy("created_at")
        .limit(limit)
        .execute();
      return rows.map(toRecord);
    },
    async count(kind: DecisionState["kind"]): Promise<number> {
      const counted = db.selectFrom("decisions").select((eb) => eb.fn.countAll<string>().as("n"));
      return Number((await counted.where("state_kind", "=", kind).executeTakeFirstOrThrow()).n);
    },
    async dueBefore(moment: string): Promise<DecisionRecord[]> {
      const due = decisions().where("state_kind", "=", "pending").where("expires_at", "<=", new Date(moment));
      return (await due.execute()).map(toRecord);
    },
    /** Cards that have shown an old state for a while. */
    async withStaleCard(untouchedSince: Date): Promise<DecisionRecord[]> {
      const stale = decisions()
        .whereRef("card_rev", "<", "rev")
        .where(isUntouched("updated_at", untouchedSince));
      return (await stale.orderBy("updated_at").limit(50).execute()).map(toRecord);
    },
  };
}

/** The one writer: what `change` makes of the row as it stands, unless somebody else was faster; then once more. */
function evolver(db: Database) {
  return async <R>(
    id: string,
    change: (known: DecisionRecord) => Evolution<R>,
  ): Promise<{ decision: DecisionRecord; result: R } | null> => {
    for (;;) {
      const row = await db.selectFrom("decisions").selectAll().where("id", "=", id).executeTakeFirst();
      if (!row) return null;
      const known = toRecord(row);
      const { patch, result } = change(known);
      if (patch === null) return { decision: known, result };
      const written = await db
        .updateTable("decisions")
        .set((eb) => ({ ...columnsOf(patch), rev: eb("rev", "+", 1), updated_at: new Date() }))
        .where("id", "=", id)
        .where("rev", "=", known.rev)
        .returningAll()
        .executeTakeFirst();
      if (written) return { decision: toRecord(written), result };
    }
  };
}

function columnsOf(patch: DecisionPatch) {
  const { state, approvals, draft, questions, reopenedAs, round } = patch;
  return {
    ...(state && { state_kind: state.kind, state: JSON.stringify(state) }),
    ...(approvals && { approvals: JSON.stringify(approvals) }),
    ...(draft !== undefined && { draft: draft && JSON.stringify(draft) }),
    ...(questions && { questions: JSON.stringify(questions) }),
    ...(reopenedAs !== undefined && { reopened_as: reopenedAs && JSON.stringify(reopenedAs) }),
    ...(round !== undefined && { round }),
  };
}

function cardMarks(db: Database) {
  return {
    async cardPosted(id: string, posted: { card: MessageRef; url: string | null }): Promise<void> {
      const marks = { card_channel: posted.card.channel, card_ts: posted.card.ts, card_url: posted.url };
      await db.updateTable("decisions").set(marks).where("id", "=", id).execute();
    },
    async cardShows(id: string, rev: number): Promise<number> {
      const newest = sql<number>`greatest(card_rev, ${rev}::int)`;
      const shown = db.updateTable("decisions").set({ card_rev: newest }).where("id", "=", id);
      return (await shown.returning("card_rev").executeTakeFirst())?.card_rev ?? rev;
    },
  };
}

function inserter(db: Database) {
  return async (decision: NewDecision): Promise<void> => {
    const state: DecisionState = { kind: "pending" };
    await db
      .insertInto("decisions")
      .values({
        id: decision.id,
        item_id: decision.itemId,
        intent_id: decision.intentId,
        pipe_url: decision.pipeUrl,
        intent_url: decision.intentUrl,
        title: decision.title,
        analysis: JSON.stringify({
          ...decision.analysis,
          ...(decision.asked && { asked: decision.asked }),
        }),
        proposal: JSON.stringify(decision.proposal),
        hash: decision.hash,
        requested_by: decision.requestedBy,
        area_id: decision.areaId,
        created_at: decision.createdAt,
        expires_at: decision.expiresAt,
        state_kind: state.kind,
        state: JSON.stringify(state),
        card_channel: null,
        card_ts: null,
        card_url: null,
        updated_at: new Date(),
        approvals: JSON.stringify(decision.approvals ?? []),
        questions: JSON.stringify(decision.questions ?? []),
        reopening: decision.reopening ? JSON.stringify(decision.reopening) : null,
      })
      .onConflict((c) => c.column("id").doNothing())
      .execute();
  };
}

function toRecord(row: Selectable<DecisionTable>): DecisionRecord {
  // Workflows keep the record at many a step; the words are the asker's, and may be long.
  const { asked, ...analysis } = row.analysis;
  return {
    id: row.id,
    itemId: row.item_id,
    intentId: row.intent_id,
    pipeUrl: row.pipe_url,
    intentUrl: row.intent_url,
    title: row.title,
    analysis,
    proposal: row.proposal,
    hash: row.hash,
    requestedBy: row.requested_by,
    areaId: row.area_id,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    escalation:
      row.escalated_at && row.escalated_to
        ? { at: row.escalated_at.toISOString(), to: row.escalated_to }
        : null,
    state: row.state,
    approvals: row.approvals,
    draft: row.draft,
    questions: row.questions,
    reopening: row.reopening,
    reopenedAs: row.reopened_as,
    round: row.round,
    card:
      row.card_channel !== null && row.card_ts !== null
        ? { channel: row.card_channel, ts: row.card_ts }
        : null,
    cardUrl: row.card_url,
    rev: row.rev,
    cardRev: row.card_rev,
  };
}

export function createDeadLetterStore(db: Database) {
  const find = async (itemId: string): Promise<DeadLetter | null> => {
    const row = await db
      .selectFrom("dead_letters")
      .selectAll()
      .where("item_id", "=", itemId)
      .executeTakeFirst();
    return row ? toLetter(row) : null;
  };
  return {
    find,
    /** A new failure of the same item replaces the old letter, and gets a card of its own. */
    async open(letter: Omit<DeadLetter, "state" | "card">): Promise<void> {
      const values = {
        item_id: letter.itemId,
        letter: JSON.stringify(letter),
        state_kind: "open" as const,
        state: JSON.stringify({ kind: "open" }),
        card_channel: null,
        card_ts: null,
      };
      await db
        .insertInto("dead_letters")
        .values(values)
        .onConflict((c) => c.column("item_id").doUpdateSet(values))
        .execute();
    },
    async posted(itemId: string, card: MessageRef): Promise<void> {
      await db
        .updateTable("dead_letters")
        .set({ card_channel: card.channel, card_ts: card.ts })
        .where("item_id", "=", itemId)
        .execute();
    },
    /** False when somebody was faster. */
    async close(itemId: string, kind: "retried" | "ignored", by: Person, at: string): Promise<boolean> {
      const row = await db
        .updateTable("dead_letters")
        .set({ state_kind: kind, state: JSON.stringify({ kind, by, at }) })
        .where("item_id", "=", itemId)
        .where("state_kind", "=", "open")
        .returning("item_id")
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function toLetter(row: Selectable<DeadLetterTable>): DeadLetter {
  const card =
    row.card_channel !== null && row.card_ts !== null ? { channel: row.card_channel, ts: row.card_ts } : null;
  return { ...row.letter, state: row.state, card };
}
