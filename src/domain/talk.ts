/** Questions about a decision and further advice on it: who can be asked, and what each step does to the record. Pure. */
import type { Analysis, Answered } from "./analysis.ts";
import type { DecideResult, DecisionRecord, Evolution, Person, Question } from "./decision.ts";
import type { InboxItem } from "./item.ts";

/** The built-in three, in the order in which they speak; rows of the Agent Registry keep these names. */
export const THREE_ADVISERS = ["The Entrepreneur", "The Quant", "The Auditor"] as const;

/** A card that nobody can read to the end informs nobody. */
const MOST_QUESTIONS = 20;

export type NewQuestion = Pick<Question, "id" | "text" | "by" | "at" | "to">;

/** Not open to questions any more. */
export type Closed = Extract<DecideResult, { kind: "already-decided" | "stale" | "too-late" | "not-found" }>;

export type AskResult = { kind: "asked" } | { kind: "too-many"; most: number } | Closed;

export type AnswerResult =
  | { kind: "answered" }
  /** Somebody was first. */
  | { kind: "already-answered"; question: Question }
  | { kind: "no-question" }
  | Closed;

/** Null while it can be talked about; `at` (ISO 8601) is now. */
export function talkObstacle(decision: DecisionRecord | null, at: string): Closed | null {
  if (decision === null) return { kind: "not-found" };
  const { state, expiresAt } = decision;
  switch (state.kind) {
    case "pending":
      return expiresAt !== null && Date.parse(at) >= Date.parse(expiresAt)
        ? { kind: "too-late", expiresAt }
        : null;
    case "undoable":
    case "recording":
    case "recorded":
      return { kind: "already-decided", outcome: state.outcome };
    case "superseded":
      return { kind: "stale", replacement: state.by, reason: state.reason };
  }
}

/** The same question, asked again by a repeated step, is asked once. */
export function askQuestion(decision: DecisionRecord, asked: NewQuestion): Evolution<AskResult> {
  const { questions } = decision;
  if (questions.some(({ id }) => id === asked.id)) return { patch: null, result: { kind: "asked" } };
  const obstacle = talkObstacle(decision, asked.at);
  if (obstacle !== null) return { patch: null, result: obstacle };
  if (questions.length >= MOST_QUESTIONS) {
    return { patch: null, result: { kind: "too-many", most: MOST_QUESTIONS } };
  }
  const question: Question = { ...asked, answer: null };
  return { patch: { questions: [...questions, question] }, result: { kind: "asked" } };
}

export type GivenAnswer = NonNullable<Question["answer"]>;

/** The first answer counts. An answer to a decision that is no longer open changes nothing. */
export function answerQuestion(
  decision: DecisionRecord,
  id: string,
  answer: GivenAnswer,
): Evolution<AnswerResult> {
  const question = findQuestion(decision, id);
  if (question === null) return { patch: null, result: { kind: "no-question" } };
  if (question.answer !== null) {
    return {
      patch: null,
      result: isSame(question.answer, answer) ? { kind: "answered" } : { kind: "already-answered", question },
    };
  }
  const obstacle = talkObstacle(decision, answer.at);
  if (obstacle !== null) return { patch: null, result: obstacle };
  const questions = decision.questions.map((one) => (one.id === id ? { ...one, answer } : one));
  return { patch: { questions }, result: { kind: "answered" } };
}

/** A repeated step gives its own answer a second time, at another moment. */
function isSame(one: GivenAnswer, other: GivenAnswer): boolean {
  return one.text === other.text && JSON.stringify(one.by) === JSON.stringify(other.by);
}

export function findQuestion({ questions }: Pick<DecisionRecord, "questions">, id: string): Question | null {
  return questions.find((question) => question.id === id) ?? null;
}

/** Oldest first. */
export function answeredOf(questions: readonly Question[]): Answered[] {
  return questions.flatMap(({ text, by, answer }) =>
    answer === null
      ? []
      : [{ question: text, askedBy: by.name, answer: answer.text, answeredBy: answererName(answer) }],
  );
}

export function answererName({ by }: GivenAnswer): string {
  return typeof by === "string" ? by : by.name;
}

/** Those who spoke, then the others of the three. */
export function advisersToAsk({ advice }: Pick<Analysis, "advice">): string[] {
  return [...new Set([...advice.map(({ adviser }) => adviser), ...THREE_ADVISERS])];
}

/** Whether asking all three could add a voice: one was asked, or somebody could not be heard. */
export function lacksVoices({ advice, missing }: Pick<Analysis, "advice" | "missing">): boolean {
  return advice.length < THREE_ADVISERS.length || missing.length > 0;
}

/** Only people of Slack can be called into a thread. */
export function slackRequester({ requestedBy }: Pick<DecisionRecord, "requestedBy">): string | null {
  return requestedBy !== null && /^[UW][A-Z0-9]{2,}$/.test(requestedBy) ? requestedBy : null;
}

/** An order to hear all three, as the workflow and the store keep it. */
export interface DialecticOrder {
  decisionId: string;
  by: Person;
  /** ISO 8601, UTC. */
  at: string;
}

export type DialecticStart =
  | { kind: "started" }
  /** One at a time for each decision. */
  | { kind: "running"; order: DialecticOrder }
  | { kind: "all-heard" }
  | Closed;

/** Null when the three may be asked; `at` is now. */
export function dialecticObstacle(decision: DecisionRecord | null, at: string): DialecticStart | null {
  const obstacle = talkObstacle(decision, at);
  if (obstacle !== null || decision === null) return obstacle;
  return lacksVoices(decision.analysis) ? null : { kind: "all-heard" };
}

/** Begins the key under which an item is captured on which all three are wanted; Notion keeps it with the item. */
export const DIALECTIC_CAPTURE = "slack-dialectic";

export function wantsDialectic({ key }: Pick<InboxItem, "key">): boolean {
  return key?.startsWith(`capture:${DIALECTIC_CAPTURE}:`) ?? false;
}
