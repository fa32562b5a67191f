/**
 * The composition root: constructs and connects things, the larger groups with the help of `compose/`. Start: store and
 * engine first (what was in flight resumes), then Slack and HTTP, then the clock. Stop: the same backwards, within the
 * platform's grace.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createCounsel } from "./agents/counsel.ts";
import { createHttp } from "./compose/http.ts";
import { createNotion } from "./compose/notion.ts";
import { createWatch } from "./compose/watch.ts";
import { createWorkflows } from "./compose/workflows.ts";
import type { Config } from "./config.ts";
import type { PollReport } from "./domain/health.ts";
import { type ErrorTracking, startErrorTracking } from "./error-tracking.ts";
import { toFailure } from "./errors.ts";
import { createHealthMonitor, type HealthMonitor } from "./health/monitor.ts";
import { createProbes } from "./health/probes.ts";
import type { HttpServer } from "./http/server.ts";
import { createLog, type Log, moduleLog } from "./log.ts";
import type { NotionWorkspace } from "./notion/workspace.ts";
import { createPoller, type Poller } from "./poller/poller.ts";
import { createSlack, type Slack } from "./slack/slack.ts";
import * as ledgers from "./store/ledgers.ts";
import { createSpendLedger } from "./store/spend.ts";
import { openStore, type Store } from "./store/store.ts";
import { createEngine, type Patience } from "./workflows/engine.ts";
import type { Workflows } from "./workflows/workflows.ts";

export interface App {
  start(): Promise<void>;
  /** Finishes or hands over what is in flight; resolves in under 10 s. */
  stop(): Promise<void>;
  httpPort(): number;
  /** For what nobody caught: logs and reports it. The process must end afterwards. */
  crashed(error: unknown): Promise<void>;
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
const STOP_CLICKS_MS = 2_000;
const STOP_WORKFLOWS_MS = 4_000;
const STOP_REPORTS_MS = 1_000;

interface Parts {
  config: Config;
  log: Log;
  errors: ErrorTracking;
  store: Store;
  notion: NotionWorkspace;
  slack: Slack;
  workflows: Workflows;
  poller: Poller;
  monitor: HealthMonitor;
  http: HttpServer;
  engine: ReturnType<typeof createEngine>;
  state: {
    ready: boolean;
    draining: boolean;
    /** Settles when the first look at Notion and everything else is over, whatever came of it. */
    connecting: Promise<void>;
  };
}

export async function createApp(config: Config, options: AppOptions = {}): Promise<App> {
  const log = options.log ?? createLog({ ...config.log, secrets: config.secrets });
  for (const warning of config.warnings) moduleLog(log, "config").warn(warning);
  const errors = await startErrorTracking(config);
  const store = await openStore({ ...config.store, log: moduleLog(log, "store") });
  const parts = connect(config, { log, store, errors, options });
  let port = 0;
  return {
    async start() {
      port = await start(parts);
    },
    stop: () => stop(parts),
    async crashed(error) {
      const reference = randomUUID().slice(0, 8);
      moduleLog(log, "app").fatal({ reference, err: error }, "crashed");
      errors.report({ surface: "process", reference, error });
      await errors.close(STOP_REPORTS_MS);
    },
    httpPort: () => port,
    pollNow: parts.poller.pollNow,
    idle: () => idle(parts),
  };
}

function connect(
  config: Config,
  { log, store, errors, options }: { log: Log; store: Store; errors: ErrorTracking; options: AppOptions },
): Parts {
  const now = options.now ?? (() => new Date());
  const state = { ready: false, draining: false, connecting: Promise.resolve() };
  const { db } = store;
  const spend = createSpendLedger(store, { ...config.claude, timezone: config.timezone, now });
  const { metrics, reportFault } = createWatch(config, { store, errors, poller: () => poller });
  const notion = createNotion(config, {
    ...{ store, log, metrics },
    lookupDelaysMs: options.notionLookupDelaysMs,
  });
  const counsel = createCounsel({ ...config.claude, spend, log, observe: metrics.claudeCall });
  const engine = createEngine({
    store,
    log: moduleLog(log, "workflows"),
    patience: options.patience,
    reportFault,
  });
  const http = createHttp(config, {
    log,
    metrics,
    reportFault,
    whyNotReady: () => whyNotReady(store, state),
    health: () => monitor.report(),
    audit: ledgers.createAuditTrail(db),
    poller: () => poller,
  });
  const slack = createSlack({
    settings: config.slack,
    express: config.slack.appToken === null ? http.app : null,
    deliveries: ledgers.createDeliveryLog(db),
    posts: ledgers.createPostLedger(db),
    audit: ledgers.createAuditTrail(db),
    notionUser: notion.users.emailOf,
    log,
    meter: metrics.slack,
    reportFault,
    postIntervalMs: options.slackPostIntervalMs,
  });
  const workflows = createWorkflows(config, {
    ...{ store, log, notion, slack, counsel, spend, now },
    meter: metrics.work,
  });
  const poller = createPoller({
    ...config.poll,
    timezone: config.timezone,
    poll: workflows.poll,
    now,
    log: moduleLog(log, "poller"),
    observe: metrics.polled,
    reportFault,
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
  http.addFallbacks();
  return { config, log, errors, store, notion, slack, workflows, poller, monitor, http, engine, state };
}

async function start(parts: Parts): Promise<number> {
  const { config, log, engine, slack, http, poller, monitor, notion, state } = parts;
  await engine.launch();
  await slack.start();
  const port = await http.listen();
  await poller.start();
  monitor.start();
  state.ready = true;
  moduleLog(log, "app").info(
    { port, version: config.build.version, environment: config.environment },
    "started",
  );
  // Not awaited: a Notion outage at start must not keep clicks from being taken. Whatever needs it asks again.
  const onFailure = (error: unknown) => {
    const { code, message } = toFailure(error);
    moduleLog(log, "app").error({ code, reason: message }, "Notion is not usable yet");
  };
  const connecting = notion.connect().then(() => undefined, onFailure);
  state.connecting = Promise.all([connecting, monitor.refresh()]).then(() => undefined);
  return port;
}

async function stop(parts: Parts): Promise<void> {
  const { state, poller, monitor, http, slack, engine, store, errors, log } = parts;
  state.draining = true;
  monitor.stop();
  // A click may wait for Slack longer than a stop may last; what it started is durable.
  const clicksDone = Promise.race([slack.stop(), sleep(STOP_CLICKS_MS, undefined, { ref: false })]);
  await Promise.all([poller.stop(STOP_POLL_MS), clicksDone, http.close()]);
  await engine.shutdown(STOP_WORKFLOWS_MS);
  await Promise.all([store.close(), errors.close(STOP_REPORTS_MS)]);
  moduleLog(log, "app").info("stopped");
}

/** A handler may start a workflow and a workflow never starts a handler, so this order misses nothing. */
async function idle({ slack, engine, state }: Parts): Promise<void> {
  await state.connecting;
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
