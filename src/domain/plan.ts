/**
 * The one type that is proposed by the advisers, shown on the card, edited by people and settled afterwards.
 * Pure: text in, text out. `PipeContent` is the same plan as the Action Pipe row in Notion holds it.
 */
import { createHash } from "node:crypto";
import { z } from "zod";

export const OPTION_IDS = ["A", "B", "C", "D"] as const;
export const OptionIdSchema = z.enum(OPTION_IDS);
export type OptionId = z.infer<typeof OptionIdSchema>;

export interface Option {
  id: OptionId;
  title: string;
  summary: string;
}

export interface Plan {
  recommendedOption: OptionId;
  options: Option[];
  riskAssessment: string;
  /** One resource per entry. */
  resources: string[];
  /** One task title per entry; created as Notion tasks only after approval. */
  tasks: string[];
}

/** The plan as the text properties of an Action Pipe. */
export interface PipeContent {
  title: string;
  recommendedOption: OptionId | null;
  scenarioOptions: string;
  riskAssessment: string;
  requiredResources: string;
  tasks: string;
}

/** Lines of a text area as list entries: bullets and blank lines dropped. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, "").trim())
    .filter((line) => line !== "");
}

export function planToContent(title: string, plan: Plan): PipeContent {
  return {
    title,
    recommendedOption: plan.recommendedOption,
    scenarioOptions: plan.options
      .map((o) => `${o.id}. ${oneLine(o.title)}\n${o.summary}`.trim())
      .join("\n\n"),
    riskAssessment: plan.riskAssessment,
    requiredResources: plan.resources.map(oneLine).join("\n"),
    tasks: plan.tasks.map(oneLine).join("\n"),
  };
}

/**
 * A pipe as edited in Notion, back to a plan. What cannot be read (no "A." headings, no recommended option)
 * keeps the value of `base`, so a free-text edit never loses the options people voted on.
 */
export function contentToPlan(content: PipeContent, base: Plan): Plan {
  const options = parseOptions(content.scenarioOptions);
  return {
    recommendedOption: content.recommendedOption ?? base.recommendedOption,
    options: options.length > 0 ? options : base.options,
    riskAssessment: content.riskAssessment,
    resources: linesOf(content.requiredResources),
    tasks: linesOf(content.tasks),
  };
}

function parseOptions(text: string): Option[] {
  const options: Option[] = [];
  for (const block of text.split(/\n(?=[A-D][.)] )/)) {
    const match = /^\s*([A-D])[.)] ([^\n]*)\n?([\s\S]*)$/.exec(block);
    const id = OptionIdSchema.safeParse(match?.[1]);
    if (!match || !id.success || options.some((o) => o.id === id.data)) continue;
    options.push({ id: id.data, title: (match[2] ?? "").trim(), summary: (match[3] ?? "").trim() });
  }
  return options;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/**
 * What an approval is bound to: sha256 over the words shown. Line ends and outer blanks do not count, because
 * Notion's editor changes them without anybody meaning anything by it.
 */
export function contentHash(content: PipeContent): string {
  const normal = (text: string) =>
    text
      .replace(/\r\n?/g, "\n")
      .split("\n")
      .map((l) => l.trimEnd())
      .join("\n")
      .trim();
  const words = [
    normal(content.title),
    content.recommendedOption ?? "",
    normal(content.scenarioOptions),
    normal(content.riskAssessment),
    normal(content.requiredResources),
    normal(content.tasks),
  ];
  return createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 32);
}
