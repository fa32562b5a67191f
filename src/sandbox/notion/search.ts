/** POST /v1/search: titles only. An index behind the tables: it lags like queries do. */
import type { ApiRequest } from "./api-request.ts";
import { renderDataSource } from "./databases.ts";
import { renderPage } from "./pages.ts";
import { listBody, slicePage } from "./paging.ts";
import { asObject, asOneOf, asPageSize, asText, isJson, type Json, onlyKeys } from "./shape.ts";
import { currentVersion, type DataSource, type Page, titleOf, versionAt } from "./world.ts";

export function search(request: ApiRequest): Json {
  const { world, body } = request;
  onlyKeys(body, "body", ["query", "sort", "filter", "start_cursor", "page_size"]);
  const pageSize = asPageSize(body["page_size"], "body");
  const text = (
    body["query"] === undefined ? "" : asText(body["query"], "body.query", { max: 10_000 })
  ).toLowerCase();
  const kind = searchKind(body["filter"]);
  const hits = [
    ...(kind === "page" ? [] : [...world.dataSources.values()].map((source) => sourceHit(request, source))),
    ...(kind === "data_source" ? [] : [...world.pages.values()].flatMap((page) => pageHit(request, page))),
  ].filter((hit) => hit.title.toLowerCase().includes(text));
  const sign = isJson(body["sort"]) && body["sort"]["direction"] === "ascending" ? 1 : -1;
  hits.sort((a, b) => sign * (a.editedAt - b.editedAt) || (a.id < b.id ? -1 : 1));
  const listKey = JSON.stringify(["search", text, body["filter"], body["sort"]]);
  const slice = slicePage(hits, { listKey, cursor: body["start_cursor"], pageSize });
  return listBody(
    "page_or_data_source",
    slice.entries.map((hit) => hit.render()),
    slice.nextCursor,
  );
}

function searchKind(filter: unknown): "page" | "data_source" | null {
  if (filter === undefined) return null;
  const object = asObject(filter, "body.filter");
  onlyKeys(object, "body.filter", ["property", "value"]);
  asOneOf(object["property"], "body.filter.property", ["object"]);
  return asOneOf(object["value"], "body.filter.value", ["page", "data_source"]);
}

interface Hit {
  id: string;
  title: string;
  editedAt: number;
  render: () => Json;
}

function sourceHit(request: ApiRequest, source: DataSource): Hit {
  return {
    id: source.id,
    title: source.title,
    editedAt: source.editedAt,
    render: () => renderDataSource(request, source),
  };
}

function pageHit(request: ApiRequest, page: Page): Hit[] {
  const { world } = request;
  const version = versionAt(page, world.now() - world.queryLagMs);
  if (!version || version.inTrash) return [];
  return [
    {
      id: page.id,
      title: titleOf(world, page),
      editedAt: currentVersion(page).at,
      render: () => renderPage(request, page, version),
    },
  ];
}
