/** Who may decide what, from the bot's own tables: who was asked too, and who stands in for whom. */
import type { Config } from "../config.ts";
import type { DeputyDesk } from "../slack/deputy-ports.ts";
import type { RightsBook } from "../slack/rights-ports.ts";
import type { Slack, SlackSettings } from "../slack/slack.ts";
import { createDeputyStore } from "../store/deputies.ts";
import { createAuditTrail } from "../store/ledgers.ts";
import { createRightsStore } from "../store/rights.ts";
import type { Store } from "../store/store.ts";
import { registerDeputies } from "../workflows/deputies.ts";

export function rightsBook(config: Config, { db }: Store, now: () => Date): RightsBook {
  const { escalation } = config.slack;
  const rights = createRightsStore(db);
  const deputies = createDeputyStore(db);
  return {
    async facts(ids) {
      const known = await rights.facts(ids);
      // Whoever was taken off the setting since has lost that right.
      const stillAsked = (asked: string[]) => asked.filter((id) => escalation.includes(id));
      return new Map(
        [...known].map(([id, facts]) => [id, { ...facts, escalatedTo: stillAsked(facts.escalatedTo) }]),
      );
    },
    deputyships: () => deputies.inForce(now()),
  };
}

interface DeputyParts {
  store: Store;
  slack: Slack;
  now: () => Date;
}

/** Call before the engine is launched. */
export function createDeputies({ store, slack, now }: DeputyParts): DeputyDesk {
  const { db } = store;
  return registerDeputies({
    book: createDeputyStore(db),
    wall: slack.deputyWall,
    audit: createAuditTrail(db),
    now,
  });
}

interface VotingRules {
  decisions: Pick<Config["decisions"], "selfApproval" | "approvalsRequiredHigh">;
}

/** Settings that few people cannot live up to. */
export function peopleNeeded({ decisions }: VotingRules): NonNullable<SlackSettings["needed"]> {
  const { selfApproval, approvalsRequiredHigh: votes } = decisions;
  const isOwnForbidden = selfApproval === "forbid";
  const own = isOwnForbidden
    ? { people: 2, why: "nobody may decide on their own request (SELF_APPROVAL=forbid)" }
    : undefined;
  if (votes === 1) return { decide: own, decideHigh: own };
  const what = `have to approve what has a high impact (APPROVALS_REQUIRED_HIGH=${votes}`;
  const decideHigh = isOwnForbidden
    ? { people: votes + 1, why: `${votes} beside whoever asked ${what}, SELF_APPROVAL=forbid)` }
    : { people: votes, why: `${votes} ${what})` };
  return { decide: own, decideHigh };
}
