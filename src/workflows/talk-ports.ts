/** What talking about a decision needs from the world. */
import type { DecisionRecord, Person, Question } from "../domain/decision.ts";
import type { GivenAnswer } from "../domain/talk.ts";

/** What is said in the thread of a card; the words are the Slack side's business. */
export type TalkNote =
  | { kind: "asked"; question: Question }
  /** `isLate`: the decision was closed before the answer came; it is in no record. */
  | { kind: "answered"; question: Question; answer: GivenAnswer; isLate: boolean }
  /** `attempt` names the try that failed. */
  | { kind: "not-answered"; question: Question; reason: string; attempt: number }
  | { kind: "dialectic-began"; by: Person }
  | { kind: "dialectic-failed"; by: Person; reason: string }
  /** The decision was settled or changed before they had spoken. */
  | { kind: "dialectic-dropped"; by: Person; reason: string };

export interface TalkBoard {
  /** Once per key. */
  say(key: string, decision: DecisionRecord, note: TalkNote): Promise<void>;
}
