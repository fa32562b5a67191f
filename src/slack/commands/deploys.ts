/** `/emm deploys`: what was deployed, what is live, what can be gone back to. For members of the workspace. */
import { deploymentsMessage } from "../cards/deployments.ts";
import type { Directory } from "../directory.ts";
import { inert } from "../limits.ts";
import type { DeploymentDesk } from "../rollback-ports.ts";
import type { CommandHandler } from "./emm.ts";

export interface DeploysDeps {
  desk: Pick<DeploymentDesk, "deployments">;
  directory: Pick<Directory, "memberOf">;
}

export function deploys({ desk, directory }: DeploysDeps): CommandHandler {
  return async ({ userId, text }) => {
    const member = await directory.memberOf(userId);
    if (!member.ok) return member.reason;
    if (text !== "") return "`/emm deploys` takes nothing after it: it lists the deployments.";
    const answer = await desk.deployments();
    return answer.ok ? deploymentsMessage(answer.value) : inert(answer.failure.message, 1_000);
  };
}
