/** Right, Partly right and Wrong under "Was this right?": opens the form, while the question waits for an answer. */
import type { ReviewVerdict } from "../../domain/review.ts";
import type { ReviewDesk } from "../afterwards-ports.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { reviewSentence, UNKNOWN_REVIEW } from "../cards/review-card.ts";
import { reviewView } from "../cards/review-view.ts";
import type { Gate } from "../gate.ts";
import { decodeReviewValue } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import type { DecisionDesk } from "../ports.ts";
import { openPrepared, type Prepared, type Teller, tell } from "../replies.ts";
import { type ReviewGate, reviewAttempt } from "../review-gate.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface ReviewDeps {
  reviews: ReviewDesk;
  desk: Pick<DecisionDesk, "find">;
  gate: Gate;
  reviewGate: ReviewGate;
  outbound: Pick<Outbound, "updateModal"> & Teller;
}

export function openReview(
  { reviews, desk, gate, reviewGate, outbound }: ReviewDeps,
  verdict: ReviewVerdict,
) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeReviewValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);
    const attempt = reviewAttempt(body.user, { subject: value.id });
    const prepare = async (): Promise<Prepared> => {
      const decision = await desk.find(value.id);
      if (decision === null) return { refusal: UNKNOWN_REVIEW };
      const permission = await reviewGate(attempt, decision);
      if (!permission.ok) return { refusal: permission.reason };
      const review = await reviews.find(value.id, value.days);
      if (review?.state.kind === "asked")
        return { view: reviewView(decision, { days: value.days, verdict }) };
      const result = closedResult(review?.state);
      await gate.refused({ attempt, detail: result.kind });
      return { refusal: reviewSentence(result) ?? UNKNOWN_REVIEW };
    };
    await openPrepared({
      outbound,
      triggerId: body.trigger_id,
      title: "Was this right?",
      prepare,
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}

type Found = Awaited<ReturnType<ReviewDesk["find"]>>;

function closedResult(state: NonNullable<Found>["state"] | undefined) {
  if (state === undefined || state.kind === "asked") return { kind: "not-found" } as const;
  if (state.kind === "answered") return { kind: "already-answered", answer: state.answer } as const;
  return { kind: "ended", why: state.kind } as const;
}
