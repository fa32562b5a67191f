/** What the bot's own tables say about who may decide. */
import { sql } from "kysely";
import type { Person } from "../domain/decision.ts";
import type { Database } from "./store.ts";

interface Facts {
  impact: number;
  requestedBy: string | null;
  escalatedTo: string[];
  /** Whose approvals count already. */
  voters: Person[];
}

export function createRightsStore(db: Database) {
  return {
    /** By decision; those that are not known are left out. */
    async facts(ids: readonly string[]): Promise<Map<string, Facts>> {
      if (ids.length === 0) return new Map();
      const rows = await db
        .selectFrom("decisions")
        .select([
          "id",
          "requested_by",
          "escalated_to",
          "approvals",
          sql<number>`(analysis->'triage'->>'impact')::float`.as("impact"),
        ])
        .where("id", "in", [...ids])
        .execute();
      return new Map(
        rows.map(({ id, impact, requested_by, escalated_to, approvals }) => [
          id,
          {
            ...{ impact, requestedBy: requested_by, escalatedTo: escalated_to ?? [] },
            // Those of a plan that was changed are marked as well.
            voters: approvals.flatMap(({ by, voided }) => (voided ? [] : [by])),
          },
        ]),
      );
    },
  };
}
