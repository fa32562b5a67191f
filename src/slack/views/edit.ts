/** The submitted edit form: an approval of the plan as the person left it. */
import { shownPlan } from "../../domain/decision.ts";
import { namesForeignOption, readEdits } from "../cards/edit-view.ts";
import { INPUTS } from "../ids.ts";
import { type SubmitDeps, submitDecision } from "./submit-decision.ts";

/** Each becomes a page in Notion: a pasted document must not become hundreds. */
const MAX_TASKS = 50;

export function submitEdit(deps: SubmitDeps) {
  return submitDecision(deps, {
    action: "decision.edit",
    errorBlock: INPUTS.reason.block,
    read: (values, decision) => {
      const proposal = shownPlan(decision);
      if (namesForeignOption(values, proposal)) {
        return {
          kind: "field",
          block: INPUTS.option.block,
          sentence: "Please choose one of the options shown.",
        };
      }
      const read = readEdits(values, proposal);
      if (read.edits.tasks.length > MAX_TASKS) {
        const sentence = `At most ${MAX_TASKS} tasks; there are ${read.edits.tasks.length} lines.`;
        return { kind: "field", block: INPUTS.tasks.block, sentence };
      }
      return { kind: "edit", ...read };
    },
  });
}
