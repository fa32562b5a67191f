/**
 * A stand-in for Notion: a real HTTP server that `@notionhq/client` talks to, plus a handle to look into the
 * workspace and to act in it as a person would. Owns the server and the handle; the API is http-api.ts and the
 * endpoints in routes.ts, the data is world.ts. It is meant to be as strict as the real service, never kinder.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createFaults, sendAnswer } from "../faults.ts";
import type { NotionDatabase, NotionRow, NotionStandIn, ServedCall } from "../stand-ins.ts";
import { errorBody, errorOfStatus } from "./api-error.ts";
import { type ApiServer, handleRequest } from "./http-api.ts";
import { pageUrl } from "./pages.ts";
import { setPlainValues } from "./plain-values.ts";
import { renderValue } from "./property-values.ts";
import { createRateLimit } from "./rate-limit.ts";
import { renderProperty } from "./schema.ts";
import { createWorld, type NotionSeed } from "./seed.ts";
import { parseId } from "./shape.ts";
import { minuteTime } from "./stamps.ts";
import {
  addPage,
  currentVersion,
  type DataSource,
  type Page,
  pagesOf,
  sourceOf,
  type World,
  writePage,
} from "./world.ts";

export interface NotionStandInOptions {
  seed: NotionSeed;
  /** Default: any free one. */
  port?: number;
  /** Epoch milliseconds. Page times, query lag and the rate limit follow it. Default Date.now. */
  now?: () => number;
  /** Rows one query can page through in all before it says it is incomplete. Default 10,000. */
  queryResultLimit?: number;
}

/** Requests per minute of a connection on every plan. */
const REQUESTS_PER_MINUTE = 180;
const QUERY_RESULT_LIMIT = 10_000;

export async function createNotionStandIn(options: NotionStandInOptions): Promise<NotionStandIn> {
  const now = options.now ?? Date.now;
  const world = createWorld(options.seed, {
    now,
    queryResultLimit: options.queryResultLimit ?? QUERY_RESULT_LIMIT,
  });
  const listeners = new Set<() => void>();
  const api: ApiServer = {
    world,
    token: options.seed.token,
    faults: createFaults(),
    calls: [],
    rateLimit: createRateLimit(now),
    latencyMs: () => handle.latencyMs,
    requestsPerMinute: () => handle.requestsPerMinute,
    changed: () => {
      for (const listener of listeners) listener();
    },
  };
  const server = createServer((req, res) => {
    handleRequest(api, req, res).catch((error: unknown) => {
      // A mistake of the stand-in itself: say so, instead of looking like an outage of Notion.
      const failure = errorOfStatus(500, "stand_in_defect");
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      sendAnswer(res, { status: 500, body: { ...errorBody(failure, ""), message: detail } });
    });
  });
  const url = await listen(server, options.port ?? 0);
  const handle = createHandle(api, { url, listeners, server });
  return handle;
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo;
  return `http://127.0.0.1:${address.port}`;
}

function createHandle(
  api: ApiServer,
  { url, listeners, server }: { url: string; listeners: Set<() => void>; server: Server },
): NotionStandIn {
  const { world } = api;
  const calls: ServedCall[] = api.calls;
  return {
    url,
    token: api.token,
    users: [...world.users.values()],
    calls,
    faults: api.faults,
    latencyMs: 0,
    requestsPerMinute: REQUESTS_PER_MINUTE,
    get queryLagMs() {
      return world.queryLagMs;
    },
    set queryLagMs(lagMs: number) {
      world.queryLagMs = lagMs;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => closeServer(server),
    databases: () => [...world.dataSources.values()].map((source) => viewDatabase(world, source)),
    rows: (database, last = Number.POSITIVE_INFINITY) => {
      const source = sourceByTitle(world, database);
      const pages = pagesOf(world, source).filter((page) => !currentVersion(page).inTrash);
      return pages.slice(Math.max(0, pages.length - last)).map((page) => viewRow(world, source, page));
    },
    row: (pageId) => {
      const page = pageById(world, pageId);
      const source = sourceOf(world, page);
      if (!source) throw new Error(`${pageId} is no row`);
      return viewRow(world, source, page);
    },
    edit: ({ user, pageId, values }) => {
      setPlainValues(world, pageById(world, pageId), { values, actor: personId(world, user) });
      api.changed();
    },
    create: ({ user, database, values }) => {
      const source = sourceByTitle(world, database);
      const actor = personId(world, user);
      const page = addPage(world, { parent: { kind: "data_source", id: source.id }, values: {} }, actor);
      setPlainValues(world, page, { values, actor });
      api.changed();
      return viewRow(world, source, page);
    },
    trash: (pageId) => {
      const page = pageById(world, pageId);
      writePage(world, page, { inTrash: true }, world.users.keys().next().value ?? world.bot.id);
      api.changed();
    },
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

function sourceByTitle(world: World, title: string): DataSource {
  const source = [...world.dataSources.values()].find((candidate) => candidate.title === title);
  if (!source) throw new Error(`There is no database "${title}"`);
  return source;
}

function pageById(world: World, id: string): Page {
  const page = world.pages.get(parseId(id) ?? id);
  if (!page) throw new Error(`There is no page ${id}`);
  return page;
}

/** By id or e-mail address; an integration can edit pages as well. */
function personId(world: World, user: string): string {
  if (parseId(user) === world.bot.id) return world.bot.id;
  const found = [...world.users.values()].find(
    (candidate) => candidate.id === parseId(user) || candidate.email === user,
  );
  if (!found) throw new Error(`There is no user ${user}`);
  return found.id;
}

function viewDatabase(world: World, source: DataSource): NotionDatabase {
  return {
    id: source.databaseId,
    dataSourceId: source.id,
    title: source.title,
    properties: Object.fromEntries(
      source.properties.map((property) => [property.name, renderProperty(world, property)]),
    ),
  };
}

function viewRow(world: World, source: DataSource, page: Page): NotionRow {
  const version = currentVersion(page);
  const row = { world, page, version, cap: Number.POSITIVE_INFINITY };
  return {
    id: page.id,
    url: pageUrl(world, page),
    inTrash: version.inTrash,
    createdTime: minuteTime(page.createdAt),
    lastEditedTime: minuteTime(version.at),
    lastEditedBy: version.editedBy,
    properties: Object.fromEntries(
      source.properties.map((property) => [property.name, renderValue(property, row)]),
    ),
  };
}
