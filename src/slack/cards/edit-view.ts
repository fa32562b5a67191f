/** The form behind Edit, and how its answers become edits. Pure. */
import { type DecisionRecord, type Edits, shownHash, shownPlan } from "../../domain/decision.ts";
import { linesOf, type OptionId, type Plan } from "../../domain/plan.ts";
import { encodeDecisionValue, INPUTS, VIEWS } from "../ids.ts";
import { cleanText, clip, inertLine, LIMITS, link, oneLine } from "../limits.ts";
import { type Block, type Modal, plain, section, type TextInput, textInput } from "./blocks.ts";
import { optionName } from "./decision-parts.ts";

/** `chosen`: an option that was picked on the card instead of the one the plan is for. */
export function editView(decision: DecisionRecord, chosen: OptionId | null = null): Modal {
  const plan = shownPlan(decision);
  return {
    type: "modal",
    callback_id: VIEWS.edit,
    private_metadata: encodeDecisionValue({ id: decision.id, hash: shownHash(decision) }),
    title: plain("Edit and approve", LIMITS.viewTitle),
    submit: plain("Approve with changes", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section(
        "intro",
        `*${inertLine(oneLine(decision.title) || "Decision", 200).replace(/\*/g, "∗")}*\nSubmitting approves the plan as you leave it here.`,
      ),
      ...writtenForAnother(plan, chosen),
      ...optionSelect(plan, chosen),
      field(decision, "Risk assessment", { ...INPUTS.risk, initial: riskText(plan) }),
      field(decision, "Resources", {
        ...INPUTS.resources,
        initial: listText(plan.resources),
        hint: "One per line",
      }),
      field(decision, "Tasks", { ...INPUTS.tasks, initial: listText(plan.tasks), hint: "One per line" }),
      textInput({
        ...INPUTS.reason,
        label: "Why (kept with the decision)",
        initial: "",
        optional: true,
        multiline: true,
      }),
    ],
  };
}

/** Nobody but a person can say what of a plan fits another option. */
function writtenForAnother(plan: Plan, chosen: OptionId | null): Block[] {
  const { recommendedOption } = plan;
  if (chosen === null || chosen === recommendedOption) return [];
  const named = (id: OptionId) => inertLine(optionName(plan, id), 160).replace(/\*/g, "∗");
  const words = `⚠️ The risk assessment, resources and tasks below were written for *${named(recommendedOption)}*. Please change what does not fit *${named(chosen)}*.`;
  return [section("written_for", words)];
}

function optionSelect(plan: Plan, chosen: OptionId | null): Block[] {
  const options = plan.options.slice(0, LIMITS.selectOptions).map((option) => ({
    text: plain(
      clip(oneLine(cleanText(`${option.id}. ${option.title}`)), LIMITS.optionText),
      LIMITS.optionText,
    ),
    value: option.id,
  }));
  if (options.length === 0) return [];
  const initial = options.find((option) => option.value === (chosen ?? plan.recommendedOption));
  return [
    {
      type: "input",
      block_id: INPUTS.option.block,
      label: plain("Option to go ahead with"),
      element: {
        type: "static_select",
        action_id: INPUTS.option.action,
        options,
        ...(initial ? { initial_option: initial } : {}),
      },
    },
  ];
}

type FieldInput = Pick<TextInput, "block" | "action" | "initial" | "hint">;

/** A text too long for Slack's input stays as it is: cutting it would lose what was proposed. */
function field(decision: DecisionRecord, label: string, input: FieldInput): Block {
  if (input.initial.length > LIMITS.inputText) {
    return section(
      `${input.block}_kept`,
      `*${label}*: longer than Slack's form can hold (3,000 characters), so it stays as it is. ` +
        `To change it, edit ${link(decision.pipeUrl, "the plan in Notion")}; a new card will follow.`,
    );
  }
  return textInput({ ...input, label, optional: true, multiline: true });
}

function riskText(plan: Plan): string {
  return cleanText(plan.riskAssessment);
}

function listText(entries: string[]): string {
  return cleanText(entries.map(oneLine).join("\n"));
}

/** block_id → action_id → what Slack sends for that element. */
export type FormValues = Record<
  string,
  Record<
    string,
    { value?: string | null | undefined; selected_option?: { value: string } | null | undefined }
  >
>;

/** True when the form names an option that the card never showed. */
export function namesForeignOption(values: FormValues, proposal: Plan): boolean {
  const chosen = chosenOption(values);
  return chosen !== undefined && !proposal.options.some((option) => option.id === chosen);
}

function chosenOption(values: FormValues): string | undefined {
  return values[INPUTS.option.block]?.[INPUTS.option.action]?.selected_option?.value;
}

/** What the person changed. A field that was left alone or left out keeps the proposal, letter by letter. */
export function readEdits(values: FormValues, proposal: Plan): { edits: Edits; reason: string | null } {
  const option = proposal.options.find((candidate) => candidate.id === chosenOption(values));
  const edits: Edits = {
    option: option?.id ?? proposal.recommendedOption,
    riskAssessment: typed(values, INPUTS.risk, riskText(proposal)) ?? proposal.riskAssessment,
    resources: typedLines(values, INPUTS.resources, listText(proposal.resources)) ?? proposal.resources,
    tasks: typedLines(values, INPUTS.tasks, listText(proposal.tasks)) ?? proposal.tasks,
  };
  return { edits, reason: readText(values, INPUTS.reason) };
}

/** null when the input is empty or missing. */
export function readText(values: FormValues, input: { block: string; action: string }): string | null {
  const text = normal(values[input.block]?.[input.action]?.value ?? "");
  return text === "" ? null : text;
}

/** null when the field was not in the form or holds what it was filled with. */
function typed(values: FormValues, input: { block: string; action: string }, shown: string): string | null {
  const element = values[input.block]?.[input.action];
  if (!element) return null;
  const text = normal(element.value ?? "");
  return text === normal(shown) ? null : text;
}

function typedLines(
  values: FormValues,
  input: { block: string; action: string },
  shown: string,
): string[] | null {
  const text = typed(values, input, shown);
  return text === null ? null : linesOf(text);
}

/**
 * Slack's editor changes line ends and outer blanks without anybody meaning anything by it. Characters that
 * neither the store nor Notion can hold are taken out.
 */
function normal(text: string): string {
  return cleanText(text)
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}
