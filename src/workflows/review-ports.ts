/** What reviews of settled decisions need from the world. */
import type { DecisionRecord } from "../domain/decision.ts";
import type { MessageRef } from "../domain/item.ts";
import type { Review, ReviewAnswer, Reviewable } from "../domain/review.ts";
import type { Workplace } from "../domain/working-hours.ts";

export interface ReviewBook {
  /**
   * Carried out, and of an age at which one of `afterDays` may be due. Those that were reopened are among them where the
   * first that followed leaves them standing; whether they stand is for the caller to say.
   */
  waiting(now: Date, afterDays: readonly number[]): Promise<(Reviewable & { id: string })[]>;
  /** After how many days people were asked about this one; what was dropped does not count. */
  asked(id: string): Promise<number[]>;
  find(id: string, days: number): Promise<Review | null>;
  /** Takes the place of one that was dropped. */
  note(review: Review): Promise<void>;
  /** The first answer wins; false for every later one, and once the question has ended. */
  answer(id: string, days: number, answer: ReviewAnswer): Promise<boolean>;
  end(id: string, days: number, how: "unanswered" | "dropped", at: string): Promise<boolean>;
  /** Questions that nobody has ended although they are over. */
  overdue(now: Date): Promise<Review[]>;
  /** Whose message shows an old state. */
  undrawn(): Promise<Review[]>;
  drawn(id: string, days: number): Promise<void>;
}

export interface ReviewQuestion extends Pick<Review, "days" | "endsAt"> {
  decision: DecisionRecord;
  card: MessageRef;
}

export interface ReviewBoard {
  /** Asks in the thread of the card; once per key. null = the card is where nobody can be asked any more. */
  ask(key: string, question: ReviewQuestion): Promise<MessageRef | null>;
  /** Makes the message show how the question stands. */
  show(review: Review, decision: DecisionRecord): Promise<void>;
}

export interface ReviewDeps {
  book: ReviewBook;
  board: ReviewBoard;
  place: Workplace;
  /** Empty = nobody is asked. */
  afterDays: readonly number[];
}
