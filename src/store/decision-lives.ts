/** Finds a decision by what people know of it, and everything that was written about it. Reads only. */
import { sql } from "kysely";
import type { DecisionRecord } from "../domain/decision.ts";
import { type AuditEvent, type DecisionLife, lifeOf } from "../domain/decision-life.ts";
import type { DecisionQuery } from "../domain/decision-query.ts";
import { createDecisionStore } from "./decisions.ts";
import type { Database } from "./store.ts";

export interface DecisionBrief {
  id: string;
  title: string;
  createdAt: string;
}

const FOUND_AT_MOST = 8;
/** Versions of one decision; nobody edits a plan that often. */
const VERSIONS_AT_MOST = 50;

export function createDecisionLives(db: Database) {
  const decisions = createDecisionStore(db);
  const briefs = () =>
    db
      .selectFrom("decisions")
      .select(["id", "title", "created_at"])
      .orderBy("created_at", "desc")
      .limit(FOUND_AT_MOST);
  type Row = { id: string; title: string; created_at: Date };
  const toBriefs = (rows: Row[]): DecisionBrief[] =>
    rows.map(({ id, title, created_at }) => ({ id, title, createdAt: created_at.toISOString() }));
  const withWords = (words: string[]) =>
    // Replaced versions are part of the life of what replaced them.
    words
      .reduce((query, word) => query.where("title", "ilike", `%${literally(word)}%`), briefs())
      .where(sql<boolean>`not (state_kind = 'superseded' and state->>'by' is not null)`);

  return {
    /** Newest first; several when the words do not tell them apart. */
    async search(query: DecisionQuery): Promise<DecisionBrief[]> {
      switch (query.kind) {
        case "id": {
          const isPage = (column: "id" | "intent_id" | "item_id") =>
            sql<boolean>`replace(${sql.ref(column)}, '-', '') = ${query.hex}`;
          const byPipe = toBriefs(await briefs().where(isPage("id")).execute());
          if (byPipe.length > 0) return byPipe;
          const others = briefs().where((eb) => eb.or([isPage("intent_id"), isPage("item_id")]));
          // All of them are versions of one decision, unless the item was put up again.
          return toBriefs(await others.limit(1).execute());
        }
        case "prefix": {
          const byPrefix = briefs().where(sql<boolean>`replace(id, '-', '') like ${`${query.hex}%`}`);
          const found = toBriefs(await byPrefix.execute());
          return found.length > 0 ? found : toBriefs(await withWords(query.words).execute());
        }
        case "message": {
          const { channel, ts } = query;
          const onCard = briefs().where("card_channel", "=", channel).where("card_ts", "=", ts);
          return toBriefs(await onCard.execute());
        }
        case "words":
          return toBriefs(await withWords(query.words).execute());
      }
    },
    /** Newest first. */
    latest: async (): Promise<DecisionBrief[]> => toBriefs(await briefs().execute()),
    /** With every version of it; null when it is not known. */
    async life(id: string): Promise<DecisionLife | null> {
      const asked = await decisions.find(id);
      if (asked === null) return null;
      const versions = await versionsOf(asked);
      const rows = await db
        .selectFrom("audit")
        .selectAll()
        .where(
          "subject",
          "in",
          versions.map((version) => version.id),
        )
        .orderBy("id")
        .execute();
      const audit = new Map<string, AuditEvent[]>();
      for (const { subject, at, actor, action, outcome, detail } of rows) {
        const event = { at: at.toISOString(), actor, action, outcome, detail };
        audit.set(subject, [...(audit.get(subject) ?? []), event]);
      }
      return lifeOf(versions, audit);
    },
  };

  /** Oldest first, from the first that was put up to the one that stands. */
  async function versionsOf(asked: DecisionRecord): Promise<[DecisionRecord, ...DecisionRecord[]]> {
    const versions: [DecisionRecord, ...DecisionRecord[]] = [asked];
    while (versions.length < VERSIONS_AT_MOST) {
      const before = await replacedBy(versions[0].id);
      if (before === null) break;
      versions.unshift(before);
    }
    while (versions.length < VERSIONS_AT_MOST) {
      const last = versions.at(-1)?.state;
      const next = last?.kind === "superseded" && last.by !== null ? await decisions.find(last.by) : null;
      if (next === null) break;
      versions.push(next);
    }
    return versions;
  }

  async function replacedBy(id: string): Promise<DecisionRecord | null> {
    const row = await db
      .selectFrom("decisions")
      .select("id")
      .where("state_kind", "=", "superseded")
      .where(sql<boolean>`state->>'by' = ${id}`)
      .executeTakeFirst();
    return row === undefined ? null : decisions.find(row.id);
  }
}

/** What stands for other characters in a pattern stands for itself. */
function literally(word: string): string {
  return word.replace(/[\\%_]/g, "\\$&");
}
