/** Deputies and rights in memory, and the people who have them. */
import { approvalsGiven, type DecisionRecord } from "../../src/domain/decision.ts";
import type { Deputyship } from "../../src/domain/deputy.ts";
import { people } from "../../src/sandbox/slack/workspace-seed.ts";
import type { DeputyDesk } from "../../src/slack/deputy-ports.ts";
import type { RightsBook } from "../../src/slack/rights-ports.ts";
import { analysis } from "../fixtures/decision.ts";

const NAMES: Record<string, string> = {
  [people.dana]: "Dana Reyes",
  [people.sam]: "Sam Okafor",
  [people.lee]: "Lee Park",
  [people.guest]: "Gale Moss",
};
export const named = (slackId: string) => ({ slackId, name: NAMES[slackId] ?? slackId });
export const standsIn = (deputy: string, principal: string): Deputyship => ({
  ...{ id: `${deputy} for ${principal}`, deputy: named(deputy), principal: named(principal) },
  ...{ lastDay: "2099-12-31", endsAt: "2100-01-01T00:00:00.000Z" },
});
export const rated = (impact: number) => ({ ...analysis, triage: { ...analysis.triage, impact } });

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
          const escalatedTo = escalation?.to ?? [];
          const voters = approvalsGiven(known).map(({ by }) => by);
          return [[id, { requestedBy, impact: analysis.triage.impact, escalatedTo, voters }]];
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
