/** `/emm slo`: how well the promises are kept, for members of the workspace. */
import type { ServiceLevelReport } from "../../domain/service-level-report.ts";
import { sloMessage } from "../cards/slo.ts";
import type { Directory } from "../directory.ts";
import type { CommandHandler } from "./emm.ts";

export interface SloDeps {
  report(): Promise<ServiceLevelReport>;
  directory: Pick<Directory, "memberOf">;
}

export function slo({ report, directory }: SloDeps): CommandHandler {
  return async ({ userId, text }) => {
    if (text !== "")
      return "`/emm slo` takes nothing after it: it shows the service levels of the last weeks.";
    const member = await directory.memberOf(userId);
    return member.ok ? sloMessage(await report()) : member.reason;
  };
}
