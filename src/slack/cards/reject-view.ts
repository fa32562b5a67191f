/** The form behind Reject. Pure. */
import { type DecisionRecord, shownHash } from "../../domain/decision.ts";
import { encodeDecisionValue, INPUTS, VIEWS } from "../ids.ts";
import { inertLine, LIMITS } from "../limits.ts";
import { type Modal, plain, section, textInput } from "./blocks.ts";

export function rejectView(decision: DecisionRecord): Modal {
  const title = inertLine(decision.title, 200).replace(/\*/g, "∗");
  return {
    type: "modal",
    callback_id: VIEWS.reject,
    private_metadata: encodeDecisionValue({ id: decision.id, hash: shownHash(decision) }),
    title: plain("Reject", LIMITS.viewTitle),
    submit: plain("Reject", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section("intro", `*${title}*\nNothing is carried out. The reason is kept with the decision.`),
      textInput({
        ...INPUTS.rejectReason,
        label: "Why not?",
        hint: "A sentence is enough.",
        initial: "",
        optional: false,
        multiline: true,
      }),
    ],
  };
}
