/** What changes that were made for speed brought, each measured once, right before and right after it, on one machine. */
import type { Table } from "./report.ts";

const ROWS: [what: string, before: string, after: string, by: string][] = [
  [
    "a click in the middle of a backlog at Notion's real limit, until it is recorded",
    "33.0 s, 35.3 s",
    "1.62 s, 1.22 s",
    "a fourteenth of Notion's minute is kept free of items, and a decision takes its turns first",
  ],
  [
    "ack of 150 clicks at 50 a second on PostgreSQL, p99, beside other load",
    "1,469 ms",
    "323 ms",
    "eight decisions of a process are carried out at once; the others wait, acknowledged and decided",
  ],
  [
    "ack of 100 clicks at once on one card, p50 and p99, beside other load",
    "376 ms, 680 ms",
    "142 ms, 203 ms",
    "clicks that see the same record at the same moment share one workflow",
  ],
  [
    "turns of the shared request budget, 20 at a time, on PostgreSQL",
    "about 1,250 a second",
    "about 4,500 a second",
    "a turn need not be on the disk before the next one is given out",
  ],
  [
    "memory at rest on PostgreSQL",
    "163 MB",
    "139 MB",
    "less room for new objects before they are looked through; the API's document is made when it is asked for",
  ],
  [
    "memory of the embedded store eight seconds after its first start",
    "844 MB",
    "380 MB",
    "the database is made in a thread whose end gives the memory back",
  ],
  [
    "ack at 50 clicks a second on the embedded store, p99",
    "1,249 ms",
    "10 ms",
    "the embedded database computes in a thread of its own",
  ],
  [
    "requests to Notion at a start with 10,000 nodes",
    "137",
    "37",
    "their names are kept in the store, and a start reads what changed since",
  ],
];

export const gains: Table = {
  title: "What made it faster",
  notes: [],
  columns: ["what", "before", "after", "by"],
  rows: ROWS,
};
