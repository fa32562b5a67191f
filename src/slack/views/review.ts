/** The submitted answer to "Was this right?": the right is checked again, then the first answer counts. */
import type { ReviewDeps } from "../actions/review.ts";
import { textMessage } from "../cards/blocks.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { reviewSentence, UNKNOWN_REVIEW } from "../cards/review-card.ts";
import { readReview } from "../cards/review-view.ts";
import { decodeReviewValue, INPUTS } from "../ids.ts";
import { answerSubmission, type FormAnswer } from "../replies.ts";
import { reviewAttempt } from "../review-gate.ts";
import type { FormSubmission } from "./submit-decision.ts";

export function submitReview({ reviews, desk, gate, reviewGate, outbound }: ReviewDeps) {
  return async ({ ack, body, view }: FormSubmission): Promise<void> => {
    const value = decodeReviewValue(view.private_metadata);
    const attempt = reviewAttempt(body.user, { subject: value?.id ?? "unreadable", fresh: true });

    const work = async (): Promise<FormAnswer> => {
      const decision = value === null ? null : await desk.find(value.id);
      if (value === null || decision === null) return closed(value === null ? DEAD_FORM : UNKNOWN_REVIEW);
      const permission = await reviewGate(attempt, decision);
      if (!permission.ok) {
        return permission.refusal.kind === "lookup-failed"
          ? { kind: "field", block: INPUTS.reviewVerdict.block, sentence: permission.reason }
          : closed(permission.reason);
      }
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
      return closed(sentence);
    };

    const tellLater = async (sentence: string) => {
      const review = value === null ? null : await reviews.find(value.id, value.days);
      const threadTs = value === null ? null : ((await desk.find(value.id))?.card?.ts ?? null);
      if (review === null || threadTs === null) return;
      const { channel } = review.message;
      await outbound.whisper({ channel, user: body.user.id, message: textMessage(sentence), threadTs });
    };
    await answerSubmission({ ack, work, tellLater });
  };
}

function closed(sentence: string): FormAnswer {
  return { kind: "modal", title: "Nothing was changed", sentence };
}
