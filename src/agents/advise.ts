/** One adviser's judgement of the options. */
import { z } from "zod";
import type { Advice, Adviser, Frame, Triage } from "../domain/analysis.ts";
import { OPTION_IDS, type OptionId } from "../domain/plan.ts";
import type { Answer, AskContext } from "../workflows/ports.ts";
import type { Claude } from "./claude.ts";
import { decisionText } from "./decision-text.ts";
import { fenceFor } from "./fence.ts";
import { introduced } from "./personas.ts";
import { ADVISE_RULES } from "./prompts/advise.ts";
import { lines, oneOf, scale, words } from "./schema.ts";

/** Arguments come before judgements: without thinking, a model's only reasoning is what it has already written. */
const AdviceSchema = z.object({
  scores: z
    .array(
      z.object({
        option: oneOf(OPTION_IDS).describe("The letter of the option."),
        pros: lines().describe("Two to four."),
        cons: lines().describe("Two to four."),
        verdict: words().describe("One sentence."),
        risk: scale(1, 5).describe("1 (safe) to 5 (dangerous)."),
        impact: scale(1, 10).describe("1 (hardly noticeable) to 10 (changes the company)."),
      }),
    )
    .describe("Every option exactly once."),
  rationale: words().describe("Three to five sentences."),
  recommends: oneOf(OPTION_IDS),
  veto: z
    .object({ option: oneOf(OPTION_IDS), reason: words() })
    .nullable()
    .describe("Null unless an option crosses a line."),
});

export async function advise(
  claude: Claude,
  ask: AskContext & { model: string; adviser: Adviser; triage: Triage; frame: Frame },
): Promise<Answer<Advice>> {
  const fence = fenceFor(ask.item);
  const ids = ask.frame.options.map((option) => option.id);
  const persona = introduced(ask.adviser.name, ask.adviser.systemPrompt);
  const answer = await claude.ask({
    key: ask.key,
    step: "advise",
    itemId: ask.item.id,
    adviser: ask.adviser.name,
    model: ask.model,
    effort: "medium",
    answerTokens: 4_000,
    system: `${persona}\n\n${ADVISE_RULES}\n\n${fence.rule}`,
    prompt: `Judge the options of this decision: ${ids.join(", ")}.\n\n${fence.around(decisionText(ask))}`,
    schema: AdviceSchema,
    check: (advice) => problemOf(advice, ids),
  });
  if (answer.kind === "failed") return answer;
  const { scores, rationale, recommends, veto } = answer.value;
  const ordered = scores.toSorted((a, b) => ids.indexOf(a.option) - ids.indexOf(b.option));
  return { ...answer, value: { adviser: ask.adviser.name, recommends, rationale, scores: ordered, veto } };
}

function problemOf(advice: z.infer<typeof AdviceSchema>, ids: readonly OptionId[]): string | null {
  const scored = advice.scores.map((score) => score.option);
  const missing = ids.filter((id) => !scored.includes(id));
  const double = ids.filter((id) => scored.filter((s) => s === id).length > 1);
  const foreign = scored.filter((id) => !ids.includes(id));
  const problems = [
    missing.length > 0 ? `No score for option ${missing.join(", ")}.` : "",
    double.length > 0 ? `Option ${double.join(", ")} is scored more than once.` : "",
    foreign.length > 0 ? `There is no option ${foreign.join(", ")}.` : "",
    ids.includes(advice.recommends) ? "" : `You recommend ${advice.recommends}, which is not an option.`,
    vetoProblem(advice, ids),
  ].filter((problem) => problem !== "");
  return problems.length === 0 ? null : problems.join("\n");
}

function vetoProblem({ veto, recommends }: z.infer<typeof AdviceSchema>, ids: readonly OptionId[]): string {
  if (veto === null) return "";
  if (!ids.includes(veto.option)) return `You veto ${veto.option}, which is not an option.`;
  return veto.option === recommends ? "You recommend the option that you veto." : "";
}
