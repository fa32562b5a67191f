/** The form behind Right, Partly right and Wrong, and what it holds. Pure. */
import type { DecisionRecord } from "../../domain/decision.ts";
import { REVIEW_VERDICTS, type ReviewVerdict } from "../../domain/review.ts";
import { encodeReviewValue, INPUTS, VIEWS } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { type Modal, plain, section, textInput } from "./blocks.ts";
import { type FormValues, readText } from "./edit-view.ts";
import { decidedWords, REVIEW_WORDS } from "./review-card.ts";

interface ReviewForm {
  days: number;
  /** Of the button that was clicked. */
  verdict: ReviewVerdict;
}

export function reviewView(decision: DecisionRecord, { days, verdict }: ReviewForm): Modal {
  const options = REVIEW_VERDICTS.map((one) => ({
    text: plain(REVIEW_WORDS[one], LIMITS.optionText),
    value: one,
  }));
  const initial = options.find(({ value }) => value === verdict);
  return {
    type: "modal",
    callback_id: VIEWS.review,
    private_metadata: encodeReviewValue({ id: decision.id, days }),
    title: plain("Was this right?", LIMITS.viewTitle),
    submit: plain("Save", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section("intro", decidedWords(decision, days)),
      {
        type: "input",
        block_id: INPUTS.reviewVerdict.block,
        label: plain("Looking back", LIMITS.inputLabel),
        element: {
          type: "radio_buttons",
          action_id: INPUTS.reviewVerdict.action,
          options,
          ...(initial ? { initial_option: initial } : {}),
        },
      },
      textInput({
        ...INPUTS.reviewNote,
        label: "What did you learn?",
        hint: "Shown in the thread and kept with the answer.",
        initial: "",
        optional: true,
        multiline: true,
      }),
    ],
  };
}

/** null when the form names no answer of ours. */
export function readReview(values: FormValues): { verdict: ReviewVerdict; note: string | null } | null {
  const { block, action } = INPUTS.reviewVerdict;
  const chosen = values[block]?.[action]?.selected_option?.value;
  const verdict = REVIEW_VERDICTS.find((one) => one === chosen);
  return verdict === undefined ? null : { verdict, note: readText(values, INPUTS.reviewNote) };
}
