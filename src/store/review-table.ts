/** The row type of emm.reviews. */
import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { ReviewState } from "../domain/review.ts";

type Timestamp = ColumnType<Date, Date | string, Date | string>;

/** Whether a decision was right: what people were asked, and what came of it. */
export interface ReviewTable {
  decision_id: string;
  /** How long after the decision. */
  days: number;
  asked_at: Timestamp;
  ends_at: Timestamp;
  channel: string;
  ts: string;
  state_kind: ReviewState["kind"];
  state: JSONColumnType<ReviewState>;
  /** Whether the message shows this state. */
  is_drawn: Generated<boolean>;
}
