/** Retry and Ignore on the card of a failed item. */
import { deadLetterSentence, GARBLED_BUTTON } from "../cards/notes.ts";
import type { Gate } from "../gate.ts";
import { decodeItemValue } from "../ids.ts";
import type { DeadLetterDesk } from "../ports.ts";
import { type Teller, tell } from "../replies.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface DeadLetterDeps {
  desk: DeadLetterDesk;
  gate: Gate;
  outbound: Teller;
}

export function settleDeadLetter(deps: DeadLetterDeps, act: "retried" | "ignored") {
  const { desk, gate, outbound } = deps;
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeItemValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);

    const { id: userId, team_id: teamId } = body.user;
    const name = act === "retried" ? "deadletter.retry" : "deadletter.ignore";
    const attempt = { role: "operate", userId, teamId, action: name, subject: value.id } as const;
    const permission = await gate.pass(attempt);
    if (!permission.ok) return tell(outbound, to, permission.reason);

    const result = await desk.act(value.id, act, permission.person);
    if (result?.done) return;
    await gate.refused({ attempt, detail: result === null ? "not-found" : "already-settled" });
    await tell(outbound, to, deadLetterSentence(result?.letter ?? null));
  };
}
