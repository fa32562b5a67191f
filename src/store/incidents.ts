/** Incidents and their timelines as rows. An incident changes only while it is open, but for what its closing brings. */
import type { Selectable } from "kysely";
import type { Person } from "../domain/decision.ts";
import type { Incident, IncidentSeverity, TimelineFact } from "../domain/incident.ts";
import type { MessageRef } from "../domain/item.ts";
import type { Database } from "./store.ts";
import type { IncidentTable, IncidentTimelineTable } from "./tables.ts";
import { isUntouched } from "./untouched.ts";

/** Of what is not said in the thread, because the card says it. */
const ON_THE_CARD = "card";
const TIMELINE_LIMIT = 5_000;

export interface Opening {
  /** Of the order: the same one opens one incident. */
  key: string;
  severity: IncidentSeverity;
  title: string;
  by: Person;
  at: Date;
  /** For the timeline: everything that was typed. */
  text: string;
}

/** What a person did, with its line in the timeline. */
export interface IncidentChange {
  fact: TimelineFact;
  owner?: Person;
  isMitigated?: boolean;
  isClosed?: boolean;
}

export function createIncidentStore(db: Database) {
  return { ...readers(db), ...changes(db), ...marks(db), ...thread(db) };
}

function readers(db: Database) {
  const incidents = () => db.selectFrom("incidents").selectAll();
  return {
    async find(id: number): Promise<Incident | null> {
      const row = await incidents().where("id", "=", String(id)).executeTakeFirst();
      return row ? toIncident(row) : null;
    },
    /** Worst first, then oldest. */
    async open(): Promise<Incident[]> {
      const rows = await incidents()
        .where("closed_at", "is", null)
        .orderBy("severity")
        .orderBy("opened_at")
        .execute();
      return rows.map(toIncident);
    },
    /** As it was noted, oldest first. */
    async timeline(id: number): Promise<TimelineFact[]> {
      const entries = db.selectFrom("incident_timeline").selectAll().where("incident", "=", String(id));
      return (await entries.orderBy("at").orderBy("id").limit(TIMELINE_LIMIT).execute()).map(toFact);
    },
    /** Not shown as they are for longer than a working process needs. */
    async behind(untouchedSince: Date): Promise<Incident[]> {
      const rows = await incidents()
        .where(isUntouched("changed_at", untouchedSince))
        .where((eb) =>
          eb.or([
            eb("card_rev", "<", eb.ref("rev")),
            eb.exists(
              eb
                .selectFrom("incident_timeline")
                .select("incident_timeline.id")
                .whereRef("incident_timeline.incident", "=", "incidents.id")
                .where("told_by", "is", null),
            ),
          ]),
        )
        .orderBy("changed_at")
        .limit(50)
        .execute();
      return rows.map(toIncident);
    },
    /** Closed for longer than a working process needs to begin the post-mortem, and there is none. */
    async unwritten(untouchedSince: Date): Promise<number[]> {
      const closed = db.selectFrom("incidents").select("id").where("closed_at", "is not", null);
      const rows = await closed
        .where("post_mortem_url", "is", null)
        .where(isUntouched("changed_at", untouchedSince))
        .orderBy("id")
        .limit(50)
        .execute();
      return rows.map((row) => Number(row.id));
    },
  };
}

function changes(db: Database) {
  return {
    async begin({ key, severity, title, by, at, text }: Opening): Promise<Incident> {
      return db.transaction().execute(async (trx) => {
        const values = { key, severity, title, opened_by: JSON.stringify(by), opened_at: at, changed_at: at };
        const fresh = await trx
          .insertInto("incidents")
          .values({ ...values, ...NOTHING_YET })
          .onConflict((c) => c.column("key").doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!fresh) {
          const known = trx.selectFrom("incidents").selectAll().where("key", "=", key);
          return toIncident(await known.executeTakeFirstOrThrow());
        }
        const fact = { key, at: at.toISOString(), kind: "opened", subject: null, by, text } as const;
        await insertFacts(trx, fresh.id, [fact], ON_THE_CARD);
        return toIncident(fresh);
      });
    },
    /** The incident as it is then; null when it is closed or unknown. The same fact changes it once. */
    async change(
      id: number,
      { fact, owner, isMitigated, isClosed }: IncidentChange,
    ): Promise<Incident | null> {
      return db.transaction().execute(async (trx) => {
        const row = await trx
          .selectFrom("incidents")
          .selectAll()
          .where("id", "=", String(id))
          .forUpdate()
          .executeTakeFirst();
        if (!row) return null;
        const isNew = row.closed_at === null && (await insertFacts(trx, row.id, [fact], null)) > 0;
        if (!isNew) return (await hasFact(trx, row.id, fact.key)) ? toIncident(row) : null;
        const changed = await trx
          .updateTable("incidents")
          .set({
            ...(owner && { owner: JSON.stringify(owner), owned_at: row.owned_at ?? new Date(fact.at) }),
            ...(isMitigated && { mitigated_at: fact.at }),
            ...(isClosed && { closed_at: fact.at, closed_by: JSON.stringify(fact.by) }),
            rev: row.rev + 1,
            changed_at: new Date(fact.at),
          })
          .where("id", "=", row.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        return toIncident(changed);
      });
    },
    /** What others saw; returns whether anything was new. Allowed after the closing: some things are learnt late. */
    async gather(id: number, facts: readonly TimelineFact[], at: Date): Promise<boolean> {
      if (facts.length === 0) return false;
      return db.transaction().execute(async (trx) => {
        if ((await insertFacts(trx, String(id), facts, null)) === 0) return false;
        await bump(trx, id, { changed_at: at });
        return true;
      });
    },
    postMortemWritten: (id: number, url: string, at: Date) =>
      bump(db, id, { post_mortem_url: url, problem: null, changed_at: at }),
    /** The same problem again is no news. */
    async postMortemStuck(id: number, problem: string, at: Date): Promise<void> {
      const known = db.selectFrom("incidents").select("problem").where("id", "=", String(id));
      if ((await known.executeTakeFirst())?.problem !== problem)
        await bump(db, id, { problem, changed_at: at });
    },
  };
}

const NOTHING_YET = {
  owned_at: null,
  mitigated_at: null,
  closed_at: null,
  post_mortem_url: null,
  problem: null,
  card_channel: null,
  card_ts: null,
  card_url: null,
};

type News = Partial<Pick<Selectable<IncidentTable>, "post_mortem_url" | "problem" | "changed_at">>;

async function bump(db: Database, id: number, news: News): Promise<Incident | null> {
  const row = await db
    .updateTable("incidents")
    .set((eb) => ({ ...news, rev: eb("rev", "+", 1) }))
    .where("id", "=", String(id))
    .returningAll()
    .executeTakeFirst();
  return row ? toIncident(row) : null;
}

async function insertFacts(
  db: Database,
  incident: string,
  facts: readonly TimelineFact[],
  toldBy: string | null,
): Promise<number> {
  const rows = await db
    .insertInto("incident_timeline")
    .values(
      facts.map(({ key, at, kind, subject, by, text }) => ({
        ...{ incident, key, at, kind, subject, text },
        person: by === null ? null : JSON.stringify(by),
        told_by: toldBy,
      })),
    )
    .onConflict((c) => c.columns(["incident", "key"]).doNothing())
    .returning("id")
    .execute();
  return rows.length;
}

async function hasFact(db: Database, incident: string, key: string): Promise<boolean> {
  const facts = db.selectFrom("incident_timeline").select("id").where("incident", "=", incident);
  return (await facts.where("key", "=", key).executeTakeFirst()) !== undefined;
}

function marks(db: Database) {
  return {
    async cardPosted(id: number, posted: { card: MessageRef; url: string | null }): Promise<void> {
      const values = { card_channel: posted.card.channel, card_ts: posted.card.ts, card_url: posted.url };
      await db.updateTable("incidents").set(values).where("id", "=", String(id)).execute();
    },
    async cardShows(id: number, rev: number): Promise<void> {
      const behind = db.updateTable("incidents").set({ card_rev: rev }).where("card_rev", "<", rev);
      await behind.where("id", "=", String(id)).execute();
    },
  };
}

function thread(db: Database) {
  return {
    /** Each line is one teller's to say; the same teller gets the same lines again. */
    async claimUntold(id: number, teller: string): Promise<TimelineFact[]> {
      const mine = () => db.selectFrom("incident_timeline").selectAll().where("incident", "=", String(id));
      const before = await mine().where("told_by", "=", teller).orderBy("at").orderBy("id").execute();
      if (before.length > 0) return before.map(toFact);
      await db
        .updateTable("incident_timeline")
        .set({ told_by: teller })
        .where("incident", "=", String(id))
        .where("told_by", "is", null)
        .execute();
      return (await mine().where("told_by", "=", teller).orderBy("at").orderBy("id").execute()).map(toFact);
    },
  };
}

function toFact(row: Selectable<IncidentTimelineTable>): TimelineFact {
  const { key, kind, subject, person, text } = row;
  return { key, kind, subject, text, by: person, at: row.at.toISOString() };
}

function toIncident(row: Selectable<IncidentTable>): Incident {
  const { closed_at, closed_by } = row;
  return {
    id: Number(row.id),
    severity: row.severity,
    title: row.title,
    openedBy: row.opened_by,
    openedAt: row.opened_at.toISOString(),
    owner: row.owner,
    ownedAt: row.owned_at?.toISOString() ?? null,
    mitigatedAt: row.mitigated_at?.toISOString() ?? null,
    closed: closed_at !== null && closed_by !== null ? { by: closed_by, at: closed_at.toISOString() } : null,
    postMortemUrl: row.post_mortem_url,
    problem: row.problem,
    card:
      row.card_channel !== null && row.card_ts !== null
        ? { channel: row.card_channel, ts: row.card_ts }
        : null,
    cardUrl: row.card_url,
    rev: row.rev,
    cardRev: row.card_rev,
  };
}
