/** Several decisions with an impact below 8 in one form: each with a choice of its own. Pure; within Slack's limits for any text. */
import { BATCH_AT_MOST, type BatchEnd, type BatchEnded } from "../../domain/batch.ts";
import { type DecisionRecord, shownHash, shownPlan } from "../../domain/decision.ts";
import { ACTIONS, type BatchValue, encodeBatchValue, INPUTS, VIEWS } from "../ids.ts";
import { fitting, inertLine, LIMITS, link, oneLine, timeOfDay } from "../limits.ts";
import {
  actions,
  type Block,
  button,
  context,
  divider,
  type Modal,
  plain,
  section,
  textInput,
} from "./blocks.ts";
import { optionName, tasksWord } from "./decision-parts.ts";
import type { FormValues } from "./edit-view.ts";
import { resultSentence } from "./notes.ts";
import { reopenedMark, waitingWords } from "./pending.ts";

export type BatchChoice = "approve" | "reject" | "leave";

const CHOICES: { value: BatchChoice; text: string }[] = [
  { value: "leave", text: "Leave open" },
  { value: "approve", text: "Approve" },
  { value: "reject", text: "Reject" },
];

export const BATCH_TITLE = "Decide several at once";

/** The way to the form, where there is more than one to decide in it. */
export function batchRow(count: number): Block[] {
  if (count < 2) return [];
  const text = `${BATCH_TITLE} (${count})`;
  const label = `Decide several with an impact below 8 at once, ${count} in all`;
  return [actions("batch", [button({ action: ACTIONS.batch, text, value: "batch", label })])];
}

interface BatchInput {
  /** Oldest first. */
  decisions: DecisionRecord[];
  fromHome: boolean;
  now: Date;
}

export function batchView({ decisions, fromHome, now }: BatchInput): Modal {
  const shown = decisions.slice(0, BATCH_AT_MOST);
  const more = decisions.length - shown.length;
  const value: BatchValue = {
    items: shown.map((decision) => ({ id: decision.id, hash: shownHash(decision) })),
    fromHome,
  };
  return {
    type: "modal",
    callback_id: VIEWS.batch,
    private_metadata: encodeBatchValue(value),
    title: plain(BATCH_TITLE, LIMITS.viewTitle),
    submit: plain("Decide", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section(
        "intro",
        "Decisions with an impact below 8, oldest first. Each is recorded by itself, as if decided on its card; to change a plan, use Edit there.",
      ),
      ...shown.flatMap((decision, index) => oneOf(decision, index, now)),
      ...(more > 0 ? [context("more", `… and ${more} more; they move up as these are decided`)] : []),
      textInput({
        ...INPUTS.batchReason,
        label: "Why the rejected ones are rejected",
        hint: "Needed if you reject any; kept with each of them",
        ...{ initial: "", optional: true, multiline: true },
      }),
    ],
  };
}

function oneOf(decision: DecisionRecord, index: number, now: Date): Block[] {
  const { title, cardUrl, pipeUrl } = decision;
  const number = index + 1;
  const name = inertLine(oneLine(title) || "Decision", 150).replace(/\*/g, "∗");
  const options = CHOICES.map(({ value, text }) => ({ text: plain(text), value }));
  return [
    divider(`batch_${index}_divider`),
    section(
      `batch_${index}_about`,
      [
        `*${number}. ${link(cardUrl ?? pipeUrl, name)}*${reopenedMark(decision)}`,
        ...about(decision, now),
      ].join("\n"),
    ),
    {
      type: "input",
      block_id: choiceBlock(index),
      label: plain(`Decision on number ${number}`, LIMITS.inputLabel),
      element: {
        type: "static_select",
        action_id: INPUTS.batchChoice.action,
        options,
        ...(options[0] && { initial_option: options[0] }),
      },
    },
  ];
}

function about(decision: DecisionRecord, now: Date): string[] {
  const { analysis, questions } = decision;
  const plan = shownPlan(decision);
  const { risk, impact } = analysis.triage;
  const against = analysis.disagreement.dissent.map(({ adviser }) => inertLine(adviser, 40));
  const vetoes = analysis.advice.flatMap(({ adviser, veto }) =>
    veto ? [`${inertLine(adviser, 40)} against ${inertLine(veto.option, 4)}`] : [],
  );
  const open = questions.filter(({ answer }) => answer === null).length;
  const facts = [
    `Impact ${Number.isFinite(impact) ? impact : "no data"} of 10, risk ${inertLine(risk, 10)}`,
    plan.tasks.length === 0 ? "no tasks" : tasksWord(plan.tasks.length),
    waitingWords(decision, now),
  ];
  return [
    `Recommended: ${inertLine(optionName(plan, plan.recommendedOption), 160)}`,
    ...(against.length > 0 ? [`Against it: ${against.slice(0, 4).join(", ")}`] : []),
    ...(vetoes.length > 0 ? [`*Veto* by ${vetoes.slice(0, 4).join(", ")}`] : []),
    ...(open > 0
      ? [open === 1 ? "1 question is not answered yet" : `${open} questions are not answered yet`]
      : []),
    facts.join(" · "),
  ];
}

const choiceBlock = (index: number) => `${INPUTS.batchChoice.block}_${index}`;

/** One for each item, in order; what was not chosen is left. */
export function readBatch(values: FormValues, count: number): BatchChoice[] {
  return Array.from({ length: count }, (_, index) => {
    const chosen = values[choiceBlock(index)]?.[INPUTS.batchChoice.action]?.selected_option?.value;
    return CHOICES.find(({ value }) => value === chosen)?.value ?? "leave";
  });
}

/** How one of them ended. `title` as it stands, `sentence` inert: why nothing was decided, null when it was. */
export interface BatchResult {
  title: string;
  url: string | null;
  choice: Exclude<BatchChoice, "leave">;
  sentence: string | null;
  /** ISO 8601, UTC: how long it can be taken back; null when it cannot. */
  undoUntil: string | null;
}

/** In the words for whoever sent the form in. */
export function resultsFor(userId: string, ended: readonly BatchEnded[]): BatchResult[] {
  return ended.map(({ title, cardUrl, choice, end, undoUntil }) => ({
    ...{ title, url: cardUrl, choice, undoUntil },
    sentence: sentenceFor(userId, end),
  }));
}

function sentenceFor(userId: string, end: BatchEnd): string | null {
  switch (end.kind) {
    case "refused":
      return end.reason;
    case "high-impact":
      return HIGH;
    case "clicked":
      return resultSentence(end.result, { userId, replacementUrl: end.replacementUrl });
  }
}

const HIGH =
  "This has too high an impact to be decided with others. Nothing was decided. Please decide on its card.";

export function batchResultView(results: BatchResult[], left: number): Modal {
  return {
    type: "modal",
    callback_id: VIEWS.message,
    title: plain(BATCH_TITLE, LIMITS.viewTitle),
    close: plain("Close", LIMITS.viewTitle),
    blocks: [
      section("sum", sumOf(results, left)),
      ...results.map((result, index) => section(`result_${index}`, resultLine(result))),
    ],
  };
}

/** The same as text, for a direct message. */
export function batchResultText(results: BatchResult[], left: number): string {
  const lines = results.map((result) => `• ${resultLine(result)}`);
  const shown = fitting(lines, TEXT_ROOM);
  const more = lines.length - shown.length;
  return [sumOf(results, left), ...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join("\n");
}

/** Characters of the lines; a message holds 9,000. */
const TEXT_ROOM = 8_500;

function sumOf(results: BatchResult[], left: number): string {
  const decided = results.filter(({ sentence }) => sentence === null).length;
  const failed = results.length - decided;
  return [
    `*${decided} decided*`,
    ...(failed > 0 ? [`*${failed} not decided*`] : []),
    ...(left > 0 ? [`${left} left open`] : []),
  ].join(", ");
}

function resultLine({ title, url, choice, sentence, undoUntil }: BatchResult): string {
  const name = link(url, inertLine(oneLine(title) || "Decision", 150));
  if (sentence !== null) return `⚠️ ${name}: ${sentence}`;
  const undo =
    undoUntil === null ? "" : ` *Undo* is on its card and in the Home tab until ${timeOfDay(undoUntil)}.`;
  return `${choice === "approve" ? "✅" : "❌"} ${name}: ${choice === "approve" ? "approved" : "rejected"}.${undo}`;
}
