/** The submitted edit form: an approval of the plan as the person left it. */
import { namesForeignOption, readEdits } from "../cards/edit-view.ts";
import { INPUTS } from "../ids.ts";
import { type SubmitDeps, submitDecision } from "./submit-decision.ts";

export function submitEdit(deps: SubmitDeps) {
  return submitDecision(deps, {
    action: "decision.edit",
    errorBlock: INPUTS.reason.block,
    read: (values, decision) => {
      const { proposal } = decision;
      return namesForeignOption(values, proposal)
        ? { kind: "field", block: INPUTS.option.block, sentence: "Please choose one of the options shown." }
        : { kind: "edit", ...readEdits(values, proposal) };
    },
  });
}
