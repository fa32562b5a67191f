/** The form in which an approver approves their own request although that is forbidden. Pure. */
import { type DecisionRecord, shownHash } from "../../domain/decision.ts";
import { encodeDecisionValue, INPUTS, VIEWS } from "../ids.ts";
import { inertLine, LIMITS, oneLine } from "../limits.ts";
import { type Modal, plain, section, textInput } from "./blocks.ts";

/** Characters, without blanks around them. */
export const REASON_AT_LEAST = 10;

export function breakGlassView(decision: DecisionRecord): Modal {
  const title = inertLine(oneLine(decision.title) || "Decision", 200).replace(/\*/g, "∗");
  return {
    type: "modal",
    callback_id: VIEWS.breakGlass,
    private_metadata: encodeDecisionValue({ id: decision.id, hash: shownHash(decision) }),
    title: plain("Your own request", LIMITS.viewTitle),
    submit: plain("Approve anyway", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section(
        "intro",
        `*${title}*\nYou asked for this yourself, and here a second person has to decide. If nobody else can in time, you may break the glass.`,
      ),
      section(
        "consequence",
        "A critical alert goes out at once. Your name and reason stay on the card, in Notion and in the audit.",
      ),
      textInput({
        ...INPUTS.breakGlassReason,
        label: "Why can nobody else decide this?",
        hint: `At least ${REASON_AT_LEAST} letters.`,
        initial: "",
        optional: false,
        multiline: true,
        minLength: REASON_AT_LEAST,
      }),
    ],
  };
}
