/** What the thread under a card needs from the world. */
import type { DecisionRecord, Person, Verdict } from "../domain/decision.ts";

export interface FirstCard {
  decisionId: string;
  cardUrl: string | null;
}

/** Plain JSON: it is kept by the workflow that says it. */
export type ThreadLine =
  | { kind: "voted"; by: Person; given: number; needed: number; isChanged: boolean }
  | { kind: "undone"; by: Person; was: Verdict | "approval" }
  /** Whoever had approved may decide no more. */
  | { kind: "vote-lost"; by: Person; why: string };

export interface ThreadBook {
  /** The earliest decision on the same intent with the same advice; itself, unless it replaces another. */
  firstWithAdvice(decisionId: string): Promise<FirstCard | null>;
}

export interface ThreadBoard {
  /** Whole, each message once; `first`: the card under which the same advice stands already. Waits for everything else. */
  postAdvice(decision: DecisionRecord, first: FirstCard | null): Promise<void>;
  /** Once per key. */
  postLine(key: string, decision: DecisionRecord, line: ThreadLine): Promise<void>;
}

export interface ThreadDeps {
  book: ThreadBook;
  board: ThreadBoard;
}
