/** Page endpoints: create, retrieve, update, and one property page by page. */
import { notFound, trashed, validationError } from "./api-error.ts";
import { type ApiRequest, pathParam, trashFlags, trashKeys, wantedTrash } from "./api-request.ts";
import { addBlocks, parseChildren } from "./block-requests.ts";
import { listBody, slicePage } from "./paging.ts";
import { parseProperties, type Requested } from "./property-requests.ts";
import {
  commitOptions,
  type PlannedValues,
  READ_CAP,
  renderValue,
  resolveValues,
} from "./property-values.ts";
import { asBoolean, asId, asObject, asPageSize, isJson, type Json, onlyKeys, refuse } from "./shape.ts";
import { minuteTime, partialUser } from "./stamps.ts";
import {
  addPage,
  currentVersion,
  type DataSource,
  findProperty,
  type Page,
  type PageVersion,
  type Parent,
  sourceOf,
  titleOf,
  type World,
  writePage,
} from "./world.ts";

export function createPage(request: ApiRequest): Json {
  const { world, body } = request;
  onlyKeys(body, "body", ["parent", "properties", "children", "icon", "cover", "content", "position"]);
  const wantedParent = parseParent(body["parent"]);
  const requested = parseProperties(body["properties"]);
  const children = body["children"] === undefined ? [] : parseChildren(body["children"], "body.children");
  const { parent, source } = findParent(world, wantedParent);
  const plan = source ? resolveValues(world, source, requested) : titleOnly(requested);
  commitOptions(plan);
  const looks = { icon: asLook(body["icon"]), cover: asLook(body["cover"]) };
  const page = addPage(world, { parent, values: plan.values, ...looks }, request.actor);
  addBlocks(world, { kind: "page", id: page.id }, { children, actor: request.actor, index: 0 });
  return renderPage(request, page, currentVersion(page));
}

export function retrievePage(request: ApiRequest): Json {
  const page = requirePage(request);
  return renderPage(request, page, currentVersion(page));
}

export function updatePage(request: ApiRequest): Json {
  const { world, body, actor } = request;
  onlyKeys(body, "body", ["properties", "icon", "cover", "is_locked", ...trashKeys(request)]);
  for (const key of ["is_locked", ...trashKeys(request)]) {
    if (body[key] !== undefined) asBoolean(body[key], `body.${key}`);
  }
  const requested = parseProperties(body["properties"]);
  const page = requirePage(request);
  const inTrash = wantedTrash(request);
  if (currentVersion(page).inTrash && inTrash !== false) {
    if (requested.size > 0 || inTrash === undefined) throw trashed();
  }
  const source = sourceOf(world, page);
  const plan = source ? resolveValues(world, source, requested) : titleOnly(requested);
  commitOptions(plan);
  if (body["icon"] !== undefined) page.icon = asLook(body["icon"]);
  if (body["cover"] !== undefined) page.cover = asLook(body["cover"]);
  if (typeof body["is_locked"] === "boolean") page.isLocked = body["is_locked"];
  const change = inTrash === undefined ? { values: plan.values } : { values: plan.values, inTrash };
  writePage(world, page, change, actor);
  return renderPage(request, page, currentVersion(page));
}

export function retrieveProperty(request: ApiRequest): Json {
  const { world, query } = request;
  const pageSize = asPageSize(query.get("page_size") ?? undefined, "query");
  const page = requirePage(request);
  const source = sourceOf(world, page);
  const key = pathParam(request, "property_id");
  const property = source && findProperty(source, key);
  if (!property) throw validationError(`Could not find property with name or id: ${key}`);
  const value = renderValue(property, {
    world,
    page,
    version: currentVersion(page),
    cap: Number.POSITIVE_INFINITY,
  });
  const { id, type } = value;
  const content = value[type];
  if (!["title", "rich_text", "relation", "people"].includes(type) || !Array.isArray(content)) {
    return { object: "property_item", id, type, [type]: content };
  }
  const items = content.map((item: Json, index) => ({
    id: String(index),
    body: { object: "property_item", type, id, [type]: item },
  }));
  const listKey = `property/${page.id}/${id}`;
  const slice = slicePage(items, { listKey, cursor: query.get("start_cursor") ?? undefined, pageSize });
  const list = listBody(
    "property_item",
    slice.entries.map((entry) => entry.body),
    slice.nextCursor,
  );
  const nextUrl = slice.nextCursor
    ? `https://api.notion.com/v1/pages/${page.id}/properties/${id}?start_cursor=${slice.nextCursor}`
    : null;
  return { ...list, property_item: { id, next_url: nextUrl, type, [type]: {} } };
}

export function renderPage(request: ApiRequest, page: Page, version: PageVersion): Json {
  const { world } = request;
  return {
    object: "page",
    id: page.id,
    created_time: minuteTime(page.createdAt),
    last_edited_time: minuteTime(version.at),
    created_by: partialUser(page.createdBy),
    last_edited_by: partialUser(version.editedBy),
    cover: page.cover,
    icon: page.icon,
    parent: renderParent(world, page.parent),
    ...trashFlags(request, version.inTrash),
    ...(request.version === "2025-09-03" ? { is_archived: false } : {}),
    is_locked: page.isLocked,
    properties: renderProperties(request, page, version),
    url: pageUrl(world, page),
    public_url: null,
  };
}

function renderProperties(request: ApiRequest, page: Page, version: PageVersion): Json {
  const { world } = request;
  const source = sourceOf(world, page);
  const row = { world, page, version, cap: READ_CAP };
  const properties = source ? pickProperties(source, request.query.getAll("filter_properties")) : [TITLE];
  return Object.fromEntries(properties.map((property) => [property.name, renderValue(property, row)]));
}

function pickProperties(source: DataSource, keys: string[]) {
  if (keys.length === 0) return source.properties;
  const wanted = keys.map((key) => {
    const property = findProperty(source, key);
    if (!property) throw validationError(`Could not find property with name or id: ${key}`);
    return property;
  });
  return source.properties.filter((property) => wanted.includes(property));
}

/** The only property of a page outside a data source. */
const TITLE = {
  id: "title",
  name: "title",
  type: "title" as const,
  options: [],
  relation: null,
  numberFormat: "number",
  prefix: null,
};

export function renderParent(world: World, parent: Parent): Json {
  switch (parent.kind) {
    case "data_source":
      return {
        type: "data_source_id",
        data_source_id: parent.id,
        database_id: world.dataSources.get(parent.id)?.databaseId,
      };
    case "page":
      return { type: "page_id", page_id: parent.id };
    case "block":
      return { type: "block_id", block_id: parent.id };
    case "workspace":
      return { type: "workspace", workspace: true };
  }
}

export function pageUrl(world: World, page: Page): string {
  const slug = titleOf(world, page)
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60);
  const hex = page.id.replaceAll("-", "");
  return `https://app.notion.com/p/${slug === "" ? hex : `${encodeURIComponent(slug)}-${hex}`}`;
}

export function requirePage(request: ApiRequest): Page {
  const id = pathParam(request, "page_id");
  const page = request.world.pages.get(id);
  if (!page) throw notFound("page", id, request.world.bot);
  return page;
}

function parseParent(value: unknown): { key: "data_source_id" | "database_id" | "page_id"; id: string } {
  const parent = asObject(value, "body.parent");
  const key = (["data_source_id", "database_id", "page_id"] as const).find((k) => parent[k] !== undefined);
  if (!key) refuse("body.parent.data_source_id", "be defined", undefined);
  onlyKeys(parent, "body.parent", ["type", key]);
  return { key, id: asId(parent[key], `body.parent.${key}`) };
}

function findParent(
  world: World,
  wanted: ReturnType<typeof parseParent>,
): {
  parent: Parent;
  source: DataSource | null;
} {
  if (wanted.key === "page_id") {
    const page = world.pages.get(wanted.id);
    if (!page) throw notFound("page", wanted.id, world.bot);
    if (currentVersion(page).inTrash) throw trashed();
    return { parent: { kind: "page", id: page.id }, source: null };
  }
  const sourceId =
    wanted.key === "database_id" ? world.databases.get(wanted.id)?.dataSourceIds[0] : wanted.id;
  const source = world.dataSources.get(sourceId ?? "");
  const kind = wanted.key === "database_id" ? "database" : "data_source";
  if (!source) throw notFound(kind, wanted.id, world.bot);
  if (world.databases.get(source.databaseId)?.inTrash) throw trashed();
  return { parent: { kind: "data_source", id: source.id }, source };
}

function titleOnly(requested: Map<string, Requested>): PlannedValues {
  const plan: PlannedValues = { values: {}, newOptions: [] };
  for (const [key, wanted] of requested) {
    if (wanted.type !== "title" || "choices" in wanted) {
      throw validationError(`${key} is not a property that exists.`);
    }
    plan.values["title"] = wanted.value;
  }
  return plan;
}

function asLook(value: unknown): Json | null {
  return isJson(value) ? value : null;
}
