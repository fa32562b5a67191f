/**
 * The composition root: constructs and connects things, the larger groups with the help of `compose/`. Start: store and
 * engine first (what was in flight resumes), then Slack and HTTP, then the clock. Stop: the same backwards, within the
 * platform's grace.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createCounsel } from "./agents/counsel.ts";
import { type AlertOptions, type Alerts, createAlerts } from "./compose/alerts.ts";
import { createAudit } from "./compose/audit.ts";
import { createCaptures } from "./compose/captures.ts";
import { createDeployments } from "./compose/deployments.ts";
import { createDoctor } from "./compose/doctor.ts";
import { createHealth } from "./compose/health.ts";
import { createHttp } from "./compose/http.ts";
import { createIncidents, type Incidents } from "./compose/incidents.ts";
import { createNotion } from "./compose/notion.ts";
import { createMaintenance, createOperations, readerSettings } from "./compose/operations.ts";
import { createHolds, createPolling } from "./compose/polling.ts";
import { lookBeforeResuming } from "./compose/restore.ts";
import { createDeputies, peopleNeeded, rightsBook } from "./compose/rights.ts";
import { rememberSecrets } from "./compose/secrets.ts";
import { composeServiceLevels, type ServiceLevels } from "./compose/service-levels.ts";
import { createSlackTurns } from "./compose/slack-turns.ts";
import { createTrainingExport } from "./compose/training-export.ts";
import { createWatch } from "./compose/watch.ts";
import { createWebhooks } from "./compose/webhooks.ts";
import { createWorkflows } from "./compose/workflows.ts";
import type { Config } from "./config.ts";
import type { Alarm } from "./domain/alert.ts";
import type { PollReport } from "./domain/health.ts";
import { pauseWords } from "./domain/pause.ts";
import { type ErrorTracking, startErrorTracking } from "./error-tracking.ts";
import { AppError, toFailure } from "./errors.ts";
import { createQuestions } from "./health/claude-probe.ts";
import type { HealthMonitor } from "./health/monitor.ts";
import type { DiskSpace } from "./health/store-probes.ts";
import type { HttpServer } from "./http/server.ts";
import { createLog, type Log, moduleLog } from "./log.ts";
import type { NotionWorkspace } from "./notion/workspace.ts";
import type { Poller } from "./poller/poller.ts";
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
  /** Where problems are reported. */
  alarm: Alarm;
  /** Resolves when no workflow is at work: nothing more will happen without a new cause. */
  idle(): Promise<void>;
}

/** What tests turn down so that they need not wait; production uses the defaults. */
export interface AppOptions {
  patience?: Patience;
  slackPostIntervalMs?: number;
  /** When to look for a page whose creation was not answered. */
  notionLookupDelaysMs?: readonly number[];
  /** The first pause after Notion was unavailable; each further one is twice as long. */
  notionBackoffMs?: number;
  /** Between two looks at a deployment under way. */
  deploymentLookMs?: number;
  alerts?: AlertOptions;
  log?: Log;
  /** Tests must not depend on how full the machine is. */
  diskSpace?: (path: string) => Promise<DiskSpace>;
  /** The clock of polls, deadlines and budgets. Signatures are always checked against the real one. */
  now?: () => Date;
}

const STOP_POLL_MS = 2_000;
/** Counted from the order to stop. Clicks before workflows: what a workflow leaves, the next process goes on with. */
const STOP_CLICKS_MS = 5_000;
const STOP_WORKFLOWS_MS = 6_500;
/** What workflows get of that. */
const WORKFLOW_GRACE_MS = { least: 1_000, most: 4_000 };
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
  levels: ServiceLevels;
  incidents: Incidents;
  alerts: Alerts;
  operations: ReturnType<typeof createOperations>;
  now: () => Date;
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
    pollNow: () => pollNow(parts),
    alarm: parts.alerts.alarm,
    idle: () => idle(parts),
  };
}

interface Given {
  log: Log;
  store: Store;
  errors: ErrorTracking;
  options: AppOptions;
}

/** What is made later than those who ask for it. */
interface Later {
  slack(): Slack;
  poller(): Poller;
  monitor(): HealthMonitor;
  webhooks(): ReturnType<typeof createWebhooks>;
}

function connect(config: Config, given: Given): Parts {
  const { log, store, errors, options } = given;
  const later = {
    slack: () => slack,
    poller: () => poller,
    monitor: () => monitor,
    webhooks: () => webhooks,
  };
  const base = connectBase(config, given, later);
  const { alerts, alarm, counsel, engine, holds, maintenance, metrics, notion, now } = base;
  const { questions, reportFault, spend, state } = base;
  const { http, levels, slack } = connectFaces(config, given, { ...later, ...base });
  const workflows = createWorkflows(config, {
    ...{ store, log, notion, slack, counsel, spend, alarm, now },
    pause: holds.holds,
    meter: metrics.work,
  });
  const webhooks = createWebhooks(config, { store, log, metrics, alarm, notion, slack, workflows, now });
  const { poller, polls, backlog } = createPolling(config, {
    ...{ store, log, metrics, reportFault, workflows, now, ...holds },
  });
  const monitor = createHealth(config, {
    ...{ store, notion, slack, counsel, questions, poller, backlog, now },
    diskSpace: options.diskSpace,
    others: [maintenance.probe],
  });
  const deployments = createDeployments(config, {
    ...{ store, notion, slack, now, lookEveryMs: options.deploymentLookMs },
    health: () => monitor.report(),
    whyNotReady: () => whyNotReady(store, state),
  });
  alerts.connect({ slack, health: monitor.report, spend });
  const operations = createOperations(config, {
    ...{ store, log, notion, slack, spend, maintenance, backlog, reportFault, now },
    health: monitor.report,
  });
  const incidents = createIncidents(config, { store, log, notion, slack, reportFault, now });
  slack.connect({
    decisions: workflows.decisions,
    deadLetters: workflows.letters,
    reviews: workflows.reviews,
    reopenings: workflows.reopenings,
    capture: createCaptures({ store, slack, workflows, pause: holds.holds, now }),
    operations: { health: monitor.refresh, lastHealth: monitor.report },
    polls,
    alerts: alerts.desk,
    maintenance: maintenance.desk,
    reports: operations.reports,
    serviceLevels: levels,
    incidents: incidents.desk,
    audits: createAudit({ store, slack }),
    doctor: createDoctor(config, { store, log, health: monitor.refresh, now }),
    talk: workflows.talk,
    deputies: createDeputies({ store, slack, now }),
    exports: createTrainingExport({ store, notion, slack, now }),
    deployments: deployments.desk,
  });
  http.addFallbacks();
  return {
    ...{ config, log, errors, store, notion, slack, workflows, poller, monitor, http, engine },
    ...{ levels, incidents, alerts, operations, now, state },
  };
}

/** What needs neither people nor requests: the vendors, the engine, and who watches over them. */
function connectBase(config: Config, { log, store, errors, options }: Given, later: Later) {
  const now = options.now ?? (() => new Date());
  const state: Parts["state"] = { ready: false, draining: false, connecting: Promise.resolve() };
  const spend = createSpendLedger(store, { ...config.claude, timezone: config.timezone, now });
  const watch = createWatch(config, {
    ...{ store, errors, poller: later.poller },
    health: () => later.monitor().report(),
  });
  const maintenance = createMaintenance({ store, slack: later.slack, now });
  const alerts = createAlerts(config, {
    ...{ store, log, reportFault: watch.reportFault, now, options: options.alerts },
    maintenance: maintenance.held,
  });
  const metrics = alerts.listeningTo(watch.metrics);
  const reportFault = alerts.hearing(watch.reportFault);
  const holds = createHolds(store, now, maintenance.desk.pause);
  const notion = createNotion(config, {
    ...{ store, log, metrics },
    lookupDelaysMs: options.notionLookupDelaysMs,
    backoffMs: options.notionBackoffMs,
  });
  const questions = createQuestions(now);
  const observe: typeof metrics.claudeCall = (call) => {
    metrics.claudeCall(call);
    questions.heard(call);
  };
  const counsel = createCounsel({ ...config.claude, spend, log, observe });
  const engine = createEngine({
    ...{ store, patience: options.patience, reportFault },
    log: moduleLog(log, "workflows"),
  });
  return {
    ...{ now, state, spend, maintenance, alerts, alarm: alerts.alarm, metrics, reportFault, holds },
    ...{ notion, questions, counsel, engine },
  };
}

/** Where people and other systems come in. */
function connectFaces(
  config: Config,
  { log, store, options }: Given,
  parts: Later & ReturnType<typeof connectBase>,
) {
  const { now, state, alarm, metrics, reportFault, holds, maintenance, notion } = parts;
  const { db } = store;
  const levels = composeServiceLevels({
    ...{ store, log, metrics, now, alarm, pause: holds.holds, poller: parts.poller },
    whyNotReady: () => whyNotReady(store, state),
  });
  const http = createHttp(config, {
    ...{ log, metrics, reportFault, poller: parts.poller, webhooks: parts.webhooks },
    whyNotReady: () => whyNotReady(store, state),
    health: () => parts.monitor().report(),
    serviceLevels: levels.report,
    audit: ledgers.createAuditTrail(db),
    maintenance: maintenance.notice,
  });
  const slack = createSlack({
    settings: { ...config.slack, ...config.decisions, needed: peopleNeeded(config) },
    express: config.slack.appToken === null ? http.app : null,
    deliveries: ledgers.createDeliveryLog(db),
    posts: ledgers.createPostLedger(db),
    audit: ledgers.createAuditTrail(db),
    rights: rightsBook(config, store, now),
    notionUser: notion.users.emailOf,
    reader: readerSettings(config),
    log,
    meter: levels.slackMeter,
    reportFault,
    postIntervalMs: options.slackPostIntervalMs,
    sharedTurns: createSlackTurns(store, options.slackPostIntervalMs),
  });
  return { levels, http, slack };
}

async function start(parts: Parts): Promise<number> {
  const { config, log, engine, slack, http, poller, monitor, levels, notion, state } = parts;
  await lookBeforeResuming(parts);
  await engine.launch();
  await rememberSecrets(parts);
  await slack.start();
  await parts.operations.start();
  const port = await http.listen();
  await poller.start();
  // Not awaited: a Notion outage at start must not keep clicks from being taken. Whatever needs it asks again.
  const onFailure = (error: unknown) => {
    const { code, message } = toFailure(error);
    moduleLog(log, "app").error({ code, reason: message }, "Notion is not usable yet");
  };
  const connecting = notion.connect().then(() => undefined, onFailure);
  monitor.start();
  state.ready = true;
  levels.start();
  parts.alerts.start();
  await parts.incidents.start();
  moduleLog(log, "app").info(
    { port, version: config.build.version, environment: config.environment },
    "started",
  );
  state.connecting = Promise.all([connecting, monitor.refresh()]).then(() => undefined);
  return port;
}

async function stop(parts: Parts): Promise<void> {
  const { state, poller, monitor, levels, http, engine, store, errors, log } = parts;
  const startedAt = performance.now();
  const leftUntil = (limitMs: number) => Math.max(0, limitMs - (performance.now() - startedAt));
  state.draining = true;
  monitor.stop();
  const clocks = [
    parts.alerts.stop(),
    parts.operations.stop(STOP_POLL_MS),
    parts.incidents.stop(STOP_POLL_MS),
    poller.stop(STOP_POLL_MS),
  ];
  // The door first: a click that is acknowledged while it closes has still to be carried out.
  const clicksDone = http.close().then(() => finishClicks(parts, leftUntil(STOP_CLICKS_MS)));
  await Promise.all([...clocks, clicksDone]);
  await levels.stop();
  const { least, most } = WORKFLOW_GRACE_MS;
  await engine.shutdown(Math.min(most, Math.max(least, leftUntil(STOP_WORKFLOWS_MS))));
  await Promise.all([store.close(), errors.close(STOP_REPORTS_MS)]);
  moduleLog(log, "app").info("stopped");
}

/** For who drives the bot from outside; people meet polls at the desk. */
async function pollNow({ poller }: Parts): Promise<PollReport> {
  const outcome = await poller.pollNow();
  if (outcome.kind === "polled") return outcome.report;
  throw new AppError(pauseWords(outcome.pause), { code: "polls_paused", retryable: true });
}

/** What was acknowledged is a promise; but a click may wait for Slack longer than a stop may last. */
async function finishClicks({ slack, log }: Parts, limitMs: number): Promise<void> {
  await Promise.race([slack.stop(), sleep(limitMs, undefined, { ref: false })]);
  const clicks = slack.inFlight();
  if (clicks > 0) moduleLog(log, "app").warn({ clicks }, "stopped before every click was carried out");
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
