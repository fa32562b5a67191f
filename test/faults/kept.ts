/** Reads the store once nobody works on it any more. */
import { sql } from "kysely";
import type { Kept } from "./snapshot.ts";
import type { Place } from "./stage.ts";

const MANY = 10_000;

export async function readKept(place: Place): Promise<Kept> {
  const store = await place.openStore();
  try {
    const decisions = await store.db
      .selectFrom("decisions")
      .select(["id", "state_kind", "state", "rev", "card_rev"])
      .execute();
    const audit = await store.db
      .selectFrom("audit")
      .select(["actor", "action", "subject", "outcome"])
      .limit(MANY)
      .execute();
    const left = await sql<{ id: string; status: string }>`
      select workflow_uuid as id, status from dbos.workflow_status
      where status <> 'SUCCESS' and name not in ('poll', 'card-repair') order by 1`.execute(store.db);
    return {
      decisions: decisions.map(({ id, state_kind: kind, state, rev, card_rev: cardRev }) => ({
        ...{ id, state: kind, cardIsBehind: cardRev < rev },
        verdict: "outcome" in state ? state.outcome.verdict : null,
      })),
      audit,
      unfinished: left.rows.map(({ id, status }) => `${id} ${status}`),
    };
  } finally {
    await store.close();
  }
}
