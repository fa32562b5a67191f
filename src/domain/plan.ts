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

/** Bullets of Slack, Notion and plain text: "-", "•", "1.", "2)", "- [ ]". A year ("2026. …") is none. */
const BULLET = /^(?:(?:[-*–—]|\d{1,2}[.)])(?=\s|$)|[•◦▪☐])\s*(?:\[[ xX]\]\s*)?/;

/** Lines of a text area as list entries: bullets and blank lines dropped. */
export function linesOf(text: string): string[] {
  return trimmedLines(text)
    .map((line) => line.replace(BULLET, ""))
    .filter((line) => line !== "");
}

function trimmedLines(text: string): string[] {
  return unixLines(text)
    .split("\n")
    .map((line) => line.trim());
}

export function planToContent(title: string, plan: Plan): PipeContent {
  return {
    title,
    recommendedOption: plan.recommendedOption,
    scenarioOptions: plan.options.map(optionText).join("\n\n"),
    riskAssessment: plan.riskAssessment,
    requiredResources: plan.resources.map(oneLine).join("\n"),
    tasks: plan.tasks.map(oneLine).join("\n"),
  };
}

/** "A. Title" and the summary below it, in which a line that looks like a heading is set in by one blank. */
function optionText({ id, title, summary }: Option): string {
  const inert = normalText(summary).replace(/^(?=[A-D][.)](?:\s|$))/gm, " ");
  return `${id}. ${oneLine(title)}\n${inert}`.trim();
}

/**
 * A pipe as edited in Notion, back to a plan. What nobody touched is exactly what `base` holds, so that only
 * people's edits count as edits. What cannot be read (no "A." headings, no recommended option, or one that is
 * not among the options) keeps the value of `base`, so a free-text edit never loses the options people voted on.
 */
export function contentToPlan(content: PipeContent, base: Plan): Plan {
  const shown = planToContent(content.title, base);
  const isUntouched = (field: "scenarioOptions" | "riskAssessment") =>
    normalText(content[field]) === normalText(shown[field]);
  const parsed = isUntouched("scenarioOptions") ? [] : parseOptions(content.scenarioOptions, base);
  const options = parsed.length > 0 ? parsed : base.options;
  return {
    recommendedOption: recommended(options, [content.recommendedOption, base.recommendedOption]),
    options,
    riskAssessment: isUntouched("riskAssessment") ? base.riskAssessment : normalText(content.riskAssessment),
    resources: entriesOf(content.requiredResources, base.resources),
    tasks: entriesOf(content.tasks, base.tasks),
  };
}

/** The first wish that is one of the options. */
function recommended(options: Option[], wishes: (OptionId | null)[]): OptionId {
  const offered = options.map((option) => option.id);
  const wish = wishes.find((id) => id !== null && offered.includes(id));
  return wish ?? offered[0] ?? "A";
}

/** Lines as list entries; a line that shows an entry of `base` is that entry, bullets and all. */
function entriesOf(text: string, base: string[]): string[] {
  if (normalText(text) === normalText(base.map(oneLine).join("\n"))) return base;
  return trimmedLines(text).flatMap((line) => {
    const kept = base.find((entry) => oneLine(entry) === oneLine(line) && line !== "");
    return kept === undefined ? linesOf(line) : [kept];
  });
}

/** A heading is the first line that starts with a letter not used before; any other line belongs to a summary. */
function parseOptions(text: string, base: Plan): Option[] {
  const found: { id: OptionId; title: string; lines: string[] }[] = [];
  const preamble: string[] = [];
  for (const line of unixLines(text).split("\n")) {
    const heading = /^([A-D])[.)](?:\s+(.*))?$/.exec(line);
    const id = OptionIdSchema.safeParse(heading?.[1]);
    if (id.success && !found.some((option) => option.id === id.data)) {
      found.push({ id: id.data, title: (heading?.[2] ?? "").trim(), lines: [] });
    } else {
      (found.at(-1)?.lines ?? preamble).push(line.replace(/^ (?=[A-D][.)](?:\s|$))/, ""));
    }
  }
  found[0]?.lines.unshift(...preamble);
  return found.map(({ id, title, lines }) => {
    const option = { id, title, summary: normalText(lines.join("\n")) };
    const asShown = normalText(optionText(option));
    return base.options.find((known) => normalText(optionText(known)) === asShown) ?? option;
  });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function unixLines(text: string): string {
  return text.replace(/\r\n?|[\u2028\u2029\v\f]/g, "\n");
}

/** Without line-end dialects, blanks at the ends of lines and blank outer lines, which editors change unasked. */
function normalText(text: string): string {
  return unixLines(text)
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}

/**
 * What an approval is bound to: sha256 over the words shown. Line ends and outer blanks do not count, because
 * Notion's editor changes them without anybody meaning anything by it.
 */
export function contentHash(content: PipeContent): string {
  const words = [
    normalText(content.title),
    content.recommendedOption ?? "",
    normalText(content.scenarioOptions),
    normalText(content.riskAssessment),
    normalText(content.requiredResources),
    normalText(content.tasks),
  ];
  return createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 32);
}
