/**
 * Notion for the person who sets the bot up: makes databases, completes them, says what is wrong with them and reads
 * the training rows. Needs no store; what the running bot does is in workspace.ts.
 */
import { toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import { DATABASES } from "./databases/all.ts";
import type { DatabaseName } from "./databases/property-table.ts";
import { type FirstRowsDeps, type MissingRows, missingRows, writeFirstRows } from "./first-rows.ts";
import { type Clock, createGateway } from "./gateway.ts";
import { listAt, recordAt, stringAt } from "./lenient-json.ts";
import type { Pacer, WriteLedger } from "./ports.ts";
import {
  type Added,
  addMissing,
  childDatabases,
  createDatabase,
  findPage,
  oursAmong,
  type ProvisionDeps,
} from "./provision.ts";
import { type DatabaseConfig, findDataSource, readDataSource } from "./schema.ts";
import { type DataSourceIds, type Gap, gapsOf } from "./schema-gaps.ts";
import { createTable } from "./table.ts";
import { readTrainingCases } from "./training-cases.ts";

export type { Added } from "./provision.ts";
export type { Gap } from "./schema-gaps.ts";

/** Together longer than any lag of lists behind writes that was ever reported. */
const LOOKUP_DELAYS_MS = [0, 2_000, 5_000];

export interface NotionAdminDeps {
  apiKey: string;
  baseUrl: string;
  log: Log;
  clock?: Clock;
  lookupDelaysMs?: readonly number[];
  timeoutMs?: number;
}

export type DatabaseIds = Partial<Record<DatabaseName, string>>;

export interface DatabaseFinding {
  name: DatabaseName;
  title: string;
  /** Why it cannot be used at all; null when it was read. */
  problem: string | null;
  /** Another of the ten, when this is its title in Notion: the ids were probably mixed up. */
  looksLike: DatabaseName | null;
  gaps: Gap[];
}

export type NotionAdmin = ReturnType<typeof createNotionAdmin>;

const wallClock: Clock = {
  now: () => Date.now(),
  sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
};

export function createNotionAdmin(deps: NotionAdminDeps) {
  const clock = deps.clock ?? wallClock;
  const gateway = createGateway({ ...deps, clock, pacer: createPause(clock) });
  const lookupDelaysMs = deps.lookupDelaysMs ?? LOOKUP_DELAYS_MS;
  const provision: ProvisionDeps = { gateway, clock, lookupDelaysMs };
  const tableOf = <N extends DatabaseName>(name: N, id: string) =>
    createTable<(typeof DATABASES)[N]["properties"]>(
      { gateway, clock, lookupDelaysMs, ledger: noLedger(clock) },
      configOf(name, id),
    );
  const rowsDeps = (ids: Record<DatabaseName, string>, advisers: FirstRowsDeps["advisers"]) => ({
    areas: tableOf("AREAS", ids.AREAS),
    registry: tableOf("AGENT_REGISTRY", ids.AGENT_REGISTRY),
    advisers,
  });

  return {
    /** Name of the connection the key belongs to, and of its workspace. */
    async whoAmI(): Promise<{ name: string; workspace: string }> {
      const self = await gateway.read({
        route: "GET /v1/users/me",
        method: "get",
        path: "users/me",
        tries: 1,
      });
      return {
        name: stringAt(self, "name") ?? "",
        workspace: stringAt(recordAt(self, "bot"), "workspace_name") ?? "",
      };
    },
    /** Null when there is no such page, or the connection may not see it. */
    findPage: (pageId: string) => findPage(provision, pageId),
    /** Ours among the databases directly on a page. */
    databasesOn: async (pageId: string): Promise<DatabaseIds> =>
      oursAmong(await childDatabases(provision, pageId)),
    createDatabase: (name: DatabaseName, parentPageId: string) =>
      createDatabase(provision, name, parentPageId),
    /** Ids of the data sources behind the databases given; throws when one cannot be used. */
    dataSources: async (ids: DatabaseIds): Promise<DataSourceIds> => {
      const found: DataSourceIds = {};
      for (const [name, id] of entriesOf(ids))
        found[name] = (await findDataSource(gateway, configOf(name, id))).dataSourceId;
      return found;
    },
    addMissing: (ids: DataSourceIds, onAdded?: (added: Added) => void) => addMissing(provision, ids, onAdded),
    inspect: (ids: DatabaseIds) => inspect(provision, ids),
    missingRows: (ids: Record<DatabaseName, string>, advisers: FirstRowsDeps["advisers"]) =>
      missingRows(rowsDeps(ids, advisers)),
    writeFirstRows: (
      order: { ids: Record<DatabaseName, string>; advisers: FirstRowsDeps["advisers"]; missing: MissingRows },
      onWritten?: (title: string) => void,
    ) => writeFirstRows(rowsDeps(order.ids, order.advisers), order.missing, onWritten),
    /** Every row of Training Data with what it came from. */
    trainingCases: (ids: Record<DatabaseName, string>) =>
      readTrainingCases({
        gateway,
        training: tableOf("TRAINING_DATA", ids.TRAINING_DATA),
        pipes: tableOf("ACTION_PIPES", ids.ACTION_PIPES),
        intents: tableOf("EXECUTIVE_INTENTS", ids.EXECUTIVE_INTENTS),
        inbox: tableOf("SYSTEM_INBOX", ids.SYSTEM_INBOX),
      }),
  };
}

function configOf<N extends DatabaseName>(name: N, id: string) {
  const { title, properties } = DATABASES[name];
  return { name, title, id, table: properties } satisfies DatabaseConfig as DatabaseConfig & {
    table: (typeof DATABASES)[N]["properties"];
  };
}

function entriesOf(ids: DatabaseIds): [DatabaseName, string][] {
  // The keys of a record of database names are database names.
  return Object.entries(ids) as [DatabaseName, string][];
}

/** Reads every database given and says what is wrong with it. Never throws for one of them. */
async function inspect(
  { gateway }: ProvisionDeps,
  ids: DatabaseIds,
): Promise<{
  findings: DatabaseFinding[];
  dataSources: DataSourceIds;
}> {
  const dataSources: DataSourceIds = {};
  const problems: Partial<Record<DatabaseName, string>> = {};
  const sources = new Map<DatabaseName, unknown>();
  for (const [name, id] of entriesOf(ids)) {
    try {
      const { dataSourceId } = await findDataSource(gateway, configOf(name, id), 2);
      sources.set(name, await readDataSource(gateway, dataSourceId, 2));
      dataSources[name] = dataSourceId;
    } catch (error) {
      problems[name] = toFailure(error).message;
    }
  }
  const findings = entriesOf(ids).map(([name]) => ({
    name,
    title: DATABASES[name].title,
    problem: problems[name] ?? null,
    looksLike: otherByTitle(name, sources.get(name)),
    gaps: sources.has(name) ? gapsOf(name, sources.get(name), dataSources) : [],
  }));
  return { findings, dataSources };
}

function otherByTitle(name: DatabaseName, source: unknown): DatabaseName | null {
  const called = listAt(source, "title")
    .map((run) => stringAt(run, "plain_text") ?? "")
    .join("");
  const [other] = Object.entries(DATABASES).find(([, { title }]) => title === called) ?? [];
  // The keys of the table are database names.
  return other === undefined || other === name ? null : (other as DatabaseName);
}

/** One person at a terminal stays far below the budget; Notion's own word to wait is obeyed. */
function createPause(clock: Clock): Pacer {
  let until = 0;
  return {
    async take() {
      const waitMs = until - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs);
    },
    async pauseFor(durationMs) {
      until = Math.max(until, clock.now() + durationMs);
    },
  };
}

/** Nothing is remembered between runs: what exists is looked for in Notion. */
function noLedger(clock: Clock): WriteLedger {
  return {
    begin: async () => ({ pageId: null, retried: false, startedAt: new Date(clock.now()).toISOString() }),
    done: async () => undefined,
  };
}
