/** More info, Answer and Ask again: opens the form for people who may talk about the decision, while it is open. */
import type { DecisionRecord, Person, Question } from "../../domain/decision.ts";
import { findQuestion, slackRequester, talkObstacle } from "../../domain/talk.ts";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { answerView, questionView } from "../cards/question-view.ts";
import { alreadyAnswered, askedAgain, NO_QUESTION } from "../cards/question-words.ts";
import { explain } from "../gate.ts";
import { decodeDecisionValue, decodeQuestionValue } from "../ids.ts";
import { lookUpNames } from "../names.ts";
import type { Outbound } from "../outbound.ts";
import { openPrepared, type Prepared, type Teller, tell } from "../replies.ts";
import type { TalkAttempt, TalkGate } from "../talk-gate.ts";
import type { TalkDesk } from "../talk-ports.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface TalkActionDeps {
  talk: TalkDesk;
  talkGate: TalkGate;
  outbound: Pick<Outbound, "updateModal" | "person" | "channel"> & Teller;
  now: () => Date;
}

/** For the audit. */
export const TALK_ACTIONS = {
  question: "decision.question",
  answer: "decision.answer",
  dialectic: "decision.dialectic",
} as const;

export function moreInfo(deps: TalkActionDeps) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const { outbound } = deps;
    const to = listenerOf({ body, respond });
    const value = decodeDecisionValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);
    const attempt = attemptOf(body.user, { action: TALK_ACTIONS.question, subject: value.id });
    const view = async (decision: DecisionRecord): Promise<Prepared> => ({
      view: questionView({ decision, requester: await requesterOf(deps, decision, body.user.id) }),
    });
    await openPrepared({
      ...{ outbound, triggerId: body.trigger_id, title: "More info" },
      prepare: () => opened(deps, attempt, view),
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}

export function answerButton(deps: TalkActionDeps) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const { outbound } = deps;
    const to = listenerOf({ body, respond });
    const value = decodeQuestionValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);
    const attempt = attemptOf(body.user, { action: TALK_ACTIONS.answer, subject: value.id });
    const view = async (decision: DecisionRecord): Promise<Prepared> => {
      const question = findQuestion(decision, value.question);
      if (question?.answer === null) return { view: answerView(decision, question) };
      await deps.talkGate.refused(attempt, question ? "already-answered" : "not-found");
      return { refusal: question ? alreadyAnswered(question) : NO_QUESTION };
    };
    await openPrepared({
      ...{ outbound, triggerId: body.trigger_id, title: "Answer" },
      prepare: () => opened(deps, attempt, view),
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}

/** An adviser could not answer. */
export function askAgain(deps: TalkActionDeps) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const { outbound, talk, talkGate } = deps;
    const to = listenerOf({ body, respond });
    const value = decodeQuestionValue(action.value);
    if (value?.attempt === undefined) return tell(outbound, to, GARBLED_BUTTON);
    const attempt = attemptOf(body.user, { action: TALK_ACTIONS.question, subject: value.id });
    const decision = await talk.find(value.id);
    const permission = await talkGate.pass(attempt, decision);
    if (!permission.ok) return tell(outbound, to, permission.reason);
    const { id: decisionId, question: questionId } = value;
    const result = await talk.askAgain({ decisionId, questionId, attempt: value.attempt });
    if (result.kind !== "asked") await talkGate.refused(attempt, result.kind);
    const question = decision && findQuestion(decision, questionId);
    await tell(
      outbound,
      to,
      (await outcome(deps, { result, question, by: permission.person })) ?? NO_QUESTION,
    );
  };
}

interface Ended {
  result: Awaited<ReturnType<TalkDesk["askAgain"]>>;
  question: Question | null;
  by: Person;
}

async function outcome({ talk }: TalkActionDeps, { result, question, by }: Ended): Promise<string | null> {
  switch (result.kind) {
    case "asked":
      return question && askedAgain(question);
    case "already-answered":
      return alreadyAnswered(result.question);
    case "no-question":
      return NO_QUESTION;
    default:
      return explain(talk, result, by);
  }
}

/** The form, when the person may and the decision is still open. */
async function opened(
  { talk, talkGate, now }: TalkActionDeps,
  attempt: TalkAttempt,
  view: (decision: DecisionRecord) => Promise<Prepared>,
): Promise<Prepared> {
  const decision = await talk.find(attempt.subject);
  const permission = await talkGate.pass(attempt, decision);
  if (!permission.ok) return { refusal: permission.reason };
  // Whatever card it was clicked on, the question is about the decision as it stands.
  const obstacle = talkObstacle(decision, now().toISOString());
  if (decision !== null && obstacle === null) return view(decision);
  const result = obstacle ?? ({ kind: "not-found" } as const);
  await talkGate.refused(attempt, result.kind);
  return { refusal: (await explain(talk, result, permission.person)) ?? GARBLED_BUTTON };
}

export function attemptOf(
  user: { id: string; team_id?: string | undefined },
  what: Pick<TalkAttempt, "action" | "subject" | "fresh">,
): TalkAttempt {
  return { userId: user.id, teamId: user.team_id, ...what };
}

/** Null when it is the one who asks, or nobody whom Slack knows. */
async function requesterOf(
  { outbound }: TalkActionDeps,
  decision: DecisionRecord,
  userId: string,
): Promise<string | null> {
  const requester = slackRequester(decision);
  if (requester === null || requester === userId) return null;
  const { users } = await lookUpNames(outbound, { users: [requester], channels: [] });
  return users.get(requester) ?? requester;
}
