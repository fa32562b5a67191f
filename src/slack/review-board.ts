/** Asks in the thread of a card whether the decision was right, and keeps that message true. */
import { isAppError } from "../errors.ts";
import type { ReviewBoard } from "../workflows/review-ports.ts";
import { reviewEnded, reviewQuestion } from "./cards/review-card.ts";
import type { Outbound } from "./outbound.ts";
import { updateUnlessGone } from "./update-unless-gone.ts";

export function createReviewBoard({
  outbound,
}: {
  outbound: Pick<Outbound, "post" | "update">;
}): ReviewBoard {
  return {
    async ask(key, question) {
      const { channel, ts } = question.card;
      const message = () => reviewQuestion(question);
      try {
        return await outbound.post({ key, channels: [channel], threadTs: ts, message });
      } catch (error) {
        if (isAppError(error) && error.code === "slack_channel_gone") return null;
        throw error;
      }
    },
    async show(review, decision) {
      // A question ends once, so that there is one version after the first.
      await updateUnlessGone(outbound, {
        ref: review.message,
        version: 1,
        message: reviewEnded(review, decision),
      });
    },
  };
}
