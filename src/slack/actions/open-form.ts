/** Edit and Reject: opens the form for people who may decide, while the decision is open. */
import type { DecisionRecord } from "../../domain/decision.ts";
import type { Modal } from "../cards/blocks.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { explain, type Gate, standing } from "../gate.ts";
import { type DecisionValue, decodeDecisionValue, encodeHomeFormValue } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import type { DecisionDesk } from "../ports.ts";
import { openPrepared, type Prepared, type Teller, tell } from "../replies.ts";
import { type AnyClick, type ButtonClick, isFromHome, listenerOf } from "./click.ts";

export interface OpenFormDeps {
  desk: DecisionDesk;
  gate: Gate;
  outbound: Pick<Outbound, "updateModal"> & Teller;
}

export interface Form {
  /** For the audit, e.g. "decision.edit". */
  action: string;
  title: string;
  view: (decision: DecisionRecord) => Modal;
}

export function openForm(deps: OpenFormDeps, form: Form) {
  const open = openFormFor(deps);
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    await open({ body, respond }, decodeDecisionValue(action.value), form);
  };
}

/** `value`: what was clicked on, null when it cannot be read. The function is false where nobody got a form. */
export function openFormFor({ desk, gate, outbound }: OpenFormDeps) {
  return async (
    { body, respond }: Pick<AnyClick, "body" | "respond">,
    value: DecisionValue | null,
    form: Form,
  ): Promise<boolean> => {
    const to = listenerOf({ body, respond });
    if (value === null) {
      await tell(outbound, to, GARBLED_BUTTON);
      return false;
    }

    const { id: userId, team_id: teamId } = body.user;
    const attempt = { role: "decide", userId, teamId, action: form.action, subject: value.id } as const;
    const prepare = async (): Promise<Prepared> => {
      const permission = await gate.pass(attempt);
      if (!permission.ok) return { refusal: permission.reason };
      const decision = await desk.find(value.id);
      const obstacle = standing(decision, value.hash);
      if (decision !== null && obstacle === null) {
        const view = form.view(decision);
        return { view: isFromHome(body) ? { ...view, private_metadata: encodeHomeFormValue(value) } : view };
      }
      const result = obstacle ?? { kind: "not-found" };
      await gate.refused({ attempt, detail: result.kind });
      return { refusal: (await explain(desk, result, permission.person)) ?? GARBLED_BUTTON };
    };
    return openPrepared({
      outbound,
      triggerId: body.trigger_id,
      title: form.title,
      prepare,
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}
