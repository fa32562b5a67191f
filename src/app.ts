/**
 * The composition root: the only file that constructs and connects things. Start: store and engine first (what was
 * in flight resumes), then Slack and HTTP, then the clock. Stop: the same backwards, within the platform's grace.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createCounsel } from "./agents/counsel.ts";
import { type Config, DATABASE_NAMES } from "./config.ts";
import type { HealthReport, PollReport } from "./domain/health.ts";
import { type ErrorTracking, startErrorTracking } from "./error-tracking.ts";
import { type Fault, type ReportFault, toFailure } from "./errors.ts";
import { createHealthMonitor, type HealthMonitor } from "./health/monitor.ts";
import { createProbes } from "./health/probes.ts";
import { createHttpServer } from "./http/server.ts";
import { createLog, type Log, moduleLog } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { createNotionWorkspace, type NotionWorkspace } from "./notion/workspace.ts";
import { createPoller, type Poller } from "./poller/poller.ts";
import { SLACK_ENDPOINT } from "./slack/receiver.ts";
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
/** Notion's window is a minute; one second and two requests are kept back for clock differences. */
const NOTION_WINDOW_MS = 61_000;
const NOTION_RESERVE = 2;

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
  http: ReturnType<typeof createHttpServer>;
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
  const notion = createNotion(config, { store, log, metrics, options });
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

/** Who hears of everything that happens: the counters, and error tracking of what broke. */
function createWatch(
  config: Config,
  { store, errors, poller }: { store: Store; errors: ErrorTracking; poller: () => Poller },
) {
  const decisions = createDecisionStore(store.db);
  const metrics = createMetrics({
    withProcess: config.metrics.enabled,
    sources: {
      pendingDecisions: () => decisions.count("pending"),
      poller: () => poller().status(),
    },
  });
  const reportFault = (fault: Fault) => {
    metrics.fault(fault);
    errors.report(fault);
  };
  return { metrics, reportFault };
}

interface WorkflowParts {
  store: Store;
  log: Log;
  notion: NotionWorkspace;
  slack: Slack;
  counsel: ReturnType<typeof createCounsel>;
  spend: ReturnType<typeof createSpendLedger>;
  meter: Metrics["work"];
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
  { store, log, metrics, options }: { store: Store; log: Log; metrics: Metrics; options: AppOptions },
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
    observe: metrics.notionCall,
    lookupDelaysMs: options.notionLookupDelaysMs,
  });
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

interface HttpParts {
  log: Log;
  metrics: Metrics;
  reportFault: ReportFault;
  whyNotReady(): Promise<string | null>;
  health(): HealthReport;
  audit: ReturnType<typeof ledgers.createAuditTrail>;
  poller(): Poller;
}

function createHttp(config: Config, { log, metrics, reportFault, audit, poller, ...parts }: HttpParts) {
  const settings = {
    ...config.http,
    metrics: config.metrics,
    // Set by the platform alone; Railway's other ids may also be given by hand.
    isBehindRailway: config.railway.deploymentId !== null,
    foreignPaths: config.slack.appToken === null ? [SLACK_ENDPOINT] : [],
  };
  return createHttpServer(settings, {
    ...parts,
    build: config.build,
    poller: () => poller().status(),
    async pollNow() {
      const report = await poller().pollNow();
      const detail = `found ${report.found}, started ${report.started}`;
      const entry = { actor: "holder of API_KEY", action: "poll.now", subject: "inbox", detail };
      await audit.record({ ...entry, outcome: "done" });
      return report;
    },
    databases: () => Object.fromEntries(DATABASE_NAMES.map((name) => [name.toLowerCase(), true])),
    metrics,
    observe: metrics.httpRequest,
    onFault(error, reference) {
      moduleLog(log, "http").error({ reference, code: toFailure(error).code, err: error }, "request failed");
      reportFault({ surface: "http", reference, error });
    },
  });
}
