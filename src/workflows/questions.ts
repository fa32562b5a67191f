/**
 * Questions about an open decision: noted on the record, shown on the card, said in its thread, and answered by a person
 * or by an adviser. The first answer counts. What an adviser could not answer is said with the reason, and can be asked
 * again; nobody waits for an answer inside a workflow.
 */
import type { Adviser } from "../domain/analysis.ts";
import { type DecisionRecord, type Evolution, type Question, shownPlan } from "../domain/decision.ts";
import { BOT } from "../domain/decision-life.ts";
import type { InboxItem } from "../domain/item.ts";
import type { PauseState } from "../domain/pause.ts";
import {
  type AnswerResult,
  type AskResult,
  answeredOf,
  answerQuestion,
  askQuestion,
  findQuestion,
  type GivenAnswer,
  type NewQuestion,
} from "../domain/talk.ts";
import { type Failure, isAppError, toFailure } from "../errors.ts";
import type { CardWorkflows } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { pause, registerWorkflow, StepFailed, startOnce, step, stepOnce } from "./engine.ts";
import type { TalkNote } from "./talk-ports.ts";

export interface QuestionOrder {
  decisionId: string;
  question: NewQuestion;
}

export interface AnswerOrder {
  decisionId: string;
  questionId: string;
  answer: GivenAnswer;
  /** Names the form; the same one answers once. */
  token: string;
}

interface AdviserOrder {
  decisionId: string;
  questionId: string;
  adviser: string;
  /** From 1. */
  attempt: number;
}

export type AskAgainResult = { kind: "asked" } | Exclude<AnswerResult, { kind: "answered" }>;

export interface QuestionDesk {
  /** Durable once it returns; the same question id asks once. */
  ask(order: QuestionOrder): Promise<AskResult>;
  answer(order: AnswerOrder): Promise<AnswerResult>;
  /** The same adviser once more; the same attempt is made once. */
  askAgain(order: Omit<AdviserOrder, "adviser">): Promise<AskAgainResult>;
}

/** Said once per key, however long Slack takes; does not wait. */
export type Say = (key: string, decisionId: string, note: TalkNote) => Promise<unknown>;

export function registerTalkNotes({ books, talk }: WorkflowDeps): Say {
  const say = registerWorkflow("talk", async (key: string, id: string, note: TalkNote): Promise<void> => {
    // Read as late as it can be: the card may not be posted yet when there is already something to say about it.
    await step(`say:${key}`, async () => {
      const decision = await books.decisions.find(id);
      if (decision) await talk.say(key, decision, note);
    });
  });
  return (key, id, note) => startOnce(`talk:${key}`, say, key, id, note);
}

export function registerQuestions(deps: WorkflowDeps, cards: CardWorkflows, say: Say): QuestionDesk {
  const byAdviser = registerAdviserAnswer(deps, cards, say);
  const ask = registerAsking(deps, { cards, say, byAdviser });
  const answer = registerAnswering(deps, cards, say);
  const { books } = deps;
  return {
    async ask({ decisionId, question }) {
      const id = await versionThatStands(deps, decisionId);
      return (await startOnce(`question:${id}:${question.id}`, ask, id, question)).result();
    },
    async answer(order) {
      const { questionId, token } = order;
      const started = await startOnce(`answer:${order.decisionId}:${questionId}:${token}`, answer, order);
      return started.result();
    },
    async askAgain({ decisionId, questionId, attempt }) {
      const id = await versionThatStands(deps, decisionId);
      const decision = await books.decisions.find(id);
      const question = decision && findQuestion(decision, questionId);
      if (!decision || !question || question.to === "requester") return { kind: "no-question" };
      // What an answer would come to is what asking for it comes to.
      const { result } = answerQuestion(decision, questionId, {
        text: "",
        by: "",
        at: deps.now().toISOString(),
      });
      if (result.kind !== "answered") return result;
      await byAdviser({ decisionId: id, questionId, adviser: question.to.adviser, attempt });
      return { kind: "asked" };
    },
  };
}

/** Versions follow each other when the plan changes; nobody changes one that often. */
const VERSIONS_AT_MOST = 50;

/** A card that was replaced speaks for the one that replaced it. */
export async function versionThatStands(
  { books }: Pick<WorkflowDeps, "books">,
  decisionId: string,
): Promise<string> {
  let id = decisionId;
  for (let version = 0; version < VERSIONS_AT_MOST; version += 1) {
    const state = (await books.decisions.find(id))?.state;
    if (state?.kind !== "superseded" || state.by === null) return id;
    id = state.by;
  }
  return id;
}

/** `change` on the version that stands, which may change while it is looked for. */
async function evolveStanding<R extends { kind: string }>(
  deps: WorkflowDeps,
  decisionId: string,
  change: (known: DecisionRecord) => Evolution<R>,
): Promise<{ id: string; result: R | { kind: "not-found" } }> {
  let id = decisionId;
  for (;;) {
    id = await versionThatStands(deps, id);
    const evolved = await deps.books.decisions.evolve(id, change);
    if (evolved === null) return { id, result: { kind: "not-found" } };
    const { state } = evolved.decision;
    if (state.kind !== "superseded" || state.by === null) return { id, result: evolved.result };
  }
}

interface Asking {
  cards: CardWorkflows;
  say: Say;
  byAdviser: (order: AdviserOrder) => Promise<unknown>;
}

function registerAsking(deps: WorkflowDeps, { cards, say, byAdviser }: Asking) {
  const { books } = deps;

  const spread = registerWorkflow("question-asked", async (id: string, asked: Question): Promise<void> => {
    const { by, to, text } = asked;
    await step(`audit-question:${asked.id}`, () =>
      books.audit.record({
        actor: by.slackId ?? by.name,
        action: "decision.question",
        subject: id,
        outcome: "done",
        detail: `to ${to === "requester" ? "whoever asked for it" : to.adviser}: ${text}`,
        at: asked.at,
      }),
    );
    await cards.show(id, `question-${asked.id}`);
    await say(`asked:${id}:${asked.id}`, id, { kind: "asked", question: asked });
    if (to === "requester") return;
    await byAdviser({ decisionId: id, questionId: asked.id, adviser: to.adviser, attempt: 1 });
  });

  return registerWorkflow("question", async (id: string, question: NewQuestion): Promise<AskResult> => {
    const result = await step(`note:${question.id}`, async () => {
      const evolved = await books.decisions.evolve(id, (known) => askQuestion(known, question));
      return evolved?.result ?? ({ kind: "not-found" } as const);
    });
    if (result.kind === "asked") {
      const asked = { ...question, answer: null };
      await startOnce(`question-asked:${id}:${question.id}`, spread, id, asked);
    }
    return result;
  });
}

interface Taken {
  id: string;
  question: Question;
  answer: GivenAnswer;
}

/** An answer that counts, from the record to everybody's eyes. */
async function showAnswer(
  { books }: WorkflowDeps,
  { cards, say }: { cards: CardWorkflows; say: Say },
  { id, question, answer }: Taken,
): Promise<void> {
  const { by } = answer;
  const isAdviser = typeof by === "string";
  await step(`audit-answer:${question.id}`, () =>
    books.audit.record({
      actor: isAdviser ? BOT : (by.slackId ?? by.name),
      action: "decision.answer",
      subject: id,
      outcome: "done",
      detail: `${isAdviser ? `${by}: ` : ""}${answer.text}`,
      at: answer.at,
    }),
  );
  await cards.show(id, `answer-${question.id}`);
  await say(`answered:${question.id}`, id, { kind: "answered", question, answer, isLate: false });
}

function registerAnswering(deps: WorkflowDeps, cards: CardWorkflows, say: Say) {
  const spread = registerWorkflow(
    "answer-given",
    (taken: Taken): Promise<void> => showAnswer(deps, { cards, say }, taken),
  );
  return registerWorkflow("answer", async (order: AnswerOrder): Promise<AnswerResult> => {
    const { decisionId, questionId, answer } = order;
    const { id, result, question } = await step(`note-answer:${questionId}`, async () => {
      const noted = await evolveStanding(deps, decisionId, (known) =>
        answerQuestion(known, questionId, answer),
      );
      const decision = await deps.books.decisions.find(noted.id);
      return { ...noted, question: decision && findQuestion(decision, questionId) };
    });
    if (result.kind === "answered" && question) {
      await startOnce(`answer-given:${questionId}`, spread, { id, question, answer });
    }
    return result;
  });
}

type Prepared = { kind: "ready"; adviser: Adviser; item: InboxItem } | { kind: "not-now"; reason: string };

function registerAdviserAnswer(deps: WorkflowDeps, cards: CardWorkflows, say: Say) {
  const { books, counsel } = deps;

  const workflow = registerWorkflow("adviser-answer", async (order: AdviserOrder): Promise<void> => {
    const { decisionId, questionId, adviser: name, attempt } = order;
    const decision = await step(`load:${questionId}`, () => books.decisions.find(decisionId));
    const question = decision && findQuestion(decision, questionId);
    if (!decision || !question || question.answer !== null) return;
    const prepared = await prepare(deps, decision, { questionId, name });
    const given =
      prepared.kind === "not-now"
        ? prepared
        : await step(`answer:${questionId}:${attempt}`, async () => {
            const { item, adviser } = prepared;
            const { triage, frame, advice, synthesis } = decision.analysis;
            const key = `question:${questionId}:${attempt}`;
            const answered = answeredOf(decision.questions);
            const plan = shownPlan(decision);
            const asked = { adviser, question: question.text, plan, answered };
            return counsel.answer({ key, item, triage, frame, advice, synthesis, ...asked });
          });
    if (given.kind !== "ok") {
      const reason = given.kind === "failed" ? given.failure.message : given.reason;
      await admit(deps, say, { order, question, reason });
      return;
    }
    const { text } = given.value;
    const { answer, id, kind } = await noteAdvice(deps, order, text);
    if (kind === "already-answered") return;
    if (kind !== "answered") {
      const note = { kind: "answered", question, answer, isLate: true } as const;
      await say(`answered-late:${questionId}:${attempt}`, decisionId, note);
    } else await showAnswer(deps, { cards, say }, { id, question, answer });
  });

  return (order: AdviserOrder) =>
    startOnce(`adviser-answer:${order.decisionId}:${order.questionId}:${order.attempt}`, workflow, order);
}

/** Doubled each time: an hour in all. What lies in the trash is never replaced. */
const FIRST_LOOK_MS = 1_000;
const LOOKS = 12;

/** On the version that stands; while one is being replaced, Notion may keep the next one waiting. */
async function noteAdvice(
  deps: WorkflowDeps,
  { decisionId, questionId, adviser }: AdviserOrder,
  text: string,
): Promise<{ answer: GivenAnswer; id: string; kind: string }> {
  for (let look = 0; ; look += 1) {
    const name = `note-answer:${questionId}${look === 0 ? "" : `:${look}`}`;
    const { isBetween, ...noted } = await step(name, async () => {
      const answer: GivenAnswer = { text, by: adviser, at: deps.now().toISOString() };
      const { id, result } = await evolveStanding(deps, decisionId, (known) =>
        answerQuestion(known, questionId, answer),
      );
      return { answer, id, kind: result.kind, isBetween: result.kind === "stale" };
    });
    if (!isBetween || look === LOOKS) return noted;
    await pause(FIRST_LOOK_MS * 2 ** look);
  }
}

/** Who is asked, and on what; or why nobody is asked now. */
async function prepare(
  deps: WorkflowDeps,
  decision: DecisionRecord,
  { questionId, name }: { questionId: string; name: string },
): Promise<Prepared> {
  return orReason(() =>
    stepOnce(`prepare:${questionId}`, async (): Promise<Prepared> => {
      const held = await deps.pause.state();
      if (held !== null) return { kind: "not-now", reason: heldWords(held) };
      const advisers = deps.counsel.advisers(await deps.notion.catalogue.advisers());
      const adviser = advisers.find((one) => one.name === name);
      if (adviser) return { kind: "ready", adviser, item: await itemOf(deps, decision) };
      return { kind: "not-now", reason: `${name} is not among the active advisers any more.` };
    }),
  );
}

/** Why nobody is asked now; for people. */
export function heldWords({ by, reason, until }: PauseState): string {
  const why = reason === "" ? "" : ` (${reason})`;
  const end = until === null ? "" : ` until ${until.slice(0, 16).replace("T", " ")} UTC`;
  return `${by} has paused polls${end}${why}; advisers are not asked meanwhile.`;
}

/** A failed step as a reason: somebody waits for the answer and can ask again. */
export async function orReason<T>(run: () => Promise<T>): Promise<T | { kind: "not-now"; reason: string }> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StepFailed) return { kind: "not-now", reason: error.message };
    throw error;
  }
}

/** What the advisers read. An item that is gone leaves what the decision itself says. */
export async function itemOf({ notion }: WorkflowDeps, decision: DecisionRecord): Promise<InboxItem> {
  try {
    return await notion.inbox.read(decision.itemId);
  } catch (error) {
    const failure: Failure = toFailure(error);
    if (!isAppError(error) || failure.retryable) throw error;
    const { itemId: id, intentUrl: url, title, requestedBy, createdAt } = decision;
    return { id, url, title, content: "", source: "", requestedBy, createdAt };
  }
}

interface Unanswered {
  order: AdviserOrder;
  question: Question;
  reason: string;
}

async function admit({ books }: WorkflowDeps, say: Say, { order, question, reason }: Unanswered) {
  const { decisionId, attempt, adviser } = order;
  await step(`audit-failed:${question.id}:${attempt}`, () =>
    books.audit.record({
      actor: BOT,
      action: "decision.answer",
      subject: decisionId,
      outcome: "failed",
      detail: `${adviser}: ${reason}`,
    }),
  );
  const note = { kind: "not-answered", question, reason, attempt } as const;
  await say(`not-answered:${decisionId}:${question.id}:${attempt}`, decisionId, note);
}
