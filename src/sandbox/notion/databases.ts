/** Database (container) and data source (table) endpoints. The two have different ids and different clocks. */
import { notFound, validationError } from "./api-error.ts";
import { type ApiRequest, pathParam, trashFlags, trashKeys, wantedTrash } from "./api-request.ts";
import { parseRichText, plainRuns, plainText, renderRichText } from "./rich-text.ts";
import { planSchema, renderProperty } from "./schema.ts";
import { applySchema } from "./schema-changes.ts";
import { asBoolean, asId, asObject, isJson, type Json, onlyKeys, refuse } from "./shape.ts";
import { exactTime, minuteTime, partialUser } from "./stamps.ts";
import { type Database, type DataSource, newId, type World } from "./world.ts";

export function createDatabase(request: ApiRequest): Json {
  const { world, body, actor } = request;
  // Top-level `properties` is no error: it is ignored, and the table has a Name only.
  const known = ["parent", "title", "description", "is_inline", "initial_data_source", "icon", "cover"];
  onlyKeys(body, "body", [...known, "properties"]);
  const parent = asObject(body["parent"], "body.parent");
  onlyKeys(parent, "body.parent", ["type", "page_id", "workspace"]);
  if (parent["workspace"] === true) {
    throw validationError("Internal integrations cannot create databases at the workspace level.");
  }
  const parentPageId = asId(parent["page_id"], "body.parent.page_id");
  const title = titleIn(body) ?? "";
  if (!world.pages.has(parentPageId)) throw notFound("page", parentPageId, world.bot);
  const initial = body["initial_data_source"];
  const wanted = initial === undefined ? {} : asObject(initial, "body.initial_data_source");
  const { database, source } = emptyDatabase({ world, title, parentPageId, actor });
  const changes = planSchema(world, source, wanted["properties"] ?? {});
  if (!changes.some((change) => change.kind === "put" && change.property.type === "title")) {
    changes.unshift(...planSchema(world, source, { Name: { title: {} } }));
  }
  if (typeof body["is_inline"] === "boolean") database.isInline = body["is_inline"];
  if (isJson(body["icon"])) database.icon = body["icon"];
  if (isJson(body["cover"])) database.cover = body["cover"];
  world.databases.set(database.id, database);
  world.dataSources.set(source.id, source);
  applySchema(world, source, changes, actor);
  return renderDatabase(request, database);
}

export function emptyDatabase(made: { world: World; title: string; parentPageId: string; actor: string }): {
  database: Database;
  source: DataSource;
} {
  const { world, title, parentPageId, actor } = made;
  const at = world.now();
  const [id, sourceId] = [newId(), newId()];
  const database: Database = {
    id,
    title,
    description: "",
    parentPageId,
    isInline: false,
    inTrash: false,
    isLocked: false,
    icon: null,
    cover: null,
    createdAt: at,
    editedAt: at,
    createdBy: actor,
    editedBy: actor,
    dataSourceIds: [sourceId],
  };
  const source: DataSource = {
    id: sourceId,
    databaseId: id,
    title,
    properties: [],
    createdAt: at,
    editedAt: at,
    editedBy: actor,
    lastSerial: 0,
  };
  return { database, source };
}

function titleIn(body: Json): string | null {
  return body["title"] === undefined ? null : plainText(parseRichText(body["title"], "body.title"));
}

export function retrieveDatabase(request: ApiRequest): Json {
  return renderDatabase(request, requireDatabase(request));
}

export function updateDatabase(request: ApiRequest): Json {
  const { body, world } = request;
  const known = ["parent", "title", "description", "is_inline", "icon", "cover", "is_locked"];
  onlyKeys(body, "body", [...known, ...trashKeys(request)]);
  const title = titleIn(body);
  const database = requireDatabase(request);
  if (title !== null) database.title = title;
  if (body["description"] !== undefined) {
    database.description = plainText(parseRichText(body["description"], "body.description"));
  }
  if (body["is_inline"] !== undefined) database.isInline = asBoolean(body["is_inline"], "body.is_inline");
  if (body["is_locked"] !== undefined) database.isLocked = asBoolean(body["is_locked"], "body.is_locked");
  database.inTrash = wantedTrash(request) ?? database.inTrash;
  database.editedAt = world.now();
  database.editedBy = request.actor;
  world.revision += 1;
  return renderDatabase(request, database);
}

function requireDatabase(request: ApiRequest): Database {
  const id = pathParam(request, "database_id");
  const database = request.world.databases.get(id);
  if (!database) throw notFound("database", id, request.world.bot);
  return database;
}

function renderDatabase(request: ApiRequest, database: Database): Json {
  const { world } = request;
  return {
    object: "database",
    id: database.id,
    title: renderRichText(plainRuns(database.title)),
    description: renderRichText(plainRuns(database.description)),
    parent: { type: "page_id", page_id: database.parentPageId },
    is_inline: database.isInline,
    ...trashFlags(request, database.inTrash),
    is_locked: database.isLocked,
    created_time: exactTime(database.createdAt),
    last_edited_time: exactTime(database.editedAt),
    data_sources: database.dataSourceIds.map((id) => ({ id, name: world.dataSources.get(id)?.title ?? "" })),
    icon: database.icon,
    cover: database.cover,
    url: databaseUrl(database),
    public_url: null,
  };
}

function databaseUrl(database: Database): string {
  return `https://app.notion.com/p/${database.id.replaceAll("-", "")}`;
}

export function retrieveDataSource(request: ApiRequest): Json {
  return renderDataSource(request, requireDataSource(request));
}

export function updateDataSource(request: ApiRequest): Json {
  const { world, body } = request;
  onlyKeys(body, "body", ["title", "description", "icon", "properties", "parent", ...trashKeys(request)]);
  if (body["title"] === undefined && body["properties"] === undefined && wantedTrash(request) === undefined) {
    refuse("body.properties", "be defined", undefined);
  }
  const title = titleIn(body);
  const source = requireDataSource(request);
  const changes = body["properties"] === undefined ? [] : planSchema(world, source, body["properties"]);
  if (title !== null) source.title = title;
  const database = world.databases.get(source.databaseId);
  if (database) database.inTrash = wantedTrash(request) ?? database.inTrash;
  applySchema(world, source, changes, request.actor);
  return renderDataSource(request, source);
}

function requireDataSource(request: ApiRequest): DataSource {
  const id = pathParam(request, "data_source_id");
  const source = request.world.dataSources.get(id);
  if (!source) throw notFound("data_source", id, request.world.bot);
  return source;
}

export function renderDataSource(request: ApiRequest, source: DataSource): Json {
  const { world } = request;
  const database = world.databases.get(source.databaseId);
  return {
    object: "data_source",
    id: source.id,
    title: renderRichText(plainRuns(source.title)),
    description: [],
    parent: { type: "database_id", database_id: source.databaseId },
    database_parent: { type: "page_id", page_id: database?.parentPageId },
    is_inline: database?.isInline ?? false,
    ...trashFlags(request, database?.inTrash ?? false),
    created_time: minuteTime(source.createdAt),
    last_edited_time: minuteTime(source.editedAt),
    created_by: partialUser(database?.createdBy ?? world.bot.id),
    last_edited_by: partialUser(source.editedBy),
    properties: Object.fromEntries(
      source.properties.map((property) => [property.name, renderProperty(world, property)]),
    ),
    icon: database?.icon ?? null,
    cover: null,
    url: database ? databaseUrl(database) : "",
    public_url: null,
  };
}
