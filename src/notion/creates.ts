/**
 * Creates a page once. Notion has no idempotency keys, so the ledger is written before the request, and after
 * any outcome that is not known the page is looked for (by its `Key`) before it is tried again.
 */

import { keepOverflow, type Overflow } from "./blocks.ts";
import { readFailure, toAppError } from "./failures.ts";
import type { Clock, Gateway } from "./gateway.ts";
import type { Json } from "./lenient-json.ts";
import { isRecord, listAt, recordAt, stringAt } from "./lenient-json.ts";
import type { WriteLedger } from "./ports.ts";
import type { BoundDatabase } from "./schema.ts";

const CREATE_TRIES = 3;
const ROUTE = "POST /v1/pages";
const MINUTE_MS = 60_000;

export interface CreateDeps {
  gateway: Gateway;
  ledger: WriteLedger;
  clock: Clock;
  /** Pauses before each look for a page that may exist: queries can lag behind writes. */
  lookupDelaysMs: readonly number[];
}

export interface PageDraft {
  /** By property id. */
  properties: Record<string, Json>;
  children: Json[];
  overflow: Overflow[];
}

export interface CreateOrder {
  db: BoundDatabase;
  key: string;
  /** A page with this key may exist although the ledger does not know. */
  suspect: boolean;
  /** Asked for at most once, and only when something has to be sent. */
  draft: () => Promise<PageDraft>;
}

export interface CreatedPage {
  id: string;
  url: string;
  /** Not made by this call. */
  existed: boolean;
}

export async function createPage(deps: CreateDeps, order: CreateOrder): Promise<CreatedPage> {
  const begun = await deps.ledger.begin(order.key);
  if (begun.pageId !== null) return { id: begun.pageId, url: pageUrl(begun.pageId), existed: true };
  let drafted: Promise<PageDraft> | null = null;
  const draft = () => {
    drafted ??= order.draft();
    return drafted;
  };
  const look = { ...order, draft, startedAt: begun.startedAt };
  const page =
    (await lookFor(deps, look, firstLooks(deps, order, begun))) ?? (await postUntilKnown(deps, look));
  const { overflow } = await draft();
  if (overflow.length > 0) await keepOverflow(deps, page.id, overflow);
  await deps.ledger.done(order.key, page.id);
  return page;
}

/** A first attempt looks nowhere: one request. */
function firstLooks(
  deps: CreateDeps,
  order: CreateOrder,
  { retried, doubtful = false }: { retried: boolean; doubtful?: boolean },
): readonly number[] {
  if (retried) return deps.lookupDelaysMs;
  // Without `Key` nothing tells an old page of ours from a person's.
  return (order.suspect || doubtful) && order.db.properties.has("Key") ? [0] : [];
}

interface Look {
  db: BoundDatabase;
  key: string;
  startedAt: string;
  draft: () => Promise<PageDraft>;
}

async function postUntilKnown(deps: CreateDeps, look: Look): Promise<CreatedPage> {
  const { properties, children } = await look.draft();
  const body = {
    parent: { type: "data_source_id", data_source_id: look.db.dataSourceId },
    properties,
    ...(children.length > 0 && { children }),
  };
  for (let attempt = 1; ; attempt++) {
    const answer = await deps.gateway.create({ route: ROUTE, method: "post", path: "pages", body });
    if (answer.kind === "committed") return { id: answer.id, url: pageUrl(answer.id), existed: false };
    const made = answer.kind === "created" ? pageRef(answer.body) : null;
    if (made) return { ...made, existed: false };
    const found = await lookFor(deps, look, deps.lookupDelaysMs);
    if (found) return { ...found, existed: false };
    if (attempt < CREATE_TRIES) continue;
    const failure =
      answer.kind === "unknown" ? answer.failure : readFailure(new SyntaxError("no page id"), 0);
    throw toAppError(failure, { route: ROUTE, isCreate: true });
  }
}

async function lookFor(
  deps: CreateDeps,
  look: Look,
  delaysMs: readonly number[],
): Promise<CreatedPage | null> {
  for (const delayMs of delaysMs) {
    if (delayMs > 0) await deps.clock.sleep(delayMs);
    const found = await lookOnce(deps.gateway, look);
    if (found) return { ...found, existed: true };
  }
  return null;
}

async function lookOnce(gateway: Gateway, look: Look): Promise<{ id: string; url: string } | null> {
  const key = look.db.properties.get("Key");
  const query = (filter: Json) =>
    gateway.read({
      route: "POST /v1/data_sources/:id/query",
      method: "post",
      path: `data_sources/${look.db.dataSourceId}/query`,
      body: { filter, sorts: [{ timestamp: "created_time", direction: "ascending" }], page_size: 100 },
    });
  if (key) {
    const rows = listAt(await query({ property: key.id, rich_text: { equals: look.key } }), "results");
    return pageRef(rows[0]);
  }
  return lookByTitle(query, look);
}

/**
 * A workspace without `Key`: same title, same links, made since this create began. Notion rounds times down to
 * the minute, and its clock is not ours: one minute of slack.
 */
async function lookByTitle(query: (filter: Json) => Promise<unknown>, look: Look) {
  const { properties } = await look.draft();
  const title = [...look.db.properties.values()].find((p) => p.type === "title");
  if (!title) return null;
  const words = listAt(properties[title.id], "title").map((run) =>
    stringAt(recordAt(run, "text"), "content"),
  );
  const since = (Math.floor(Date.parse(look.startedAt) / MINUTE_MS) - 1) * MINUTE_MS;
  const answer = await query({
    and: [
      { property: title.id, title: { equals: words.join("") } },
      { timestamp: "created_time", created_time: { on_or_after: new Date(since).toISOString() } },
    ],
  });
  return pageRef(listAt(answer, "results").find((page) => hasSameLinks(page, properties)));
}

function hasSameLinks(page: unknown, written: Record<string, Json>): boolean {
  const existing = Object.values(recordAt(page, "properties"));
  return Object.entries(written).every(([id, value]) => {
    if (!isRecord(value) || !("relation" in value)) return true;
    const ids = new Set(linkIds(existing.find((p) => stringAt(p, "id") === id)));
    return linkIds(value).every((link) => ids.has(link));
  });
}

function linkIds(property: unknown): string[] {
  return listAt(property, "relation").flatMap((link) => stringAt(link, "id") ?? []);
}

function pageRef(page: unknown): { id: string; url: string } | null {
  const id = stringAt(page, "id");
  return id === null ? null : { id, url: stringAt(page, "url") ?? pageUrl(id) };
}

export function pageUrl(id: string): string {
  return `https://app.notion.com/p/${id.replaceAll("-", "")}`;
}
