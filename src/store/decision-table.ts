/** The row type of emm.decisions. */
import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { Analysis } from "../domain/analysis.ts";
import type { Asked } from "../domain/asked.ts";
import type {
  Approval,
  DecisionRecord,
  DecisionState,
  Draft,
  Question,
  Reopening,
} from "../domain/decision.ts";
import type { Plan } from "../domain/plan.ts";

type Timestamp = ColumnType<Date, Date | string, Date | string>;
type OptionalTimestamp = ColumnType<Date | null, Date | string | null, Date | string | null>;

export interface DecisionTable {
  id: string;
  item_id: string;
  intent_id: string;
  pipe_url: string;
  intent_url: string;
  title: string;
  /** What was asked lies beside what was said, and is read only where it is shown. */
  analysis: JSONColumnType<Analysis & { asked?: Asked }>;
  proposal: JSONColumnType<Plan>;
  hash: string;
  requested_by: string | null;
  area_id: string | null;
  created_at: Timestamp;
  expires_at: OptionalTimestamp;
  state_kind: DecisionState["kind"];
  state: JSONColumnType<DecisionState>;
  card_channel: string | null;
  card_ts: string | null;
  card_url: string | null;
  rev: Generated<number>;
  card_rev: Generated<number>;
  updated_at: Timestamp;
  escalated_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  escalated_to: ColumnType<string[] | null, string | null | undefined, string | null>;
  approvals: ColumnType<Approval[], string | undefined, string>;
  draft: ColumnType<Draft | null, string | null | undefined, string | null>;
  questions: ColumnType<Question[], string | undefined, string>;
  reopening: ColumnType<Reopening | null, string | null | undefined, never>;
  reopened_as: ColumnType<DecisionRecord["reopenedAs"], string | null | undefined, string | null>;
  round: Generated<number>;
  /** The longest after which people were asked whether it was right; 0 = not yet. */
  reviewed_days: Generated<number>;
}
