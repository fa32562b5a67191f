/**
 * The Notion side of the bot, in the bot's words: inbox, catalogue, decisions, records and follow-ups, composed
 * over one gateway. It owns what is true about a workspace (ids, schema, numbers); when and why something is
 * written is the workflows' business.
 */
import type { Check } from "../domain/health.ts";
import { AppError, isAppError, toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import { createCatalogue } from "./catalogue.ts";
import type { CreateDeps } from "./creates.ts";
import { DATABASES } from "./databases/all.ts";
import type { DatabaseName } from "./databases/property-table.ts";
import { createDecisions } from "./decisions.ts";
import { createFollowUps } from "./follow-ups.ts";
import { type Clock, createGateway, type Gateway, type ObservedCall } from "./gateway.ts";
import { createInbox } from "./inbox.ts";
import { createNodes } from "./nodes.ts";
import { createRunningNumber } from "./numbers.ts";
import type { Counters, Exclusive, NodeMemory, Pacer, WriteLedger } from "./ports.ts";
import { createRecords } from "./records.ts";
import { createTable } from "./table.ts";
import { tasksDoneSince } from "./tasks-done.ts";
import { readTrainingCases } from "./training-cases.ts";
import { createUsers } from "./users.ts";

/** Together longer than any lag of queries behind writes that was ever reported. */
const LOOKUP_DELAYS_MS = [0, 2000, 5000, 15_000];

export interface NotionDeps {
  apiKey: string;
  baseUrl: string;
  databases: Record<DatabaseName, string>;
  ledger: WriteLedger;
  pacer: Pacer;
  /** The share of the request budget that is kept for looking after the databases. Absent = the same as for work. */
  probePacer?: Pacer;
  exclusive: Exclusive;
  counters: Counters;
  nodeMemory: NodeMemory;
  log: Log;
  /** Called for every request, answered or not. */
  observe?: (call: ObservedCall) => void;
  clock?: Clock;
  timeoutMs?: number;
  backoffMs?: number;
  lookupDelaysMs?: readonly number[];
}

/** Health wants an answer soon, and "no answer" is one. */
const PROBE = { isProbe: true, timeoutMs: 9_000 };

export interface SchemaReport {
  /** Optional properties the workspace lacks, one sentence each. */
  warnings: string[];
}

export type NotionWorkspace = ReturnType<typeof createNotionWorkspace>;

const wallClock: Clock = {
  now: () => Date.now(),
  sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
};

/** Nothing is sent before the first use or `connect`. */
export function createNotionWorkspace(deps: NotionDeps) {
  const { log, exclusive, counters, clock = wallClock } = deps;
  const gateway = createGateway({ ...deps, clock });
  const probeGateway = createGateway({ ...deps, clock, ...PROBE, pacer: deps.probePacer ?? deps.pacer });
  const lookupDelaysMs = deps.lookupDelaysMs ?? LOOKUP_DELAYS_MS;
  const tables = createTables(
    { gateway, probeGateway, ledger: deps.ledger, clock, lookupDelaysMs },
    deps.databases,
  );
  const ids = createRunningNumber(counters, tables.SYSTEM_INBOX, "Inbox_ID");
  const intentIds = createRunningNumber(counters, tables.EXECUTIVE_INTENTS, "Intent ID");
  const logIds = createRunningNumber(counters, tables.EXECUTION_LOG, "Log_ID");
  const nodes = createNodes({ table: tables.NODES, memory: deps.nodeMemory, exclusive, clock });
  const catalogue = createCatalogue({
    areas: tables.AREAS,
    registry: tables.AGENT_REGISTRY,
    nodes,
    clock,
  });
  const users = createUsers({ gateway, clock });

  /** What would otherwise be read while the first item waits. Whatever fails here is asked again when needed. */
  async function warmUp(): Promise<void> {
    const numbers = [ids, intentIds, logIds].map((number) => number.warmUp());
    const reads = [...numbers, nodes.warmUp(), catalogue.areas(), catalogue.advisers(), users.botId()];
    for (const result of await Promise.allSettled(reads))
      if (result.status === "rejected")
        log.warn({ code: toFailure(result.reason).code }, "notion cache not filled at start");
  }

  return {
    /** Resolves all ten schemas and fills the caches. Throws one error that names every problem. */
    async connect(): Promise<SchemaReport> {
      const all = Object.values(tables);
      const results = await Promise.allSettled(all.map((table) => table.bound()));
      const failures = results.flatMap((r) => (r.status === "rejected" ? [r.reason as unknown] : []));
      if (failures.length > 0) throw joined(failures);
      const warnings = results.flatMap((r) => (r.status === "fulfilled" ? r.value.warnings : []));
      for (const warning of warnings) log.warn(warning);
      await warmUp();
      return { warnings };
    },
    inbox: createInbox({ table: tables.SYSTEM_INBOX, gateway, clock, ids }),
    catalogue,
    decisions: createDecisions({ intents: tables.EXECUTIVE_INTENTS, pipes: tables.ACTION_PIPES, intentIds }),
    records: createRecords({
      training: tables.TRAINING_DATA,
      log: tables.EXECUTION_LOG,
      logIds,
      botId: users.botId,
    }),
    followUps: createFollowUps({ tasks: tables.TASKS, projects: tables.PROJECTS }),
    users,
    /** ISO 8601. One request. */
    tasksDoneSince: (since: string) => tasksDoneSince({ gateway, tasks: tables.TASKS }, since),
    /** Every row of Training Data with what it came from. */
    trainingCases: () =>
      readTrainingCases({
        gateway,
        training: tables.TRAINING_DATA,
        pipes: tables.ACTION_PIPES,
        intents: tables.EXECUTIVE_INTENTS,
        inbox: tables.SYSTEM_INBOX,
      }),
    /** One request, two when the schema is not known yet. Never throws; "unknown" = it could not be asked. */
    checkDatabase: (name: DatabaseName): Promise<Check> => tables[name].check(),
  };
}

function createTables(deps: CreateDeps & { probeGateway: Gateway }, ids: Record<DatabaseName, string>) {
  const table = <N extends DatabaseName>(name: N) =>
    createTable<(typeof DATABASES)[N]["properties"]>(deps, {
      name,
      title: DATABASES[name].title,
      id: ids[name],
      table: DATABASES[name].properties,
    });
  return {
    SYSTEM_INBOX: table("SYSTEM_INBOX"),
    EXECUTIVE_INTENTS: table("EXECUTIVE_INTENTS"),
    ACTION_PIPES: table("ACTION_PIPES"),
    AGENT_REGISTRY: table("AGENT_REGISTRY"),
    EXECUTION_LOG: table("EXECUTION_LOG"),
    TRAINING_DATA: table("TRAINING_DATA"),
    TASKS: table("TASKS"),
    PROJECTS: table("PROJECTS"),
    AREAS: table("AREAS"),
    NODES: table("NODES"),
  };
}

/** A failure that may pass is thrown as it is; everything an operator has to mend is said at once. */
function joined(failures: unknown[]): unknown {
  const passing = failures.find((f) => !isAppError(f) || f.retryable);
  if (passing !== undefined) return passing;
  const messages = [...new Set(failures.map((f) => toFailure(f).message))];
  const { code } = toFailure(failures[0]);
  return new AppError(messages.join("\n"), { code, retryable: false, cause: failures[0] });
}
