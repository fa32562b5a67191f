/** What the thread under a card needs from the world. */
import type { DecisionRecord } from "../domain/decision.ts";

export interface FirstCard {
  decisionId: string;
  cardUrl: string | null;
}

export interface ThreadBook {
  /** The earliest decision on the same intent with the same advice; itself, unless it replaces another. */
  firstWithAdvice(decisionId: string): Promise<FirstCard | null>;
}

export interface ThreadBoard {
  /** Whole, each message once; `first`: the card under which the same advice stands already. Waits for everything else. */
  postAdvice(decision: DecisionRecord, first: FirstCard | null): Promise<void>;
}

export interface ThreadDeps {
  book: ThreadBook;
  board: ThreadBoard;
}
