/** The submitted form of a withdrawal. Only whoever asked; the reason may be left out. */
import { WITHDRAW, type WithdrawDeps } from "../actions/withdraw.ts";
import { readText } from "../cards/edit-view.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { explain } from "../gate.ts";
import { decodeDecisionValue, INPUTS } from "../ids.ts";
import type { DecisionDesk } from "../ports.ts";
import {
  answerSubmission,
  type FormAnswer,
  type FormSubmission,
  type Submission,
  turnedAway,
  unchanged,
} from "../submissions.ts";

export interface SubmitWithdrawDeps extends Pick<WithdrawDeps, "members" | "audit"> {
  desk: Pick<DecisionDesk, "find" | "withdraw">;
  outbound: Submission["outbound"];
}

export function submitWithdraw({ desk, members, audit, outbound }: SubmitWithdrawDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const value = decodeDecisionValue(view.private_metadata);
    const { id: userId, team_id: teamId } = body.user;

    const work = async (): Promise<FormAnswer> => {
      if (value === null) return unchanged(DEAD_FORM);
      const { id: subject } = value;
      const permission = await members({ userId, teamId, action: WITHDRAW, subject });
      if (!permission.ok) return turnedAway(permission, INPUTS.withdrawReason.block);
      const reason = readText(view.state.values, INPUTS.withdrawReason);
      const result = await desk.withdraw(subject, { by: permission.person, reason });
      const sentence = await explain(desk, result, permission.person);
      if (sentence === null) return { kind: "done" };
      const refused = { actor: userId, action: WITHDRAW, subject, outcome: "refused" } as const;
      await audit.record({ ...refused, detail: result.kind });
      return unchanged(sentence);
    };

    await answerSubmission({ form: { ack, body, view }, outbound, work });
  };
}
