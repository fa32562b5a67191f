/** The submitted forms of More info and Answer. The right is checked again, because a form may have been open for long. */
import { createHash } from "node:crypto";
import type { Person } from "../../domain/decision.ts";
import type { AnswerResult, AskResult } from "../../domain/talk.ts";
import { attemptOf, TALK_ACTIONS } from "../actions/question.ts";
import { DEAD_FORM } from "../cards/notes.ts";
import { readAnswer, readQuestion } from "../cards/question-view.ts";
import { alreadyAnswered, NO_QUESTION, tooMany } from "../cards/question-words.ts";
import { explain } from "../gate.ts";
import { decodeDecisionValue, decodeQuestionValue, INPUTS } from "../ids.ts";
import {
  answerSubmission,
  type FormAnswer,
  type FormSubmission,
  type Submission,
  turnedAway,
  unchanged,
} from "../submissions.ts";
import type { TalkGate } from "../talk-gate.ts";
import type { TalkDesk } from "../talk-ports.ts";

export interface SubmitTalkDeps {
  talk: TalkDesk;
  talkGate: TalkGate;
  outbound: Submission["outbound"];
  now: () => Date;
}

type Form = Pick<FormSubmission, "body" | "view">;

export function submitQuestion(deps: SubmitTalkDeps) {
  return submission(deps, async ({ body, view }): Promise<FormAnswer> => {
    const { talk, talkGate, now } = deps;
    const value = decodeDecisionValue(view.private_metadata);
    if (value === null) return unchanged(DEAD_FORM);
    const attempt = attemptOf(body.user, { action: TALK_ACTIONS.question, subject: value.id, fresh: true });
    const decision = await talk.find(value.id);
    const permission = await talkGate.pass(attempt, decision);
    if (!permission.ok) return turnedAway(permission, INPUTS.questionText.block);
    const by = permission.person;
    if (decision === null) return ended(deps, { result: { kind: "not-found" }, attempt, by });
    const read = readQuestion(view.state.values, decision);
    if ("problem" in read) return { kind: "field", block: read.block, sentence: read.problem };
    const question = { id: tokenOf(view.id), ...read, by, at: now().toISOString() };
    const result = await talk.ask({ decisionId: value.id, question });
    return ended(deps, { result, attempt, by });
  });
}

export function submitAnswer(deps: SubmitTalkDeps) {
  return submission(deps, async ({ body, view }): Promise<FormAnswer> => {
    const { talk, talkGate, now } = deps;
    const value = decodeQuestionValue(view.private_metadata);
    if (value === null) return unchanged(DEAD_FORM);
    const attempt = attemptOf(body.user, { action: TALK_ACTIONS.answer, subject: value.id, fresh: true });
    const permission = await talkGate.pass(attempt, await talk.find(value.id));
    if (!permission.ok) return turnedAway(permission, INPUTS.answerText.block);
    const text = readAnswer(view.state.values);
    if (text === null) {
      return { kind: "field", block: INPUTS.answerText.block, sentence: "Please write an answer." };
    }
    const by = permission.person;
    const answer = { text, by, at: now().toISOString() };
    const { id: decisionId, question: questionId } = value;
    const result = await talk.answer({ decisionId, questionId, answer, token: tokenOf(view.id) });
    return ended(deps, { result, attempt, by });
  });
}

/** Names what a form does: the same one, delivered twice, does it once. */
function tokenOf(viewId: string): string {
  return createHash("sha256").update(viewId).digest("hex").slice(0, 12);
}

interface Ended {
  result: AskResult | AnswerResult;
  attempt: ReturnType<typeof attemptOf>;
  by: Person;
}

async function ended(
  { talk, talkGate }: SubmitTalkDeps,
  { result, attempt, by }: Ended,
): Promise<FormAnswer> {
  if (result.kind === "asked" || result.kind === "answered") return { kind: "done" };
  await talkGate.refused(attempt, result.kind);
  switch (result.kind) {
    case "too-many":
      return unchanged(tooMany(result.most));
    case "already-answered":
      return unchanged(alreadyAnswered(result.question));
    case "no-question":
      return unchanged(NO_QUESTION);
    default:
      return unchanged((await explain(talk, result, by)) ?? NO_QUESTION);
  }
}

function submission({ outbound }: SubmitTalkDeps, handle: (form: Form) => Promise<FormAnswer>) {
  return ({ ack, body, view }: FormSubmission): Promise<void> =>
    answerSubmission({ form: { ack, body, view }, outbound, work: () => handle({ body, view }) });
}
