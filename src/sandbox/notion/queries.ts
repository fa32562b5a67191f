/** POST /v1/data_sources/:id/query: filter, sorts, pages, and a view of the past when queries lag. */
import { notFound, validationError } from "./api-error.ts";
import { type ApiRequest, pathParam } from "./api-request.ts";
import { compileFilter, type Matcher, type Row } from "./filters.ts";
import { renderPage } from "./pages.ts";
import { listBody, slicePage } from "./paging.ts";
import { chosenOption } from "./property-values.ts";
import { plainText } from "./rich-text.ts";
import { asArray, asBoolean, asObject, asOneOf, asPageSize, asText, type Json, onlyKeys } from "./shape.ts";
import { minuteTime } from "./stamps.ts";
import { type DataSource, findProperty, type Property, pagesOf, versionAt, type World } from "./world.ts";

const BODY_KEYS = ["filter", "sorts", "start_cursor", "page_size", "result_type", "is_archived"];

export function queryDataSource(request: ApiRequest): Json {
  const { world, body } = request;
  onlyKeys(body, "body", BODY_KEYS);
  if (body["is_archived"] !== undefined) asBoolean(body["is_archived"], "body.is_archived");
  const pageSize = asPageSize(body["page_size"], "body");
  const cursor = body["start_cursor"];
  if (cursor !== undefined && cursor !== null) asText(cursor, "body.start_cursor");
  const id = pathParam(request, "data_source_id");
  const source = world.dataSources.get(id);
  if (!source) throw notFound("data_source", id, world.bot);
  const matches = filterOf(request, source);
  const inOrder = sortOf(source, body["sorts"]);
  const wantsTrash = body["is_archived"] === true;
  const found = inOrder(
    visibleRows(world, source).filter((row) => row.version.inTrash === wantsTrash && matches(row)),
  );
  const rows = found.slice(0, world.queryResultLimit);
  const listKey = JSON.stringify(["query", id, body["filter"], body["sorts"]]);
  const slice = slicePage(
    rows.map((row) => ({ id: row.page.id, row })),
    { listKey, cursor, pageSize },
  );
  const results = slice.entries.map(({ row }) => renderPage(request, row.page, row.version));
  const list = listBody("page_or_data_source", results, slice.nextCursor);
  if (found.length === rows.length) return list;
  const status = { type: "incomplete", incomplete_reason: "query_result_limit_reached" };
  return { ...list, request_status: status };
}

function filterOf(request: ApiRequest, source: DataSource): Matcher {
  const filter = request.body["filter"];
  if (filter === undefined) return () => true;
  return compileFilter({ source, now: request.world.now() }, filter);
}

/** With a lag, each row as it was then; rows made since are missing. */
export function visibleRows(world: World, source: DataSource): Row[] {
  const at = world.now() - world.queryLagMs;
  return pagesOf(world, source).flatMap((page) => {
    const version = world.queryLagMs > 0 ? versionAt(page, at) : (page.versions.at(-1) ?? null);
    return version ? [{ page, version }] : [];
  });
}

type Key = string | number | null;

interface Sort {
  read(row: Row): Key;
  order(left: Key, right: Key): number;
}

/** Ties, and everything when no sort is given, come in the order of the random ids: it is not promised. */
function sortOf(source: DataSource, value: unknown): (rows: Row[]) => Row[] {
  const sorts = (value === undefined ? [] : asArray(value, "body.sorts")).map((sort, index) =>
    oneSort(source, sort, `body.sorts[${index}]`),
  );
  const order = (a: { row: Row; keys: Key[] }, b: { row: Row; keys: Key[] }) => {
    for (const [index, sort] of sorts.entries()) {
      const result = sort.order(a.keys[index] ?? null, b.keys[index] ?? null);
      if (result !== 0) return result;
    }
    return a.row.page.id < b.row.page.id ? -1 : 1;
  };
  return (rows) =>
    rows
      .map((row) => ({ row, keys: sorts.map(({ read }) => read(row)) }))
      .sort(order)
      .map(({ row }) => row);
}

function oneSort(source: DataSource, value: unknown, path: string): Sort {
  const sort = asObject(value, path);
  onlyKeys(sort, path, ["property", "timestamp", "direction"]);
  const direction = asOneOf(sort["direction"], `${path}.direction`, ["ascending", "descending"]);
  const sign = direction === "ascending" ? 1 : -1;
  const order = (left: Key, right: Key) => {
    // Empty values come last in either direction.
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return left === right ? 0 : left < right ? -sign : sign;
  };
  return { read: sortKey(source, sort, path), order };
}

function sortKey(source: DataSource, sort: Json, path: string): (row: Row) => Key {
  if (sort["timestamp"] !== undefined) {
    const field = asOneOf(sort["timestamp"], `${path}.timestamp`, ["created_time", "last_edited_time"]);
    return (row) => minuteTime(field === "created_time" ? row.page.createdAt : row.version.at);
  }
  const name = asText(sort["property"], `${path}.property`);
  const property = findProperty(source, name);
  if (!property) throw validationError(`Could not find sort property with name or id: ${name}`);
  return (row) => propertySortKey(property, row);
}

function propertySortKey(property: Property, { page, version }: Row): Key {
  if (property.type === "created_time") return minuteTime(page.createdAt);
  if (property.type === "last_edited_time") return minuteTime(version.at);
  if (property.type === "unique_id") return page.serial;
  const value = version.values[property.id];
  if (property.type === "select" || property.type === "status") {
    const option = chosenOption(property, value);
    return option ? property.options.indexOf(option) : null;
  }
  if (property.type === "checkbox") return value?.kind === "flag" && value.value ? 1 : 0;
  switch (value?.kind) {
    case "text":
      return plainText(value.runs).toLowerCase();
    case "number":
    case "string":
      return value.value;
    case "date":
      return value.start;
    default:
      return null;
  }
}
