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

/** Whoever may decide is looked up only where it is said. */
export function votesOf(
  { approvalsRequiredHigh = 1, selfApproval = "warn" }: VoteSettings,
  directory: Pick<Directory, "idsFor">,
) {
  /** Nobody waits for them, nor for their deputies. */
  const outOfIt = (decision: DecisionRecord): Set<string> => {
    const voters = approvalsGiven(decision).flatMap(({ by }) => [by.slackId, by.for?.slackId]);
    const requester = selfApproval === "forbid" ? [decision.requestedBy] : [];
    return new Set([...voters, ...requester].filter((id) => typeof id === "string"));
  };
  return async (decision: DecisionRecord): Promise<Votes> => {
    const needed = approvalsNeeded(decision, { approvalsRequiredHigh });
    const isWaiting = decision.state.kind === "pending" && approvalsGiven(decision).length > 0;
    return {
      needed,
      who: needed > 1 && isWaiting ? await directory.idsFor(decision, outOfIt(decision)) : [],
    };
  };
}
