/** Approve: one click, checked here, decided by the desk; the card shows the result. */
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { explain, type Gate } from "../gate.ts";
import { decodeDecisionValue } from "../ids.ts";
import type { DecisionDesk } from "../ports.ts";
import { type Teller, tell } from "../replies.ts";
import { offerBreakGlass } from "./break-glass.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface ApproveDeps {
  desk: DecisionDesk;
  gate: Gate;
  outbound: Teller;
}

export function approve({ desk, gate, outbound }: ApproveDeps) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeDecisionValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);

    const attempt = {
      role: "decide",
      userId: body.user.id,
      teamId: body.user.team_id,
      action: "decision.approve",
      subject: value.id,
    } as const;
    const permission = await gate.pass(attempt);
    if (!permission.ok) return tell(outbound, to, permission.reason);

    const by = permission.person;
    const result = await desk.decide({
      decisionId: value.id,
      hash: value.hash,
      choice: { kind: "approve" },
      by,
    });
    const sentence = await explain(desk, result, by);
    if (sentence === null) return;
    await gate.refused({ attempt, detail: result.kind });
    // A right that was lent is none to break the glass with.
    if (result.kind === "self-approval-forbidden" && by.for === undefined)
      return offerBreakGlass(
        { desk, outbound },
        { body, respond },
        { decisionId: value.id, hash: value.hash, sentence },
      );
    await tell(outbound, to, sentence);
  };
}
