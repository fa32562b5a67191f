/** How many approvals a decision needs, and of whom. */
import { approvalsGiven, approvalsNeeded, type DecisionRecord } from "../domain/decision.ts";
import type { Votes } from "./cards/votes.ts";
import type { Directory } from "./directory.ts";

/** Whoever may decide is looked up only where it is said. */
export function votesOf(
  { approvalsRequiredHigh = 1 }: { approvalsRequiredHigh?: number },
  directory: Pick<Directory, "idsFor">,
) {
  return async (decision: DecisionRecord): Promise<Votes> => {
    const needed = approvalsNeeded(decision, { approvalsRequiredHigh });
    const isWaiting = decision.state.kind === "pending" && approvalsGiven(decision).length > 0;
    return { needed, who: needed > 1 && isWaiting ? await directory.idsFor(decision) : [] };
  };
}
