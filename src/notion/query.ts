/** All rows of a query, whatever it takes: pages of 100, cursors that expire, and the cap of 10,000 rows. */
import { AppError, isAppError } from "../errors.ts";
import type { Gateway } from "./gateway.ts";
import { isRecord, type Json, listAt, recordAt, stringAt, valueAt } from "./lenient-json.ts";

const MAX_RESTARTS = 2;

export interface RowQuery {
  dataSourceId: string;
  filter: Json | null;
  /** Ids of the properties to carry; the rest is left out of the answer. */
  propertyIds: string[];
  /** Called when Notion shows only part of a minute's rows. Left out: that is an error. */
  onHidden?: (() => void) | undefined;
}

const MINUTE_MS = 60_000;

/** Oldest first. Rows that change while they are paged may be missed by this call, not by the next. */
export async function queryAll(gateway: Gateway, query: RowQuery): Promise<Json[]> {
  const rows = new Map<string, Json>();
  let createdSince: string | null = null;
  for (;;) {
    const { pages, isIncomplete } = await queryWindow(gateway, query, createdSince);
    for (const page of pages) rows.set(String(page["id"]), page);
    if (!isIncomplete) return [...rows.values()];
    const last: string | null = stringAt(pages.at(-1), "created_time");
    // As after an import of many rows: nothing in a query tells those of one minute apart.
    const isStuck: boolean = last === null || last === createdSince;
    if (isStuck && !query.onHidden)
      throw new AppError("Notion shows at most 10,000 rows that were created in one minute", {
        code: "notion_invalid",
        retryable: false,
      });
    if (isStuck) query.onHidden?.();
    if (last === null) return [...rows.values()];
    createdSince = isStuck ? new Date(Date.parse(last) + MINUTE_MS).toISOString() : last;
  }
}

async function queryWindow(gateway: Gateway, query: RowQuery, createdSince: string | null) {
  for (let restarts = 0; ; restarts++) {
    let cursor: string | null = null;
    const pages: Json[] = [];
    let isIncomplete = false;
    try {
      do {
        const answer: unknown = await queryPage(gateway, query, { createdSince, cursor });
        pages.push(...listAt(answer, "results").filter(isRow));
        isIncomplete ||= stringAt(recordAt(answer, "request_status"), "type") === "incomplete";
        cursor = nextCursor(answer, cursor);
      } while (cursor !== null);
      return { pages, isIncomplete };
    } catch (error) {
      // The only part of the request that was not accepted a moment ago is the cursor.
      const isCursorGone = cursor !== null && isAppError(error) && error.code === "notion_invalid";
      if (!isCursorGone || restarts === MAX_RESTARTS) throw error;
    }
  }
}

const PAGE_ID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** What has no id can neither be read further nor written, and must not stop the rows beside it. */
function isRow(value: unknown): value is Json {
  return isRecord(value) && PAGE_ID.test(stringAt(value, "id") ?? "");
}

/** null at the end, and where the list would begin again. */
function nextCursor(answer: unknown, current: string | null): string | null {
  const next = valueAt(answer, "has_more") === false ? null : stringAt(answer, "next_cursor");
  return next === current ? null : next;
}

function queryPage(
  gateway: Gateway,
  query: RowQuery,
  at: { createdSince: string | null; cursor: string | null },
): Promise<unknown> {
  const filters = [
    ...(at.createdSince === null
      ? []
      : [{ timestamp: "created_time", created_time: { on_or_after: at.createdSince } }]),
    ...(query.filter === null ? [] : [query.filter]),
  ];
  const filter = filters.length > 1 ? { and: filters } : filters[0];
  return gateway.read({
    route: "POST /v1/data_sources/:id/query",
    method: "post",
    path: `data_sources/${query.dataSourceId}/query`,
    query: { filter_properties: query.propertyIds },
    body: {
      ...(filter && { filter }),
      ...(at.cursor !== null && { start_cursor: at.cursor }),
      sorts: [{ timestamp: "created_time", direction: "ascending" }],
      page_size: 100,
    },
  });
}

/** The store counts in 32 bits; what is higher was typed by hand, and is no number of ours. */
const HIGHEST = 1_000_000_000;

/** The highest value of a number property in use; 0 when there is none. One request. */
export async function highestNumber(
  gateway: Gateway,
  at: { dataSourceId: string; propertyId: string },
): Promise<number> {
  const answer = await gateway.read({
    route: "POST /v1/data_sources/:id/query",
    method: "post",
    path: `data_sources/${at.dataSourceId}/query`,
    query: { filter_properties: [at.propertyId] },
    body: {
      filter: { property: at.propertyId, number: { less_than_or_equal_to: HIGHEST } },
      sorts: [{ property: at.propertyId, direction: "descending" }],
      page_size: 1,
    },
  });
  const [page] = listAt(answer, "results");
  const property = Object.values(recordAt(page, "properties")).find(
    (p) => stringAt(p, "id") === at.propertyId,
  );
  const value = valueAt(property, "number");
  return typeof value === "number" && value > 0 && value <= HIGHEST ? Math.floor(value) : 0;
}
