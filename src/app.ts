/**
 * The composition root: the only file that constructs and connects things. Start: store and engine first (what was
 * in flight resumes), then Slack and HTTP, then the clock. Stop: the same backwards, within the platform's grace.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createCounsel } from "./agents/counsel.ts";
import { type Config, DATABASE_NAMES } from "./config.ts";
import type { PollReport } from "./domain/health.ts";
import { toFailure } from "./errors.ts";
import { createHealthMonitor, type HealthMonitor } from "./health/monitor.ts";
import { createProbes } from "./health/probes.ts";
import { addFallbacks, createHttpServer } from "./http/server.ts";
import { createLog, type Log, moduleLog } from "./log.ts";
import { createNotionWorkspace, type NotionWorkspace } from "./notion/workspace.ts";
import { createPoller, type Poller } from "./poller/poller.ts";
import { createSlack, type Slack } from "./slack/slack.ts";
import { createDeadLetterStore, createDecisionStore } from "./store/decisions.ts";
import { createItemStore } from "./store/items.ts";
import * as ledgers from "./store/ledgers.ts";
import { createSpendLedger } from "./store/spend.ts";
import { openStore, type Store } from "./store/store.ts";
import { createEngine, type Patience } from "./workflows/engine.ts";
import { registerWorkflows, type Workflows } from "./workflows/workflows.ts";

export interface App {
  start(): Promise<void>;
  /** Finishes or hands over what is in flight; resolves in under 10 s. */
  stop(): Promise<void>;
  httpPort(): number;
  pollNow(): Promise<PollReport>;
  /** Resolves when no workflow is at work: nothing more will happen without a new cause. */
  idle(): Promise<void>;
}

/** What tests turn down so that they need not wait; production uses the defaults. */
export interface AppOptions {
  patience?: Patience;
  slackPostIntervalMs?: number;
  /** When to look for a page whose creation was not answered. */
  notionLookupDelaysMs?: readonly number[];
  log?: Log;
  /** The clock of polls, deadlines and budgets. Signatures are always checked against the real one. */
  now?: () => Date;
}

const STOP_POLL_MS = 2_000;
const STOP_WORKFLOWS_MS = 5_000;
/** Notion's window is a minute; one second and two requests are kept back for clock differences. */
const NOTION_WINDOW_MS = 61_000;
const NOTION_RESERVE = 2;

interface Parts {
  config: Config;
  log: Log;
  store: Store;
  notion: NotionWorkspace;
  slack: Slack;
  workflows: Workflows;
  poller: Poller;
  monitor: HealthMonitor;
  http: ReturnType<typeof createHttpServer>;
  engine: ReturnType<typeof createEngine>;
  state: { ready: boolean; draining: boolean };
}

export async function createApp(config: Config, options: AppOptions = {}): Promise<App> {
  const log = options.log ?? createLog(config.log);
  for (const warning of config.warnings) log.warn(warning);
  const store = await openStore({ ...config.store, log: moduleLog(log, "store") });
  const parts = connect(config, { log, store, options });
  let port = 0;
  return {
    async start() {
      port = await start(parts);
    },
    stop: () => stop(parts),
    httpPort: () => port,
    pollNow: parts.poller.pollNow,
    idle: () => idle(parts),
  };
}

function connect(
  config: Config,
  { log, store, options }: { log: Log; store: Store; options: AppOptions },
): Parts {
  const now = options.now ?? (() => new Date());
  const state = { ready: false, draining: false };
  const { db } = store;
  const spend = createSpendLedger(store, { ...config.claude, timezone: config.timezone, now });
  const notion = createNotion(config, { store, log, options });
  const counsel = createCounsel({ ...config.claude, spend, log: moduleLog(log, "claude") });
  const engine = createEngine({ store, log: moduleLog(log, "workflows"), patience: options.patience });
  const http = createHttpServer({
    ...config.http,
    ports: {
      build: config.build,
      health: () => monitor.report(),
      whyNotReady: () => whyNotReady(store, state),
      poller: () => poller.status(),
      databases: () => Object.fromEntries(DATABASE_NAMES.map((name) => [name.toLowerCase(), true])),
    },
  });
  const slack = createSlack({
    settings: config.slack,
    express: config.slack.appToken === null ? http.app : null,
    deliveries: ledgers.createDeliveryLog(db),
    posts: ledgers.createPostLedger(db),
    audit: ledgers.createAuditTrail(db),
    notionUser: notion.users.emailOf,
    log,
    postIntervalMs: options.slackPostIntervalMs,
  });
  const workflows = createWorkflows(config, { store, log, notion, slack, counsel, spend, now });
  const poller = createPoller({
    ...config.poll,
    timezone: config.timezone,
    poll: workflows.poll,
    now,
    log: moduleLog(log, "poller"),
  });
  const monitor = createHealthMonitor({
    probes: createProbes({ config, store, notion, slack, counsel, poller, now }),
    timeoutMs: 10_000,
    now,
  });
  slack.connect({
    decisions: workflows.decisions,
    deadLetters: workflows.letters,
    capture: workflows.capture,
    operations: {
      health: () => monitor.refresh(),
      pollNow: poller.pollNow,
    },
  });
  addFallbacks(http.app, (error) => logFault(log, error));
  return { config, log, store, notion, slack, workflows, poller, monitor, http, engine, state };
}

interface WorkflowParts {
  store: Store;
  log: Log;
  notion: NotionWorkspace;
  slack: Slack;
  counsel: ReturnType<typeof createCounsel>;
  spend: ReturnType<typeof createSpendLedger>;
  now: () => Date;
}

function createWorkflows(config: Config, { store, log, slack, spend, ...rest }: WorkflowParts): Workflows {
  const { db } = store;
  const items = createItemStore(db);
  return registerWorkflows({
    ...rest,
    board: slack.board,
    people: slack.people,
    books: {
      items,
      origins: items,
      decisions: createDecisionStore(db),
      letters: createDeadLetterStore(db),
      settings: ledgers.createSettings(db),
      audit: ledgers.createAuditTrail(db),
      deliveries: ledgers.createDeliveryLog(db),
      spend,
    },
    exclusive: store.exclusive,
    rules: { ...config.decisions, ...config.claude },
    log: moduleLog(log, "workflows"),
  });
}

function createNotion(
  config: Config,
  { store, log, options }: { store: Store; log: Log; options: AppOptions },
): NotionWorkspace {
  return createNotionWorkspace({
    ...config.notion,
    ledger: ledgers.createWriteLedger(store.db),
    pacer: ledgers.createPacer(store.db, {
      key: "notion",
      limit: Math.max(1, config.notion.requestsPerMinute - NOTION_RESERVE),
      windowMs: NOTION_WINDOW_MS,
      sleep: (durationMs) => sleep(durationMs),
    }),
    exclusive: store.exclusive,
    counters: ledgers.createCounters(store),
    log: moduleLog(log, "notion"),
    lookupDelaysMs: options.notionLookupDelaysMs,
  });
}

async function start(parts: Parts): Promise<number> {
  const { config, log, engine, slack, http, poller, monitor, notion, state } = parts;
  await engine.launch();
  await slack.start();
  const port = await http.listen();
  monitor.start();
  await poller.start();
  state.ready = true;
  log.info({ port, version: config.build.version, environment: config.environment }, "started");
  // Not awaited: a Notion outage at start must not keep clicks from being taken. Whatever needs it asks again.
  notion.connect().catch((error: unknown) => {
    const failure = toFailure(error);
    log.error({ code: failure.code, reason: failure.message }, "Notion is not usable yet");
  });
  return port;
}

async function stop(parts: Parts): Promise<void> {
  const { state, poller, monitor, http, slack, engine, store, log } = parts;
  state.draining = true;
  monitor.stop();
  await poller.stop(STOP_POLL_MS);
  await Promise.all([slack.stop(), http.close()]);
  await engine.shutdown(STOP_WORKFLOWS_MS);
  await store.close();
  log.info("stopped");
}

/** A handler may start a workflow and a workflow never starts a handler, so this order misses nothing. */
async function idle({ slack, engine }: Parts): Promise<void> {
  while (slack.inFlight() > 0) await sleep(20);
  await engine.idle();
}

async function whyNotReady(store: Store, state: Parts["state"]): Promise<string | null> {
  if (state.draining) return "draining";
  if (!state.ready) return "starting";
  try {
    await store.ping(2_000);
    return null;
  } catch {
    // The reason is in the health report; callers of a public route need only this.
    return "store unreachable";
  }
}

function logFault(log: Log, error: unknown): string {
  const reference = Math.random().toString(36).slice(2, 10);
  log.error({ reference, code: toFailure(error).code, err: error }, "request failed");
  return reference;
}
