/** `/emm alerts`: open alerts, for members of the workspace. */
import type { AlertDesk } from "../alert-ports.ts";
import { alertList } from "../cards/alert-list.ts";
import type { Directory } from "../directory.ts";
import type { CommandHandler } from "./emm.ts";

export interface AlertsDeps {
  desk: Pick<AlertDesk, "overview">;
  directory: Pick<Directory, "memberOf">;
}

export function alerts({ desk, directory }: AlertsDeps): CommandHandler {
  return async ({ userId }) => {
    const member = await directory.memberOf(userId);
    return member.ok ? alertList(await desk.overview()) : member.reason;
  };
}
