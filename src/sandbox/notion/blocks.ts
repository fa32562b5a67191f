/** Block endpoints. Pages and databases are blocks too: child_page and child_database. */
import { notFound, trashed, validationError } from "./api-error.ts";
import { type ApiRequest, pathParam, trashFlags, trashKeys, wantedTrash } from "./api-request.ts";
import { addBlocks, childIdsOf, parseChildren, parseContent } from "./block-requests.ts";
import { renderParent } from "./pages.ts";
import { listBody, slicePage } from "./paging.ts";
import { asArray, asId, asObject, asOneOf, asPageSize, type Json, onlyKeys } from "./shape.ts";
import { minuteTime, partialUser } from "./stamps.ts";
import {
  type Block,
  currentVersion,
  type Database,
  type Page,
  type Parent,
  titleOf,
  type World,
  writePage,
} from "./world.ts";

type Found =
  | { kind: "block"; block: Block }
  | { kind: "page"; page: Page }
  | { kind: "database"; database: Database };

function findBlock(world: World, id: string): Found | null {
  const block = world.blocks.get(id);
  if (block) return { kind: "block", block };
  const page = world.pages.get(id);
  if (page) return { kind: "page", page };
  const database = world.databases.get(id);
  return database ? { kind: "database", database } : null;
}

function requireBlock(request: ApiRequest): Found {
  const id = pathParam(request, "block_id");
  const found = findBlock(request.world, id);
  if (!found) throw notFound("block", id, request.world.bot);
  return found;
}

export function retrieveBlock(request: ApiRequest): Json {
  return renderFound(request, requireBlock(request));
}

export function listChildren(request: ApiRequest): Json {
  const { world, query } = request;
  const pageSize = asPageSize(query.get("page_size") ?? undefined, "query");
  const found = requireBlock(request);
  const entries = childrenOf(world, found)
    .map((id) => ({ id, found: findBlock(world, id) }))
    .flatMap(({ id, found: child }) => (child && !isTrashed(child) ? [{ id, child }] : []));
  const listKey = `children/${pathParam(request, "block_id")}`;
  const slice = slicePage(entries, { listKey, cursor: query.get("start_cursor") ?? undefined, pageSize });
  const results = slice.entries.map(({ child }) => renderFound(request, child));
  return listBody("block", results, slice.nextCursor);
}

export function appendChildren(request: ApiRequest): Json {
  const { world, body, actor } = request;
  const after = request.version === "2025-09-03" ? ["after"] : [];
  onlyKeys(body, "body", ["children", "position", ...after]);
  const children = parseChildren(body["children"], "body.children");
  const wanted = parsePosition(body);
  const found = requireBlock(request);
  if (isTrashed(found)) throw trashed();
  const parent: Parent = {
    kind: found.kind === "page" ? "page" : "block",
    id: pathParam(request, "block_id"),
  };
  const siblings = childIdsOf(world, parent);
  if (!siblings) throw validationError("Block does not support children.");
  const index = indexOf(siblings, wanted);
  const added = addBlocks(world, parent, { children, actor, index });
  const results = added.map((block) => renderFound(request, { kind: "block", block }));
  touch(world, found, actor);
  return listBody("block", results, null);
}

type Position = { kind: "start" } | { kind: "end" } | { kind: "after"; id: string };

function parsePosition(body: Json): Position {
  if (body["after"] !== undefined) return { kind: "after", id: asId(body["after"], "body.after") };
  if (body["position"] === undefined) return { kind: "end" };
  const position = asObject(body["position"], "body.position");
  const type = asOneOf(position["type"], "body.position.type", ["start", "end", "after_block"]);
  if (type !== "after_block") return { kind: type };
  const target = asObject(position["after_block"], "body.position.after_block");
  return { kind: "after", id: asId(target["id"], "body.position.after_block.id") };
}

function indexOf(siblings: string[], position: Position): number {
  if (position.kind !== "after") return position.kind === "start" ? 0 : siblings.length;
  const index = siblings.indexOf(position.id);
  if (index < 0) throw validationError(`Block to append children after not found: ${position.id}`);
  return index + 1;
}

export function updateBlock(request: ApiRequest): Json {
  const { world, body, actor } = request;
  const found = requireBlock(request);
  const inTrash = wantedTrash(request);
  if (isTrashed(found) && inTrash !== false) throw trashed();
  if (found.kind !== "block") {
    onlyKeys(body, "body", ["type", ...trashKeys(request)]);
    if (inTrash !== undefined) setTrash(world, found, { inTrash, actor });
    return renderFound(request, found);
  }
  const { block } = found;
  const type = Object.keys(body).find((key) => key !== "type" && !trashKeys(request).includes(key));
  if (type !== undefined && type !== block.type) {
    throw validationError(`Expected block type ${block.type} in request body`);
  }
  if (type !== undefined) {
    block.content = parseContent(type, asObject(body[type], `body.${type}`), `body.${type}`);
  }
  if (inTrash !== undefined) setTrash(world, found, { inTrash, actor });
  touch(world, found, actor);
  return renderFound(request, found);
}

export function deleteBlock(request: ApiRequest): Json {
  const found = requireBlock(request);
  setTrash(request.world, found, { inTrash: true, actor: request.actor });
  return renderFound(request, found);
}

function setTrash(world: World, found: Found, { inTrash, actor }: { inTrash: boolean; actor: string }): void {
  if (found.kind === "page") writePage(world, found.page, { inTrash }, actor);
  else if (found.kind === "database") found.database.inTrash = inTrash;
  else found.block.inTrash = inTrash;
  world.revision += 1;
}

function touch(world: World, found: Found, actor: string): void {
  if (found.kind === "page") writePage(world, found.page, {}, actor);
  if (found.kind === "block") {
    found.block.editedAt = world.now();
    found.block.editedBy = actor;
  }
  world.revision += 1;
}

function childrenOf(world: World, found: Found): string[] {
  if (found.kind === "block") return found.block.childIds;
  if (found.kind === "database") return [];
  const databases = [...world.databases.values()].filter((db) => db.parentPageId === found.page.id);
  return [...databases.map((database) => database.id), ...found.page.childIds];
}

function isTrashed(found: Found): boolean {
  if (found.kind === "page") return currentVersion(found.page).inTrash;
  return found.kind === "block" ? found.block.inTrash : found.database.inTrash;
}

function renderFound(request: ApiRequest, found: Found): Json {
  const { world } = request;
  const common = { object: "block", ...trashFlags(request, isTrashed(found)) };
  switch (found.kind) {
    case "block": {
      const { block } = found;
      return {
        ...common,
        id: block.id,
        parent: renderParent(world, block.parent),
        ...stamps(block.createdAt, block.createdBy, block.editedAt, block.editedBy),
        has_children: block.childIds.length > 0,
        type: block.type,
        [block.type]: block.content,
      };
    }
    case "page": {
      const { page } = found;
      const version = currentVersion(page);
      return {
        ...common,
        id: page.id,
        parent: renderParent(world, page.parent),
        ...stamps(page.createdAt, page.createdBy, version.at, version.editedBy),
        has_children: childrenOf(world, found).length > 0,
        type: "child_page",
        child_page: { title: titleOf(world, page) },
      };
    }
    case "database": {
      const { database } = found;
      return {
        ...common,
        id: database.id,
        parent: { type: "page_id", page_id: database.parentPageId },
        ...stamps(database.createdAt, database.createdBy, database.editedAt, database.editedBy),
        has_children: false,
        type: "child_database",
        child_database: { title: database.title },
      };
    }
  }
}

function stamps(createdAt: number, createdBy: string, editedAt: number, editedBy: string): Json {
  return {
    created_time: minuteTime(createdAt),
    last_edited_time: minuteTime(editedAt),
    created_by: partialUser(createdBy),
    last_edited_by: partialUser(editedBy),
  };
}

/** Ids of the blocks that an answer to an append names. */
export function appendedIds(body: unknown): string[] {
  const list = asObject(body, "body");
  return asArray(list["results"], "body.results").map((block) => String(asObject(block, "body")["id"]));
}
