/** The form behind Withdraw request. Pure. */
import { type DecisionRecord, shownHash } from "../../domain/decision.ts";
import { encodeDecisionValue, INPUTS, VIEWS } from "../ids.ts";
import { inertLine, LIMITS, oneLine } from "../limits.ts";
import { type Modal, plain, section, textInput } from "./blocks.ts";

export function withdrawView(decision: DecisionRecord): Modal {
  const title = inertLine(oneLine(decision.title) || "Decision", 200).replace(/\*/g, "∗");
  return {
    type: "modal",
    callback_id: VIEWS.withdraw,
    private_metadata: encodeDecisionValue({ id: decision.id, hash: shownHash(decision) }),
    title: plain("Withdraw request", LIMITS.viewTitle),
    submit: plain("Withdraw", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section("intro", `*${title}*\nThe card is closed as withdrawn, and nothing is carried out.`),
      textInput({
        ...INPUTS.withdrawReason,
        label: "Why (kept with the decision)",
        initial: "",
        optional: true,
        multiline: true,
      }),
    ],
  };
}
