/** The submitted form of a withdrawal. Only whoever asked; the reason may be left out. */
import { WITHDRAW, type WithdrawDeps } from "../actions/withdraw.ts";
import { textMessage } from "../cards/blocks.ts";
import { readText } from "../cards/edit-view.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { explain } from "../gate.ts";
import { decodeDecisionValue, INPUTS } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import type { DecisionDesk } from "../ports.ts";
import { answerSubmission, type FormAnswer } from "../replies.ts";
import type { FormSubmission } from "./submit-decision.ts";

export interface SubmitWithdrawDeps extends Pick<WithdrawDeps, "members" | "audit"> {
  desk: Pick<DecisionDesk, "find" | "withdraw">;
  outbound: Pick<Outbound, "whisper">;
}

export function submitWithdraw({ desk, members, audit, outbound }: SubmitWithdrawDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const value = decodeDecisionValue(view.private_metadata);
    const { id: userId, team_id: teamId } = body.user;

    const work = async (): Promise<FormAnswer> => {
      if (value === null) return closed(GARBLED_BUTTON);
      const { id: subject } = value;
      const permission = await members({ userId, teamId, action: WITHDRAW, subject });
      if (!permission.ok) return closed(permission.reason);
      const reason = readText(view.state.values, INPUTS.withdrawReason);
      const result = await desk.withdraw(subject, { by: permission.person, reason });
      const sentence = await explain(desk, result, permission.person);
      if (sentence === null) return { kind: "done" };
      const refused = { actor: userId, action: WITHDRAW, subject, outcome: "refused" } as const;
      await audit.record({ ...refused, detail: result.kind });
      return closed(sentence);
    };

    const tellLater = async (sentence: string) => {
      const card = value === null ? null : ((await desk.find(value.id))?.card ?? null);
      if (card === null) return;
      await outbound.whisper({ channel: card.channel, user: userId, message: textMessage(sentence) });
    };
    await answerSubmission({ ack, work, tellLater });
  };
}

function closed(sentence: string): FormAnswer {
  return { kind: "modal", title: "Nothing was changed", sentence };
}
