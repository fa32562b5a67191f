/** `/emm pending`: open decisions, for members of the workspace. */
import { pendingText } from "../cards/pending.ts";
import type { Directory } from "../directory.ts";
import type { DecisionDesk } from "../ports.ts";
import type { CommandHandler } from "./emm.ts";

export interface PendingDeps {
  desk: Pick<DecisionDesk, "pending">;
  directory: Pick<Directory, "memberOf">;
  now: () => Date;
}

export function pending({ desk, directory, now }: PendingDeps): CommandHandler {
  return async ({ userId }) => {
    const member = await directory.memberOf(userId);
    return member.ok ? pendingText(await desk.pending(), now()) : member.reason;
  };
}
