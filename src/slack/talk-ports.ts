/** What questions and the dialectic on demand need from the rest of the bot. */
import type { DecisionRecord } from "../domain/decision.ts";
import type {
  AnswerResult,
  AskResult,
  DialecticOrder,
  DialecticStart,
  GivenAnswer,
  NewQuestion,
} from "../domain/talk.ts";

export interface TalkDesk {
  /** As it stands: of a decision that was replaced, the one in its place. */
  find(decisionId: string): Promise<DecisionRecord | null>;
  /** Durable once it returns; the same question id asks once. */
  ask(order: { decisionId: string; question: NewQuestion }): Promise<AskResult>;
  /** Durable once it returns; the same `token` answers once. */
  answer(order: {
    decisionId: string;
    questionId: string;
    answer: GivenAnswer;
    token: string;
  }): Promise<AnswerResult>;
  /** The same adviser once more; the same attempt is made once. */
  askAgain(order: {
    decisionId: string;
    questionId: string;
    attempt: number;
  }): Promise<{ kind: "asked" } | Exclude<AnswerResult, { kind: "answered" }>>;
  /** All three advisers. Durable once it returns; one at a time for each decision. */
  startDialectic(order: Pick<DialecticOrder, "decisionId" | "by">): Promise<DialecticStart>;
}
