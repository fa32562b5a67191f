/** The submitted form behind Reopen: the right is checked again, then the first request is carried out. */
import { type ReopenDeps, reopenAttempt } from "../actions/reopen.ts";
import { readText } from "../cards/edit-view.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { REOPENED, reopenSentence } from "../cards/reopen-view.ts";
import { decodeDecisionValue, INPUTS } from "../ids.ts";
import {
  answerSubmission,
  type FormAnswer,
  type FormSubmission,
  turnedAway,
  unchanged,
} from "../submissions.ts";

const { block } = INPUTS.reopenReason;

export function submitReopen({ reopenings, gate, outbound }: ReopenDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const value = decodeDecisionValue(view.private_metadata);
    const attempt = reopenAttempt(body.user, { subject: value?.id ?? "unreadable", fresh: true });

    const work = async (): Promise<FormAnswer> => {
      if (value === null) return unchanged(DEAD_FORM);
      const permission = await gate.pass(attempt);
      if (!permission.ok) return turnedAway(permission, block);
      const reason = readText(view.state.values, INPUTS.reopenReason);
      if (reason === null) return { kind: "field", block, sentence: "Please say why in a few words." };
      const order = { decisionId: value.id, reason, by: permission.person, token: view.id };
      const result = await reopenings.reopen(order);
      const sentence = reopenSentence(result);
      if (sentence === null) return { kind: "modal", ...REOPENED };
      await gate.refused({ attempt, detail: result.kind });
      return unchanged(sentence);
    };

    await answerSubmission({ form: { ack, body, view }, outbound, work });
  };
}
