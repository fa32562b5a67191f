/** Deputies and rights in memory. */
import type { DecisionRecord } from "../../src/domain/decision.ts";
import type { Deputyship } from "../../src/domain/deputy.ts";
import type { DeputyDesk } from "../../src/slack/deputy-ports.ts";
import type { RightsBook } from "../../src/slack/rights-ports.ts";

interface RightsBooks {
  decisions: ReadonlyMap<string, DecisionRecord>;
  deputyships: Deputyship[];
}

export function rightsOf(books: RightsBooks): RightsBook {
  return {
    facts: async (ids) =>
      new Map(
        ids.flatMap((id) => {
          const known = books.decisions.get(id);
          if (!known) return [];
          const { requestedBy, analysis, escalation } = known;
          return [[id, { requestedBy, impact: analysis.triage.impact, escalatedTo: escalation?.to ?? [] }]];
        }),
      ),
    deputyships: async () => books.deputyships,
  };
}

export function createDeputyDesk(books: RightsBooks): DeputyDesk {
  return {
    inForce: async () => books.deputyships,
    async order({ id, principal, appointment }) {
      const ended = books.deputyships.find((one) => one.principal.slackId === principal.slackId) ?? null;
      const others = books.deputyships.filter((one) => one !== ended);
      books.deputyships = appointment ? [...others, { id, principal, ...appointment }] : others;
      return { ended };
    },
  };
}
