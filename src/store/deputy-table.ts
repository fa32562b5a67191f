/** The row type of emm.deputies. */
import type { ColumnType } from "kysely";

/** Orders that people gave about their own deputy. Rows are never changed: the last one of a principal counts. */
export interface DeputyTable {
  /** Of the order. */
  id: string;
  principal: string;
  principal_name: string;
  ordered_at: ColumnType<Date, Date | string, never>;
  /** null in the columns from here on: no deputy from then on. */
  deputy: string | null;
  deputy_name: string | null;
  last_day: string | null;
  ends_at: ColumnType<Date | null, Date | string | null, never>;
}
