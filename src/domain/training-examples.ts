/**
 * What a model can learn from settled decisions. The task to learn is the synthesis: the prompt is the one that was
 * sent, the good answer is what people approved. Pure; where rows and prompts come from is not known here.
 */
import { z } from "zod";
import {
  type Advice,
  type Answered,
  type Frame,
  NODE_TYPES,
  planOf,
  type Synthesis,
  type Triage,
} from "./analysis.ts";
import type { InboxItem } from "./item.ts";
import { OptionIdSchema, type Plan } from "./plan.ts";
import { hindsightOver, type SettledRow } from "./training-hindsight.ts";

/** A row of Training Data with what it came from; JSON as text, as Notion holds it. */
export interface TrainingCase extends SettledRow {
  /** Id of the row. */
  id: string;
  reason: string;
  model: string;
  originalPlan: string;
  finalPlan: string;
  /** The inbox item and `AI_Raw_Output`, or why they cannot be had. */
  source: { item: InboxItem; analysis: string } | { missing: string };
}

export type PromptFor = (asked: {
  item: InboxItem;
  triage: Triage;
  frame: Frame;
  advice: readonly Advice[];
  answered?: readonly Answered[];
}) => { system: string; prompt: string };

const OptionSchema = z.object({ id: OptionIdSchema, title: z.string(), summary: z.string() });

const PlanSchema: z.ZodType<Plan> = z.object({
  recommendedOption: OptionIdSchema,
  options: z.array(OptionSchema).min(1),
  riskAssessment: z.string(),
  resources: z.array(z.string()),
  tasks: z.array(z.string()),
});

const TriageSchema: z.ZodType<Triage> = z.object({
  kind: z.enum(["strategic", "operational", "reference"]),
  title: z.string(),
  risk: z.enum(["Low", "Medium", "High"]),
  impact: z.number(),
  area: z.string().nullable(),
  concepts: z.array(z.object({ name: z.string(), type: z.enum(NODE_TYPES) })),
  adviser: z.string(),
  rationale: z.string(),
});

const AdviceSchema: z.ZodType<Advice> = z.object({
  adviser: z.string(),
  recommends: OptionIdSchema,
  rationale: z.string(),
  scores: z.array(
    z.object({
      option: OptionIdSchema,
      risk: z.number(),
      impact: z.number(),
      verdict: z.string(),
      pros: z.array(z.string()),
      cons: z.array(z.string()),
    }),
  ),
  veto: z.object({ option: OptionIdSchema, reason: z.string() }).nullable(),
});

const words = z.string().refine((text) => text.trim() !== "");

/** The keys in the order in which the model writes them. */
const SynthesisSchema: z.ZodType<Synthesis> = z.object({
  conflictPoints: z.array(words),
  rationale: words,
  recommendedOption: OptionIdSchema,
  riskAssessment: words,
  requiredResources: z.array(words),
  tasks: z.array(words),
});

const AnalysisSchema = z.object({
  triage: TriageSchema,
  frame: z.object({
    question: z.string(),
    successCriteria: z.string(),
    options: z.array(OptionSchema).min(1),
  }),
  advice: z.array(AdviceSchema).min(1),
  synthesis: SynthesisSchema,
  answered: z
    .array(
      z.object({ question: z.string(), askedBy: z.string(), answer: z.string(), answeredBy: z.string() }),
    )
    .optional(),
});

const message = <R extends string>(role: R) => z.strictObject({ role: z.literal(role), content: words });
const about = {
  /** Id of the Training Data row. */
  id: words,
  outcome: z.enum(["approved", "edited"]),
  /** The model that wrote the proposal. */
  model: z.string(),
  decided_at: z.string().nullable(),
};

/** One line of the file: chat messages as common training tools read them. */
export const TrainingExampleSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("supervised"),
    ...about,
    messages: z.tuple([message("system"), message("user"), message("assistant")]),
  }),
  z.strictObject({
    type: z.literal("preference"),
    ...about,
    prompt: z.tuple([message("system"), message("user")]),
    chosen: z.tuple([message("assistant")]),
    rejected: z.tuple([message("assistant")]),
  }),
]);
export type TrainingExample = z.infer<typeof TrainingExampleSchema>;

export interface TrainingSet {
  examples: TrainingExample[];
  /** Why rows gave no example, and how many; most frequent first. */
  leftOut: { reason: string; count: number }[];
}

/** Untouched approvals give an example; edited ones an example and a pair: the final text above the proposal. */
export function trainingSet(cases: readonly TrainingCase[], promptFor: PromptFor): TrainingSet {
  const examples: TrainingExample[] = [];
  const counts = new Map<string, number>();
  const regret = hindsightOver(cases);
  for (const one of cases) {
    const made = regret(one) ?? examplesOf(one, promptFor);
    if (typeof made === "string") counts.set(made, (counts.get(made) ?? 0) + 1);
    else examples.push(...made);
  }
  const leftOut = [...counts].map(([reason, count]) => ({ reason, count }));
  return { examples, leftOut: leftOut.toSorted((a, b) => b.count - a.count) };
}

/** The examples of one row, or why there are none. */
function examplesOf(one: TrainingCase, promptFor: PromptFor): TrainingExample[] | string {
  const { outcome } = one;
  if (outcome === "rejected" || outcome === "expired" || outcome === "withdrawn") {
    return `${outcome}: nothing was accepted that a model could learn to write`;
  }
  if (outcome !== "approved" && outcome !== "edited") return "Outcome is empty or not one of ours";
  if ("missing" in one.source) return one.source.missing;
  const original = readPlan(one.originalPlan);
  const final = readPlan(one.finalPlan);
  if (original === null || final === null) return "Original_Plan or Final_Plan is not a plan in JSON";
  const analysis = readJson(one.source.analysis, AnalysisSchema);
  if (analysis === null) return "AI_Raw_Output of the Action Pipe is not an analysis in JSON";
  const { triage, frame, advice, synthesis, answered } = analysis;
  if (!isSame(planOf(frame, synthesis), original)) {
    return "Original_Plan is not what AI_Raw_Output of the Action Pipe proposed";
  }
  const answer = acceptedAnswer({ synthesis, original, final, reason: one.reason });
  if (typeof answer === "string") return answer;
  const { system, prompt } = promptFor({
    item: one.source.item,
    triage,
    frame,
    advice,
    ...(answered && { answered }),
  });
  return checked(
    linesFor({
      about: { id: one.id, outcome, model: one.model, decided_at: one.decidedAt },
      asked: [
        { role: "system", content: system },
        { role: "user", content: prompt },
      ],
      proposed: synthesis,
      accepted: answer,
    }),
  );
}

/** What the model should have answered, or why that cannot be said. */
function acceptedAnswer(settled: {
  synthesis: Synthesis;
  original: Plan;
  final: Plan;
  reason: string;
}): Synthesis | string {
  const { synthesis, original, final } = settled;
  if (!isSame(original.options, final.options)) {
    return "edited: the options were rewritten, so the prompt no longer fits the answer";
  }
  const isOtherOption = final.recommendedOption !== original.recommendedOption;
  const reason = settled.reason.trim();
  if (isOtherOption && reason === "") {
    return "edited: another option was chosen and no reason given, so its rationale is not known";
  }
  return {
    conflictPoints: synthesis.conflictPoints,
    rationale: isOtherOption ? reason : synthesis.rationale,
    recommendedOption: final.recommendedOption,
    riskAssessment: final.riskAssessment,
    requiredResources: final.resources,
    tasks: final.tasks,
  };
}

function linesFor(one: {
  about: Pick<TrainingExample, "id" | "outcome" | "model" | "decided_at">;
  asked: [{ role: "system"; content: string }, { role: "user"; content: string }];
  proposed: Synthesis;
  accepted: Synthesis;
}): unknown[] {
  const { about, asked, proposed, accepted } = one;
  const chosen = answerMessage(accepted);
  const supervised = { type: "supervised", ...about, messages: [...asked, chosen] };
  const rejected = answerMessage(proposed);
  if (rejected.content === chosen.content) return [supervised];
  const preference = { type: "preference", ...about, prompt: asked, chosen: [chosen], rejected: [rejected] };
  return [supervised, preference];
}

function answerMessage(synthesis: Synthesis) {
  const { conflictPoints, rationale, recommendedOption, riskAssessment, requiredResources, tasks } =
    synthesis;
  const answer = { conflictPoints, rationale, recommendedOption, riskAssessment, requiredResources, tasks };
  return { role: "assistant" as const, content: JSON.stringify(answer) };
}

/** Every answer in the file has the form that the model is held to when the bot runs. */
function checked(lines: unknown[]): TrainingExample[] | string {
  const parsed = lines.map((line) => TrainingExampleSchema.safeParse(line));
  const examples = parsed.flatMap((result) => (result.success ? [result.data] : []));
  const answers = examples.flatMap((example) =>
    example.type === "supervised" ? [example.messages[2]] : [...example.chosen, ...example.rejected],
  );
  const isWhole =
    examples.length === lines.length &&
    answers.every(({ content }) => readJson(content, SynthesisSchema) !== null);
  return isWhole ? examples : "a text that the model has to give is empty in the final plan";
}

/** A plan as Training Data holds it; null when it is none. */
export function readPlan(text: string): Plan | null {
  return readJson(text, PlanSchema);
}

function readJson<T>(text: string, schema: z.ZodType<T>): T | null {
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** Keys in order, so that only content counts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
