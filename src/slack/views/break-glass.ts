/** The submitted break-glass form: one's own request, approved with a reason that everybody sees. */
import { REASON_AT_LEAST } from "../cards/break-glass-view.ts";
import { readText } from "../cards/edit-view.ts";
import { INPUTS } from "../ids.ts";
import { type SubmitDeps, submitDecision } from "./submit-decision.ts";

export function submitBreakGlass(deps: SubmitDeps) {
  const { block } = INPUTS.breakGlassReason;
  return submitDecision(deps, {
    action: "decision.break-glass",
    errorBlock: block,
    read: (values) => {
      const reason = readText(values, INPUTS.breakGlassReason)?.trim() ?? "";
      return letters(reason) < REASON_AT_LEAST
        ? { kind: "field", block, sentence: `Please say why, in at least ${REASON_AT_LEAST} letters.` }
        : { kind: "break-glass", reason };
    },
  });
}

/** Dots and blanks give no reason. */
function letters(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}
