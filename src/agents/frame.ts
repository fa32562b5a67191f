/** Turns an item into a decision with options that everybody then judges. */
import { z } from "zod";
import type { Frame, Triage } from "../domain/analysis.ts";
import { OPTION_IDS, type Option } from "../domain/plan.ts";
import type { Answer, AskContext } from "../workflows/ports.ts";
import type { Claude } from "./claude.ts";
import { fenceFor, itemText } from "./fence.ts";
import { FRAME_SYSTEM } from "./prompts/frame.ts";
import { words } from "./schema.ts";

const MIN_OPTIONS = 2;

/** Letters are given here and not by the model: their order is ours to promise. */
const FrameSchema = z.object({
  question: words().describe("One sentence ending in a question mark."),
  successCriteria: words(),
  options: z
    .array(
      z.object({
        title: words().describe("At most 60 characters, starts with a verb."),
        summary: words().describe("Two or three sentences."),
      }),
    )
    .describe("Two to four options."),
});

export async function frame(
  claude: Claude,
  ask: AskContext & { model: string; triage: Triage },
): Promise<Answer<Frame>> {
  const fence = fenceFor(ask.item);
  const { title, risk, impact, area } = ask.triage;
  const sorted = `Sorted as: ${title}\nRisk: ${risk}, impact: ${impact} of 10${area ? `, area: ${area}` : ""}`;
  const answer = await claude.ask({
    key: ask.key,
    step: "frame",
    itemId: ask.item.id,
    model: ask.model,
    effort: "medium",
    answerTokens: 2_500,
    system: `${FRAME_SYSTEM}\n\n${fence.rule}`,
    prompt: `Frame the decision in this inbox item.\n\n${fence.around(`${itemText(ask.item)}\n\n${sorted}`)}`,
    schema: FrameSchema,
    check: problemOf,
  });
  if (answer.kind === "failed") return answer;
  return { ...answer, value: { ...answer.value, options: lettered(answer.value.options) } };
}

function problemOf({ options }: z.infer<typeof FrameSchema>): string | null {
  if (options.length < MIN_OPTIONS || options.length > OPTION_IDS.length) {
    return `There must be two to four options; you gave ${options.length}.`;
  }
  const titles = new Set(options.map((option) => option.title.toLowerCase()));
  return titles.size === options.length ? null : "Two options have the same title.";
}

function lettered(options: Omit<Option, "id">[]): Option[] {
  return OPTION_IDS.flatMap((id, i) => {
    const option = options[i];
    return option ? [{ id, title: option.title, summary: option.summary }] : [];
  });
}
