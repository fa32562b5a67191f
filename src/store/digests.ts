/** Which digests fell due, and what became of each. One row per tick, for all replicas. */
import type { DigestKind, DueDigest, PastDigest } from "../domain/digest.ts";
import type { Database } from "./store.ts";
import type { DigestOutcome } from "./tables.ts";

const TOLD: DigestOutcome[] = ["posted", "posted_quiet", "quiet"];

export function createDigestStore(db: Database) {
  return { ...ticks(db), ...memory(db) };
}

function ticks(db: Database) {
  return {
    /** Writes down what a look found; a tick that is known keeps what is known of it. */
    async note(found: DueDigest[], outcome: "due" | "covered" | "missed"): Promise<void> {
      if (found.length === 0) return;
      const rows = found.map(({ kind, slot }) => ({
        ...{ kind, slot: slot.local, due_at: slot.at, outcome, told_until: null },
      }));
      await db
        .insertInto("digests")
        .values(rows)
        .onConflict((c) => c.columns(["kind", "slot"]).doNothing())
        .execute();
    },
    /** Noted as due and not told yet, oldest first. */
    async due(): Promise<{ kind: DigestKind; slot: string }[]> {
      return db
        .selectFrom("digests")
        .select(["kind", "slot"])
        .where("outcome", "=", "due")
        .orderBy("due_at")
        .execute();
    },
    /** The last tick of this kind that is known. */
    async lastDue(kind: DigestKind): Promise<string | null> {
      const row = await db
        .selectFrom("digests")
        .select("due_at")
        .where("kind", "=", kind)
        .orderBy("due_at", "desc")
        .limit(1)
        .executeTakeFirst();
      return row?.due_at.toISOString() ?? null;
    },
    async told(
      digest: { kind: DigestKind; slot: string },
      how: { outcome: "posted" | "posted_quiet" | "quiet" | "missed"; until: string | null },
    ): Promise<void> {
      await db
        .updateTable("digests")
        .set({ outcome: how.outcome, told_until: how.until === null ? null : new Date(how.until) })
        .where("kind", "=", digest.kind)
        .where("slot", "=", digest.slot)
        .execute();
    },
  };
}

/** What was said when. */
function memory(db: Database) {
  return {
    /** The last of each kind that told something, or had nothing to tell. */
    async past(): Promise<PastDigest[]> {
      const rows = await db
        .selectFrom("digests")
        .select((eb) => ["kind", eb.fn.max("told_until").as("until")])
        .where("outcome", "in", TOLD)
        .groupBy("kind")
        .execute();
      return rows.flatMap(({ kind, until }) => (until ? [{ kind, until: until.toISOString() }] : []));
    },
    /** Wall-clock times of those that nobody saw since then, oldest first. */
    async missedSince(since: string): Promise<string[]> {
      const rows = await db
        .selectFrom("digests")
        .select("slot")
        .where("outcome", "=", "missed")
        .where("due_at", ">=", new Date(since))
        .orderBy("due_at")
        .execute();
      return [...new Set(rows.map((row) => row.slot))];
    },
    /** When it was last said that there is nothing to say; null = never. */
    async lastQuietAt(): Promise<string | null> {
      const row = await db
        .selectFrom("digests")
        .select("told_until")
        .where("outcome", "=", "posted_quiet")
        .orderBy("told_until", "desc")
        .limit(1)
        .executeTakeFirst();
      return row?.told_until?.toISOString() ?? null;
    },
  };
}
