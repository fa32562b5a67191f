/** The row type of emm.captures. */
import type { ColumnType, JSONColumnType } from "kysely";
import type { MessageRef, NewItem } from "../domain/item.ts";

/** Messages of Slack that were sent into the inbox. */
export interface CaptureTable {
  channel: string;
  ts: string;
  /** Of the request that was first. */
  order_key: string;
  item: JSONColumnType<NewItem>;
  origin: JSONColumnType<MessageRef>;
  captured_at: ColumnType<Date, Date | string, Date | string>;
}
