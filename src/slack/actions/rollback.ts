/** "Roll back to …" under the status: opens the form, for operators, when what was offered is still so. */
import { liveOf, obstacle } from "../../domain/deployment.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { OBSTACLE_WORDS } from "../cards/rollback-status.ts";
import type { Gate } from "../gate.ts";
import { decodeRollbackValue } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import { openPrepared, type Prepared, type Teller, tell } from "../replies.ts";
import { prepareRollbackForm, type RollbackFormDeps } from "../rollback-form.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface ConfirmRollbackDeps extends RollbackFormDeps {
  gate: Gate;
  outbound: Pick<Outbound, "updateModal"> & Teller;
}

export const MOVED_ON = "Something else is live by now. `/emm rollback` shows how it stands.";

export function confirmRollback(deps: ConfirmRollbackDeps) {
  const { gate, outbound } = deps;
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeRollbackValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);

    const { id: userId, team_id: teamId } = body.user;
    const attempt = { role: "operate", userId, teamId, action: "rollback.ask", subject: value.id } as const;
    const prepare = async (): Promise<Prepared> => {
      const permission = await gate.pass(attempt);
      if (!permission.ok) return { refusal: permission.reason };
      return prepareRollbackForm(deps, (deployments) => {
        const target = deployments.list.find((one) => one.id === value.id);
        if (target === undefined || liveOf(deployments)?.id !== value.live) return { refusal: MOVED_ON };
        const hindrance = obstacle(target, deployments);
        return hindrance === null ? { deployment: target } : { refusal: OBSTACLE_WORDS[hindrance] };
      });
    };
    await openPrepared({
      outbound,
      triggerId: body.trigger_id,
      title: "Roll back",
      prepare,
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}
