/** The submitted answer to "Was this right?": the right is checked again, then the first answer counts. */
import type { ReviewDeps } from "../actions/review.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { reviewSentence, UNKNOWN_REVIEW } from "../cards/review-card.ts";
import { readReview } from "../cards/review-view.ts";
import { decodeReviewValue, INPUTS } from "../ids.ts";
import { reviewAttempt } from "../review-gate.ts";
import {
  answerSubmission,
  type FormAnswer,
  type FormSubmission,
  turnedAway,
  unchanged,
} from "../submissions.ts";

export function submitReview({ reviews, desk, gate, reviewGate, outbound }: ReviewDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const value = decodeReviewValue(view.private_metadata);
    const attempt = reviewAttempt(body.user, { subject: value?.id ?? "unreadable", fresh: true });

    const work = async (): Promise<FormAnswer> => {
      if (value === null) return unchanged(DEAD_FORM);
      const decision = await desk.find(value.id);
      if (decision === null) return unchanged(UNKNOWN_REVIEW);
      const permission = await reviewGate(attempt, decision);
      if (!permission.ok) return turnedAway(permission, INPUTS.reviewVerdict.block);
      const read = readReview(view.state.values);
      if (read === null) {
        return { kind: "field", block: INPUTS.reviewVerdict.block, sentence: "Please choose one." };
      }
      const result = await reviews.answer({
        ...read,
        ...{ decisionId: value.id, days: value.days, by: permission.person },
        token: view.id,
      });
      const sentence = reviewSentence(result);
      if (sentence === null) return { kind: "done" };
      await gate.refused({ attempt, detail: result.kind });
      return unchanged(sentence);
    };

    await answerSubmission({ form: { ack, body, view }, outbound, work });
  };
}
