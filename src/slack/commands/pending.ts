/** `/emm pending`: open decisions, for members of the workspace; who may decide several of them gets a button for it. */
import { batchRow } from "../cards/batch-view.ts";
import { textMessage } from "../cards/blocks.ts";
import { pendingText } from "../cards/pending.ts";
import type { Directory } from "../directory.ts";
import type { DecisionDesk } from "../ports.ts";
import type { CommandHandler } from "./emm.ts";

export interface PendingDeps {
  desk: Pick<DecisionDesk, "pending" | "isForBatch">;
  directory: Pick<Directory, "memberOf" | "decidable">;
  now: () => Date;
}

export function pending({ desk, directory, now }: PendingDeps): CommandHandler {
  return async ({ userId }) => {
    const member = await directory.memberOf(userId);
    if (!member.ok) return member.reason;
    const decisions = await desk.pending();
    const low = decisions.filter((decision) => desk.isForBatch(decision, userId)).map(({ id }) => id);
    const mine = await directory.decidable(userId, low);
    const { text, blocks } = textMessage(pendingText(decisions, now()));
    return { text, blocks: [...blocks, ...batchRow(mine.size)] };
  };
}
