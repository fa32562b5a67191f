/** Withdraw request: the form for whoever asked, while the decision is open. */
import { mayWithdraw } from "../../domain/decision-machine.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { withdrawView } from "../cards/withdraw-view.ts";
import { explain, standing } from "../gate.ts";
import type { MemberGate } from "../member-gate.ts";
import type { Outbound } from "../outbound.ts";
import type { AuditTrail, DecisionDesk } from "../ports.ts";
import { openPrepared, type Prepared, type Teller, tell } from "../replies.ts";
import { listenerOf } from "./click.ts";
import type { MoreHandler } from "./more.ts";

export interface WithdrawDeps {
  desk: Pick<DecisionDesk, "find">;
  /** Whoever asked need not be somebody who may decide. */
  members: MemberGate;
  audit: AuditTrail;
  outbound: Pick<Outbound, "updateModal"> & Teller;
}

export const WITHDRAW = "decision.withdraw";

export function openWithdraw({ desk, members, audit, outbound }: WithdrawDeps): MoreHandler {
  return async (value, { body, respond }) => {
    const to = listenerOf({ body, respond });
    const { id: userId, team_id: teamId } = body.user;
    const prepare = async (): Promise<Prepared> => {
      const permission = await members({ userId, teamId, action: WITHDRAW, subject: value.id });
      if (!permission.ok) return { refusal: permission.reason };
      const decision = await desk.find(value.id);
      const obstacle = standing(decision, null);
      if (decision !== null && obstacle === null && mayWithdraw(decision, userId)) {
        return { view: withdrawView(decision) };
      }
      const result = obstacle ?? ({ kind: "not-requester" } as const);
      const refused = { actor: userId, action: WITHDRAW, subject: value.id, outcome: "refused" } as const;
      await audit.record({ ...refused, detail: result.kind });
      return { refusal: (await explain(desk, result, permission.person)) ?? GARBLED_BUTTON };
    };
    await openPrepared({
      ...{ outbound, triggerId: body.trigger_id, title: "Withdraw request", prepare },
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}
