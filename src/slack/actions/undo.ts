/** Undo: takes back one's own decision while it is not carried out, or one's own approval while others are missing. */
import { GARBLED_BUTTON, undoSentence } from "../cards/notes.ts";
import { decodeDecisionValue } from "../ids.ts";
import type { MemberGate } from "../member-gate.ts";
import type { AuditTrail, DecisionDesk } from "../ports.ts";
import { type Teller, tell } from "../replies.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface UndoDeps {
  desk: Pick<DecisionDesk, "undo">;
  /** Not that of deciding: whoever lost that right may still take back what they did. */
  members: MemberGate;
  audit: AuditTrail;
  outbound: Teller;
}

export function undo({ desk, members, audit, outbound }: UndoDeps) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeDecisionValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);
    const { id: userId, team_id: teamId } = body.user;
    const attempt = { userId, teamId, action: "decision.undo", subject: value.id };
    const permission = await members(attempt);
    if (!permission.ok) return tell(outbound, to, permission.reason);
    const result = await desk.undo(value.id, permission.person);
    const sentence = undoSentence(result);
    if (sentence === null) return;
    const { action: deed, subject } = attempt;
    await audit.record({ actor: userId, action: deed, subject, outcome: "refused", detail: result.kind });
    await tell(outbound, to, sentence);
  };
}
