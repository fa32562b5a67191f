/** The forms behind More info and Answer. Pure. */
import { createHash } from "node:crypto";
import type { DecisionRecord, Question } from "../../domain/decision.ts";
import { shownHash } from "../../domain/decision.ts";
import { advisersToAsk, slackRequester } from "../../domain/talk.ts";
import { encodeDecisionValue, encodeQuestionValue, INPUTS, VIEWS } from "../ids.ts";
import { cleanText, clip, inertLine, LIMITS, oneLine, pieces } from "../limits.ts";
import { type Block, type Modal, plain, plainSection, section, textInput } from "./blocks.ts";
import { nameOf } from "./decision-parts.ts";
import type { FormValues } from "./edit-view.ts";

const REQUESTER = "requester";

export interface QuestionForm {
  decision: DecisionRecord;
  /** Name of whoever asked for the decision; null when they cannot be asked. */
  requester: string | null;
}

export function questionView({ decision, requester }: QuestionForm): Modal {
  const people = requester === null ? [] : [{ value: REQUESTER, name: `${requester}, who asked for this` }];
  const advisers = advisersToAsk(decision.analysis).map((name) => ({ value: codeOf(name), name }));
  const options = [...people, ...advisers].slice(0, LIMITS.selectOptions).map(({ value, name }) => ({
    text: plain(clip(oneLine(cleanText(name)), LIMITS.optionText), LIMITS.optionText),
    value,
  }));
  return {
    type: "modal",
    callback_id: VIEWS.question,
    private_metadata: encodeDecisionValue({ id: decision.id, hash: shownHash(decision) }),
    title: plain("More info", LIMITS.viewTitle),
    submit: plain("Ask", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section(
        "intro",
        `*${titleOf(decision)}*\nThe question and its answer go into the thread and onto the card. Nothing is decided by asking.`,
      ),
      textInput({
        ...INPUTS.questionText,
        label: "What do you want to know?",
        initial: "",
        optional: false,
        multiline: true,
      }),
      {
        type: "input",
        block_id: INPUTS.questionTo.block,
        label: plain("Who should answer?"),
        element: {
          type: "static_select",
          action_id: INPUTS.questionTo.action,
          options,
          ...(options[0] ? { initial_option: options[0] } : {}),
        },
      },
    ],
  };
}

export type ReadQuestion = { text: string; to: Question["to"] } | { problem: string; block: string };

export function readQuestion(values: FormValues, decision: DecisionRecord): ReadQuestion {
  const text = typed(values, INPUTS.questionText);
  if (text === "") return { problem: "Please write a question.", block: INPUTS.questionText.block };
  const chosen = values[INPUTS.questionTo.block]?.[INPUTS.questionTo.action]?.selected_option?.value;
  if (chosen === REQUESTER && slackRequester(decision) !== null) return { text, to: REQUESTER };
  const adviser = advisersToAsk(decision.analysis).find((name) => codeOf(name) === chosen);
  if (adviser !== undefined) return { text, to: { adviser } };
  return { problem: "Please choose one of those shown.", block: INPUTS.questionTo.block };
}

/** Slack holds 75 characters of a value; a name from the registry may be longer. */
function codeOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 16);
}

export function answerView(decision: DecisionRecord, question: Question): Modal {
  return {
    type: "modal",
    callback_id: VIEWS.answer,
    private_metadata: encodeQuestionValue({ id: decision.id, question: question.id }),
    title: plain("Answer", LIMITS.viewTitle),
    submit: plain("Answer", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      section("intro", `*${titleOf(decision)}*\n${nameOf(question.by)} asks:`),
      ...asWritten(question.text),
      textInput({
        ...INPUTS.answerText,
        label: "Your answer",
        hint: "Everybody who decides reads it on the card.",
        initial: "",
        optional: false,
        multiline: true,
      }),
    ],
  };
}

/** null when nothing was written. */
export function readAnswer(values: FormValues): string | null {
  const text = typed(values, INPUTS.answerText);
  return text === "" ? null : text;
}

function asWritten(text: string): Block[] {
  return pieces(cleanText(text).trim(), LIMITS.sectionText).map((piece, n) =>
    plainSection(`asked_${n}`, piece),
  );
}

function typed(values: FormValues, { block, action }: { block: string; action: string }): string {
  return cleanText(values[block]?.[action]?.value ?? "").trim();
}

function titleOf({ title }: DecisionRecord): string {
  return inertLine(oneLine(title) || "Decision", 200).replace(/\*/g, "∗");
}
