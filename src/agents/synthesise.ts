/** Brings the advice together into one recommendation that people then decide on. */
import { z } from "zod";
import type { Advice, Answered, Frame, Synthesis, Triage } from "../domain/analysis.ts";
import type { InboxItem } from "../domain/item.ts";
import { OPTION_IDS } from "../domain/plan.ts";
import type { Answer, AskContext } from "../workflows/ports.ts";
import type { Claude } from "./claude.ts";
import { adviceText, decisionText } from "./decision-text.ts";
import { fenceFor } from "./fence.ts";
import { SYNTHESISE_SYSTEM } from "./prompts/synthesise.ts";
import { lines, oneOf, words } from "./schema.ts";

const SynthesisSchema = z.object({
  conflictPoints: lines().describe("Where the advisers differ; empty when they do not."),
  rationale: words().describe("Three to five sentences."),
  recommendedOption: oneOf(OPTION_IDS).describe("The letter of the option."),
  riskAssessment: words().describe("Two to five sentences."),
  requiredResources: lines().describe("One resource per entry."),
  tasks: lines().describe("First steps after approval, one to seven."),
});

export async function synthesise(
  claude: Claude,
  ask: AskContext & { model: string; triage: Triage; frame: Frame; advice: Advice[] },
): Promise<Answer<Synthesis>> {
  const ids = ask.frame.options.map((option) => option.id);
  return claude.ask({
    key: ask.key,
    step: "synthesise",
    itemId: ask.item.id,
    model: ask.model,
    effort: "medium",
    answerTokens: 4_000,
    ...synthesisPrompt(ask),
    schema: SynthesisSchema,
    check: ({ recommendedOption }) =>
      ids.includes(recommendedOption)
        ? null
        : `You recommend ${recommendedOption}; the options are ${ids.join(", ")}.`,
  });
}

/** What the model is asked, to the letter; the same input gives the same words. */
export function synthesisPrompt(ask: {
  item: InboxItem;
  triage: Triage;
  frame: Frame;
  advice: readonly Advice[];
  answered?: readonly Answered[];
}): { system: string; prompt: string } {
  const fence = fenceFor(ask.item);
  const material = [decisionText(ask), ...ask.advice.map(adviceText)].join("\n\n");
  const advisers = ask.advice.map((advice) => advice.adviser).join(", ");
  return {
    system: `${SYNTHESISE_SYSTEM}\n\n${fence.rule}`,
    prompt: `Summarise this decision and the advice of ${advisers}.\n\n${fence.around(material)}`,
  };
}
