/** Reopen on a settled card: opens the form that asks why, for people who may decide. */
import type { ReopenDesk } from "../afterwards-ports.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { reopenSentence, reopenView } from "../cards/reopen-view.ts";
import type { Attempt, Gate } from "../gate.ts";
import { decodeDecisionValue } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import type { DecisionDesk } from "../ports.ts";
import { openPrepared, type Prepared, type Teller, tell } from "../replies.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface ReopenDeps {
  reopenings: ReopenDesk;
  desk: Pick<DecisionDesk, "find">;
  gate: Gate;
  outbound: Pick<Outbound, "updateModal"> & Teller;
}

export function openReopen({ reopenings, desk, gate, outbound }: ReopenDeps) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeDecisionValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);
    const attempt = reopenAttempt(body.user, { subject: value.id });
    const prepare = async (): Promise<Prepared> => {
      const permission = await gate.pass(attempt);
      if (!permission.ok) return { refusal: permission.reason };
      const decision = await desk.find(value.id);
      const obstacle = await reopenings.obstacle(value.id);
      if (decision !== null && obstacle === null) return { view: reopenView(decision) };
      const result = obstacle ?? ({ kind: "not-found" } as const);
      await gate.refused({ attempt, detail: result.kind });
      return { refusal: reopenSentence(result) ?? GARBLED_BUTTON };
    };
    await openPrepared({
      outbound,
      triggerId: body.trigger_id,
      title: "Reopen",
      prepare,
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}

export function reopenAttempt(
  user: { id: string; team_id?: string | undefined },
  { subject, fresh = false }: { subject: string; fresh?: boolean },
): Attempt {
  return { role: "decide", userId: user.id, teamId: user.team_id, action: "decision.reopen", subject, fresh };
}
