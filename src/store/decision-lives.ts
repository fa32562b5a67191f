/** Finds a decision by what people know of it, and everything that was written about it. Reads only. */
import { sql } from "kysely";
import type { DecisionRecord } from "../domain/decision.ts";
import { type AuditEvent, type DecisionLife, lifeOf } from "../domain/decision-life.ts";
import type { DecisionQuery } from "../domain/decision-query.ts";
import { followerOf } from "../domain/reopening.ts";
import { createDecisionStore } from "./decisions.ts";
import type { Database } from "./store.ts";

export interface DecisionBrief {
  id: string;
  title: string;
  /** ISO 8601, UTC. */
  createdAt: string;
}

const FOUND_AT_MOST = 8;
/** Versions of one decision; nobody edits a plan that often. */
const VERSIONS_AT_MOST = 50;

export function createDecisionLives(db: Database) {
  const decisions = createDecisionStore(db);
  return {
    ...finders(db),
    /** With every version of it; null when it is not known. */
    async life(id: string): Promise<DecisionLife | null> {
      const asked = await decisions.find(id);
      if (asked === null) return null;
      const versions = await versionsOf(db, asked);
      const ids = versions.map((version) => version.id);
      return lifeOf(versions, await auditOf(db, ids));
    },
  };
}

type Briefs = ReturnType<typeof briefs>;

/** Newest first. */
function briefs(db: Database) {
  return db
    .selectFrom("decisions")
    .select(["id", "title", "created_at"])
    .orderBy("created_at", "desc")
    .limit(FOUND_AT_MOST);
}

async function read(query: Briefs): Promise<DecisionBrief[]> {
  const rows = await query.execute();
  return rows.map(({ id, title, created_at }) => ({ id, title, createdAt: created_at.toISOString() }));
}

function finders(db: Database) {
  const withWords = (words: string[]): Promise<DecisionBrief[]> => {
    // Versions that were replaced are part of the life of what replaced them, and so is what is decided again.
    const current = briefs(db)
      .where(sql<boolean>`not (state_kind = 'superseded' and state->>'by' is not null)`)
      .where("reopened_as", "is", null);
    return read(
      words.reduce((query, word) => query.where("title", "ilike", `%${literally(word)}%`), current),
    );
  };
  const withId = async (hex: string): Promise<DecisionBrief[]> => {
    const isPage = (column: "id" | "intent_id" | "item_id") =>
      sql<boolean>`replace(${sql.ref(column)}, '-', '') = ${hex}`;
    const byPipe = await read(briefs(db).where(isPage("id")));
    if (byPipe.length > 0) return byPipe;
    // The latest: all of them are versions of one decision, unless the item was put up again.
    const others = briefs(db).where((eb) => eb.or([isPage("intent_id"), isPage("item_id")]));
    return read(others.limit(1));
  };
  return {
    /** Newest first; several when what was asked does not tell them apart. */
    async search(query: DecisionQuery): Promise<DecisionBrief[]> {
      switch (query.kind) {
        case "id":
          return withId(query.hex);
        case "prefix": {
          const begins = sql<boolean>`replace(id, '-', '') like ${`${query.hex}%`}`;
          const found = await read(briefs(db).where(begins));
          return found.length > 0 ? found : withWords(query.words);
        }
        case "message":
          return read(briefs(db).where("card_channel", "=", query.channel).where("card_ts", "=", query.ts));
        case "words":
          return withWords(query.words);
      }
    },
    /** Newest first. */
    latest: () => read(briefs(db)),
  };
}

/** By decision, oldest first. */
async function auditOf(db: Database, ids: string[]): Promise<Map<string, AuditEvent[]>> {
  const rows = await db.selectFrom("audit").selectAll().where("subject", "in", ids).orderBy("id").execute();
  const events = new Map<string, AuditEvent[]>();
  for (const { subject, at, actor, action, outcome, detail } of rows) {
    const event = { at: at.toISOString(), actor, action, outcome, detail };
    events.set(subject, [...(events.get(subject) ?? []), event]);
  }
  return events;
}

type Versions = [DecisionRecord, ...DecisionRecord[]];

/** Oldest first, from the first that was put up to the one that stands. */
async function versionsOf(db: Database, asked: DecisionRecord): Promise<Versions> {
  const { find } = createDecisionStore(db);
  const versions: Versions = [asked];
  while (versions.length < VERSIONS_AT_MOST) {
    const before = (await replacedBy(db, versions[0].id)) ?? versions[0].reopening?.of ?? null;
    const earlier = before === null ? null : await find(before);
    if (earlier === null) break;
    versions.unshift(earlier);
  }
  while (versions.length < VERSIONS_AT_MOST) {
    const after = followerOf(versions.at(-1) ?? asked);
    const next = after === null ? null : await find(after);
    if (next === null) break;
    versions.push(next);
  }
  return versions;
}

async function replacedBy(db: Database, id: string): Promise<string | null> {
  const row = await db
    .selectFrom("decisions")
    .select("id")
    .where("state_kind", "=", "superseded")
    .where(sql<boolean>`state->>'by' = ${id}`)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** What stands for other characters in a pattern stands for itself. */
function literally(word: string): string {
  return word.replace(/[\\%_]/g, "\\$&");
}
