/** What Slack needs for what comes after a decision: whether it was right, and deciding again. */
import type { ReopenObstacle, ReopenOrder, ReopenResult } from "../domain/reopening.ts";
import type { Review, ReviewClick, ReviewResult } from "../domain/review.ts";

export interface ReviewDesk {
  find(decisionId: string, days: number): Promise<Review | null>;
  /** Durable once it returns. Who may answer was checked before. */
  answer(click: ReviewClick): Promise<ReviewResult>;
}

export interface ReopenDesk {
  /** Why it cannot be reopened now; null while it can. */
  obstacle(decisionId: string): Promise<ReopenObstacle | null>;
  /** Durable once it returns. Who may was checked before. */
  reopen(order: ReopenOrder): Promise<ReopenResult>;
}
