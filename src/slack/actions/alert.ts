/** Acknowledge and Resolve on an alert, and the form behind Snooze: for operators, each click checked and audited. */
import type { AlertDeed, AlertDesk } from "../alert-ports.ts";
import { deedSentence } from "../cards/alert-notes.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { snoozeView } from "../cards/snooze-view.ts";
import type { Attempt, Gate } from "../gate.ts";
import { decodeAlertValue } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import { openPrepared, type Prepared, type Teller, tell } from "../replies.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface AlertActionDeps {
  desk: AlertDesk;
  gate: Gate;
  outbound: Pick<Outbound, "updateModal"> & Teller;
}

/** For the audit. */
export const ALERT_ACTIONS: Record<AlertDeed["kind"], string> = {
  acknowledge: "alert.acknowledge",
  snooze: "alert.snooze",
  resolve: "alert.resolve",
};

export function alertButton(
  { desk, gate, outbound }: AlertActionDeps,
  deed: Exclude<AlertDeed, { kind: "snooze" }>,
) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeAlertValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);
    const attempt = attemptOf(body.user, { kind: deed.kind, id: value.id });
    const permission = await gate.pass(attempt);
    if (!permission.ok) return tell(outbound, to, permission.reason);

    const result = await desk.act(value.id, deed, permission.person);
    if (result.kind !== "done") await gate.refused({ attempt, detail: result.kind });
    const sentence = deedSentence(result, deed, { isList: value.isList === true });
    if (sentence !== null) await tell(outbound, to, sentence);
  };
}

export function openSnooze({ desk, gate, outbound }: AlertActionDeps) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeAlertValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);
    const { id, isList = false } = value;
    const attempt = attemptOf(body.user, { kind: "snooze", id });
    const prepare = async (): Promise<Prepared> => {
      const permission = await gate.pass(attempt);
      if (!permission.ok) return { refusal: permission.reason };
      const subject = await desk.find(id);
      if (subject !== null && subject.open > 0) {
        return { view: snoozeView({ id, isList, title: subject.title, morning: desk.morning() }) };
      }
      await gate.refused({ attempt, detail: subject === null ? "not-found" : "already" });
      return { refusal: subject === null ? UNKNOWN : OVER };
    };
    await openPrepared({
      outbound,
      triggerId: body.trigger_id,
      title: "Snooze",
      prepare,
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}

const UNKNOWN =
  "I do not know this alert any more, so nothing was changed. `/emm alerts` lists the open ones.";
const OVER = "This is over already; there is nothing to snooze.";

export function attemptOf(
  user: { id: string; team_id?: string | undefined },
  { kind, id, fresh = false }: { kind: AlertDeed["kind"]; id: string; fresh?: boolean },
): Attempt {
  return {
    role: "operate",
    userId: user.id,
    teamId: user.team_id,
    action: ALERT_ACTIONS[kind],
    subject: id,
    fresh,
  };
}
