/** The submitted reject form: the reason is required. */
import { readText } from "../cards/edit-view.ts";
import { INPUTS } from "../ids.ts";
import { type SubmitDeps, submitDecision } from "./submit-decision.ts";

export function submitReject(deps: SubmitDeps) {
  return submitDecision(deps, {
    action: "decision.reject",
    errorBlock: INPUTS.rejectReason.block,
    read: (values) => {
      const reason = readText(values, INPUTS.rejectReason);
      return reason === null
        ? { kind: "field", block: INPUTS.rejectReason.block, sentence: "Please say why in a few words." }
        : { kind: "reject", reason };
    },
  });
}
