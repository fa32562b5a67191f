/** The row types of emm.nodes and emm.node_readings. */
import type { ColumnType } from "kysely";

type Timestamp = ColumnType<Date, Date | string, Date | string>;

/** A node in Notion by its name. */
export interface NodeTable {
  data_source_id: string;
  id: string;
  title: string;
}

/** Until when the nodes of a data source are known. */
export interface NodeReadingTable {
  data_source_id: string;
  /** Everything edited before is in emm.nodes. */
  since: Timestamp;
  /** Notion has nodes that it does not list. */
  is_partial: boolean;
}
