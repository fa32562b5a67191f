/**
 * Makes the ten databases and completes them. It only ever adds: no property is removed, renamed by its own name,
 * shortened or given another type. Every step looks before it acts and again after a lost answer, so that a run
 * that was cut off is simply run again.
 */
import { AppError, isAppError } from "../errors.ts";
import { DATABASES } from "./databases/all.ts";
import type { DatabaseName } from "./databases/property-table.ts";
import { readFailure, toAppError } from "./failures.ts";
import type { Clock, Gateway } from "./gateway.ts";
import { isRecord, type Json, listAt, recordAt, stringAt } from "./lenient-json.ts";
import { readDataSource } from "./schema.ts";
import {
  type DataSourceIds,
  gapsOf,
  initialProperties,
  isWorthAdding,
  ownerOf,
  plainConfig,
  relationConfig,
  tableOf,
} from "./schema-gaps.ts";

const TRIES = 3;
/** How Notion calls the other side of a relation when it does not take the name it was given. */
const AUTO_NAME = /^Related (to|back to) /;

export const DATABASE_ORDER = Object.keys(DATABASES) as DatabaseName[];

export interface ProvisionDeps {
  gateway: Gateway;
  clock: Clock;
  lookupDelaysMs: readonly number[];
}

export interface ChildDatabase {
  id: string;
  title: string;
}

/** Null when there is no such page, or the connection may not see it. */
export async function findPage({ gateway }: ProvisionDeps, pageId: string): Promise<{ url: string } | null> {
  const page = await gateway
    .read({ route: "GET /v1/pages/:id", method: "get", path: `pages/${pageId}` })
    .catch((error: unknown) => {
      if (isAppError(error) && error.code === "notion_not_found") return null;
      throw error;
    });
  if (page === null || recordAt(page, "parent")["type"] === undefined) return null;
  return { url: stringAt(page, "url") ?? "" };
}

/** The databases directly on a page. Not by search, which lags behind. */
export async function childDatabases({ gateway }: ProvisionDeps, pageId: string): Promise<ChildDatabase[]> {
  const found: ChildDatabase[] = [];
  let cursor: string | null = null;
  do {
    const answer: unknown = await gateway.read({
      route: "GET /v1/blocks/:id/children",
      method: "get",
      path: `blocks/${pageId}/children`,
      query: { page_size: 100, ...(cursor !== null && { start_cursor: cursor }) },
    });
    for (const block of listAt(answer, "results").filter(isRecord)) {
      const title = stringAt(recordAt(block, "child_database"), "title");
      const id = stringAt(block, "id");
      if (title !== null && id !== null) found.push({ id, title });
    }
    cursor = stringAt(answer, "next_cursor");
  } while (cursor !== null);
  return found;
}

/** Ours among them, by title. Throws when one title stands for two: only a person knows which is the right one. */
export function oursAmong(children: ChildDatabase[]): Partial<Record<DatabaseName, string>> {
  const found: Partial<Record<DatabaseName, string>> = {};
  for (const name of DATABASE_ORDER) {
    const { title } = DATABASES[name];
    const same = children.filter((child) => child.title.trim().toLowerCase() === title.toLowerCase());
    if (same.length > 1) {
      throw new AppError(
        `The page holds ${same.length} databases called "${title}" (${same.map(({ id }) => id).join(", ")}): rename or remove all but one, then run setup again`,
        { code: "notion_invalid", retryable: false },
      );
    }
    if (same[0]) found[name] = same[0].id;
  }
  return found;
}

/** Without relations. Resolves with the id of the database, also when it was made by a request that failed. */
export async function createDatabase(
  deps: ProvisionDeps,
  name: DatabaseName,
  parentPageId: string,
): Promise<string> {
  const route = "POST /v1/databases";
  const body = {
    parent: { type: "page_id", page_id: parentPageId },
    title: [{ type: "text", text: { content: DATABASES[name].title } }],
    is_inline: false,
    initial_data_source: { properties: initialProperties(name) },
  };
  for (let attempt = 1; ; attempt++) {
    const answer = await deps.gateway.create({ route, method: "post", path: "databases", body });
    if (answer.kind === "committed") return answer.id;
    const id = answer.kind === "created" ? stringAt(answer.body, "id") : null;
    if (id !== null) return id;
    const found = await lookForChild(deps, name, parentPageId);
    if (found !== null) return found;
    if (attempt < TRIES) continue;
    const failure = answer.kind === "unknown" ? answer.failure : readFailure(new SyntaxError("no id"), 0);
    throw toAppError(failure, { route, isCreate: true });
  }
}

async function lookForChild(
  deps: ProvisionDeps,
  name: DatabaseName,
  parentPageId: string,
): Promise<string | null> {
  for (const delayMs of deps.lookupDelaysMs) {
    if (delayMs > 0) await deps.clock.sleep(delayMs);
    const found = oursAmong(await childDatabases(deps, parentPageId))[name];
    if (found !== undefined) return found;
  }
  return null;
}

export interface Added {
  database: DatabaseName;
  property: string;
}

/** Adds what is missing to the data sources given; relations to one that is not given are left out. */
export async function addMissing(
  deps: ProvisionDeps,
  ids: DataSourceIds,
  onAdded: (added: Added) => void = () => undefined,
): Promise<void> {
  const names = DATABASE_ORDER.filter((name) => ids[name] !== undefined);
  // The side that names the other comes first, because it makes both.
  for (const pass of ["owners", "mirrors"] as const) {
    const sources = new Map<DatabaseName, unknown>();
    for (const name of names) sources.set(name, await readDataSource(deps.gateway, ids[name] ?? ""));
    for (const name of names) {
      await complete(deps, { name, ids, sources, pass, onAdded });
    }
  }
}

interface Completion {
  name: DatabaseName;
  ids: DataSourceIds;
  /** As last read. */
  sources: Map<DatabaseName, unknown>;
  pass: "owners" | "mirrors";
  onAdded: (added: Added) => void;
}

async function complete(deps: ProvisionDeps, job: Completion): Promise<void> {
  const { name, ids, sources, onAdded } = job;
  const id = ids[name] ?? "";
  const route = "PATCH /v1/data_sources/:id";
  for (let attempt = 1; ; attempt++) {
    const changes = changesFor(job);
    if (Object.keys(changes).length === 0) return;
    const answer = await deps.gateway.create({
      route,
      method: "patch",
      path: `data_sources/${id}`,
      body: {
        properties: Object.fromEntries(Object.values(changes).map(({ key, config }) => [key, config])),
      },
    });
    if (answer.kind !== "unknown") {
      for (const property of Object.keys(changes)) onAdded({ database: name, property });
      return;
    }
    if (attempt === TRIES) throw toAppError(answer.failure, { route, isCreate: true });
    await deps.clock.sleep(deps.lookupDelaysMs.at(-1) ?? 0);
    sources.set(name, await readDataSource(deps.gateway, id));
  }
}

/** By our name: the key Notion knows the property by, and what it shall be. */
type Changes = Record<string, { key: string; config: Json }>;

function changesFor(job: Completion): Changes {
  const { name, ids, sources, pass } = job;
  const changes: Changes = {};
  for (const gap of gapsOf(name, sources.get(name), ids)) {
    const { property } = gap;
    const spec = tableOf(name)[property];
    if (!spec || gap.kind !== "missing") continue;
    const owner = ownerOf(name, property);
    if ((owner !== null) !== (pass === "mirrors")) continue;
    const renamed = owner === null ? null : autoNamed(job, owner);
    if (renamed !== null) changes[property] = { key: renamed, config: { name: property } };
    else if (isWorthAdding(gap)) {
      const config = spec.target === null ? plainConfig(spec) : relationTo(job, property);
      if (config !== null) changes[property] = { key: property, config };
    }
  }
  return changes;
}

function relationTo({ name, ids, sources }: Completion, property: string): Json | null {
  const spec = tableOf(name)[property];
  const targetId = spec?.target ? ids[spec.target] : undefined;
  if (!spec?.target || targetId === undefined) return null;
  const taken = recordAt(sources.get(spec.target), "properties");
  return relationConfig(
    targetId,
    spec.mirror === null ? null : { name: spec.mirror, isFree: taken[spec.mirror] === undefined },
  );
}

/** Id of the other side of the owner's relation, when it stands under a name that Notion made up. */
function autoNamed(
  { name, ids, sources }: Completion,
  owner: { database: DatabaseName; property: string },
): string | null {
  const property = recordAt(recordAt(sources.get(owner.database), "properties"), owner.property);
  const relation = recordAt(property, "relation");
  const dual = recordAt(relation, "dual_property");
  const isToUs = stringAt(relation, "data_source_id") === ids[name];
  if (!isToUs || !AUTO_NAME.test(stringAt(dual, "synced_property_name") ?? "")) return null;
  return stringAt(dual, "synced_property_id");
}
