/** Reads the store once nobody works on it any more. */
import { sql } from "kysely";
import { createLog } from "../../src/log.ts";
import { openStore } from "../../src/store/store.ts";
import type { Kept } from "./snapshot.ts";

const MANY = 10_000;
const log = createLog({ level: "ERROR", json: true });

/** As the configuration names it. */
export interface StorePlace {
  databaseUrl: string | null;
  dataDir: string;
}

export async function readKept(place: StorePlace): Promise<Kept> {
  const store = await openStore({ ...place, log });
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
