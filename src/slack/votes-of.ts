/** How many approvals a decision needs, and of whom. */
import {
  approvalsGiven,
  approvalsNeeded,
  type DecisionRecord,
  type SelfApproval,
} from "../domain/decision.ts";
import type { Votes } from "./cards/votes.ts";
import type { Directory } from "./directory.ts";

interface VoteSettings {
  approvalsRequiredHigh?: number;
  selfApproval?: SelfApproval;
}

/** Nobody waits for these, nor for their deputies: their approval counts already, or cannot. */
export function outOfIt(
  decision: DecisionRecord,
  { selfApproval = "warn" }: Pick<VoteSettings, "selfApproval">,
): ReadonlySet<string> {
  const voters = approvalsGiven(decision).flatMap(({ by }) => [by.slackId, by.for?.slackId]);
  const requester = selfApproval === "forbid" ? [decision.requestedBy] : [];
  return new Set([...voters, ...requester].filter((id) => typeof id === "string"));
}

/** Whoever may decide is looked up only where it is said. */
export function votesOf(settings: VoteSettings, directory: Pick<Directory, "idsFor">) {
  const { approvalsRequiredHigh = 1 } = settings;
  return async (decision: DecisionRecord): Promise<Votes> => {
    const needed = approvalsNeeded(decision, { approvalsRequiredHigh });
    const isWaiting = decision.state.kind === "pending" && approvalsGiven(decision).length > 0;
    return {
      needed,
      who: needed > 1 && isWaiting ? await directory.idsFor(decision, outOfIt(decision, settings)) : [],
    };
  };
}
