/**
 * The bot's metrics: one registry per process, built from the table, and one named way in for everything that is
 * counted. Owns names, labels and what "no data" looks like (absent, never 0). Knows no HTTP route and no vendor; the
 * parts of the bot describe what happened in their own words and app.ts connects them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type ErrorCode, type Fault, toFailure } from "../errors.ts";
import { METRICS, type MetricName, type MetricSpec } from "./table.ts";

/** Asked at every scrape. */
export interface MetricSources {
  /** Rejects when nobody knows. */
  pendingDecisions(): Promise<number>;
  poller(): { active: boolean; lastSuccessAt: string | null };
  /** As last seen. */
  health(): { checks: { name: string; status: HealthStatus }[] };
}

type HealthStatus = "ok" | "degraded" | "down" | "unknown";

export interface MetricsOptions {
  sources: MetricSources;
  /** The process's own: CPU, memory, event loop, garbage collection. */
  withProcess: boolean;
  /** How long a scrape waits for a source. */
  sourceTimeoutMs?: number;
}

export type Metrics = ReturnType<typeof createMetrics>;

const SOURCE_TIMEOUT_MS = 2_000;

export function createMetrics(options: MetricsOptions) {
  const registry = new Registry();
  if (options.withProcess) collectDefaultMetrics({ register: registry });
  const instruments = createInstruments(registry);
  const errors = instruments.counter("errors_total");
  const failed = (module: string, code: ErrorCode) => errors.inc({ module, code });
  collectOnScrape(instruments, { ...options, failed });
  return {
    contentType: registry.contentType,
    /** In the text format of Prometheus. */
    text: () => registry.metrics(),
    names: () => registry.getMetricsAsArray().map((metric) => metric.name),
    /** What reached the one catch of a surface. */
    fault: ({ surface, error }: Fault) => failed(MODULE_OF[surface], toFailure(error).code),
    httpRequest: httpMetrics(instruments),
    webhook: webhookMetrics(instruments),
    notionCall: notionMetrics(instruments, failed),
    claudeCall: claudeMetrics(instruments, failed),
    polled: pollMetrics(instruments),
    slack: slackMetrics(instruments, failed),
    work: workMetrics(instruments, failed),
  };
}

const MODULE_OF: Record<Fault["surface"], string> = {
  slack: "slack",
  http: "http",
  poll: "poller",
  workflow: "workflows",
  alerts: "alerts",
  schedule: "schedule",
  process: "process",
};

type Failed = (module: string, code: ErrorCode) => void;
type Instruments = ReturnType<typeof createInstruments>;

function createInstruments(registry: Registry) {
  const settings = (name: MetricName) => {
    const { help, labels }: MetricSpec = METRICS[name];
    return { name, help, labelNames: [...labels], registers: [registry] };
  };
  return {
    counter(name: MetricName): Counter {
      const counter = new Counter(settings(name));
      const { known = [] }: MetricSpec = METRICS[name];
      for (const labels of known) counter.inc(labels, 0);
      return counter;
    },
    histogram(name: MetricName): Histogram {
      const { buckets = [] }: MetricSpec = METRICS[name];
      return new Histogram({ ...settings(name), buckets: [...buckets] });
    },
    /** Empty at first; `collect` fills or empties it at every scrape. */
    gauge(name: MetricName, collect?: (gauge: Gauge) => void | Promise<void>): Gauge {
      const gauge: Gauge = new Gauge({
        ...settings(name),
        ...(collect ? { collect: () => collect(gauge) } : {}),
      });
      // The library starts one without labels at 0, which nobody has measured.
      if (METRICS[name].labels.length === 0) gauge.remove();
      return gauge;
    },
  };
}

interface Scraping extends MetricsOptions {
  failed: Failed;
}

const HEALTH_VALUE = { ok: 1, degraded: 0.5, down: 0 } as const;

function collectOnScrape({ gauge }: Instruments, { sources, failed, ...options }: Scraping): void {
  gauge("poller_status", (status) => status.set(sources.poller().active ? 1 : 0));
  gauge("job_last_success_timestamp_seconds", (moment) => {
    const { lastSuccessAt } = sources.poller();
    if (lastSuccessAt !== null) moment.set({ job: "poll" }, Date.parse(lastSuccessAt) / 1_000);
  });
  gauge("health_check_status", (health) => {
    health.reset();
    for (const { name, status } of sources.health().checks) {
      if (status !== "unknown") health.set({ check: name }, HEALTH_VALUE[status]);
    }
  });
  gauge("pending_decisions", async (pending) => {
    const limit = sleep(options.sourceTimeoutMs ?? SOURCE_TIMEOUT_MS, null, { ref: false });
    const count = await Promise.race([sources.pendingDecisions().catch(() => null), limit]);
    if (count !== null) return pending.set(count);
    failed("store", "store_unavailable");
    pending.remove();
  });
}

/** One request to the bot. */
export interface HttpSeen {
  method: string;
  route: string;
  status: number;
  durationMs: number;
}

function httpMetrics({ counter, histogram }: Instruments) {
  const requests = counter("http_requests_total");
  const durations = histogram("http_request_duration_seconds");
  return ({ method, route, status, durationMs }: HttpSeen): void => {
    requests.inc({ method, route, status: String(status) });
    durations.observe({ method, route }, durationMs / 1_000);
  };
}

function webhookMetrics({ counter }: Instruments) {
  const deliveries = counter("webhook_deliveries_total");
  return ({ sender, outcome }: { sender: string; outcome: string }): void =>
    deliveries.inc({ sender, outcome });
}

interface NotionSeen {
  route: string;
  /** 0 = no answer. */
  status: number;
  durationMs: number;
  outcome: "ok" | ErrorCode;
}

function notionMetrics({ counter, histogram }: Instruments, failed: Failed) {
  const requests = counter("notion_api_requests_total");
  const durations = histogram("notion_api_request_duration_seconds");
  return ({ route, status, durationMs, outcome }: NotionSeen): void => {
    requests.inc({ route, status: status === 0 ? "none" : String(status) });
    durations.observe({ route }, durationMs / 1_000);
    if (outcome !== "ok") failed("notion", outcome);
  };
}

interface ClaudeSeen {
  step: string;
  model: string;
  outcome: "ok" | ErrorCode;
  durationMs: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
}

function claudeMetrics({ counter, histogram }: Instruments, failed: Failed) {
  const requests = counter("anthropic_api_requests_total");
  const durations = histogram("anthropic_api_request_duration_seconds");
  const tokens = counter("anthropic_tokens_used_total");
  const cost = counter("anthropic_cost_usd_total");
  return ({ step, model, outcome, ...call }: ClaudeSeen): void => {
    requests.inc({ step, model, outcome });
    durations.observe({ step, model }, call.durationMs / 1_000);
    tokens.inc({ model, type: "input" }, call.inputTokens);
    tokens.inc({ model, type: "output" }, call.outputTokens);
    cost.inc({ model }, call.costUsd);
    if (outcome !== "ok") failed("claude", outcome);
  };
}

interface PollSeen {
  durationMs: number;
  /** Waiting items; null = the poll failed. */
  found: number | null;
}

function pollMetrics({ counter, histogram, gauge }: Instruments) {
  const cycles = counter("poll_cycles_total");
  const durations = histogram("poll_cycle_duration_seconds");
  const backlog = gauge("inbox_backlog");
  return ({ durationMs, found }: PollSeen): void => {
    cycles.inc({ status: found === null ? "failed" : "ok" });
    durations.observe(durationMs / 1_000);
    if (found === null) backlog.remove();
    else backlog.set(found);
  };
}

function slackMetrics({ histogram }: Instruments, failed: Failed) {
  const durations = histogram("slack_ack_duration_seconds");
  return {
    acknowledged: (ack: { type: string; durationMs: number }) =>
      durations.observe({ type: ack.type }, ack.durationMs / 1_000),
    failed: (code: ErrorCode) => failed("slack", code),
  };
}

/** Names in the Agent Registry are people's to choose: only the three of the dialectic get labels of their own. */
const AGENTS = new Set(["The Entrepreneur", "The Quant", "The Auditor"]);

function workMetrics({ counter, histogram }: Instruments, failed: Failed) {
  const items = counter("items_processed_total");
  const analyses = counter("agent_analyses_total");
  const dialectics = counter("dialectic_flows_total");
  const decisions = counter("decisions_total");
  const acceptance = histogram("settlement_acceptance_ratio");
  return {
    itemEnded: (kind: string, outcome: string) => items.inc({ kind, outcome }),
    advised: (adviser: string, outcome: string) =>
      analyses.inc({ agent: AGENTS.has(adviser) ? adviser : "other", outcome }),
    dialecticEnded: (outcome: string) => dialectics.inc({ outcome }),
    decided: (outcome: string) => decisions.inc({ outcome }),
    settled: (outcome: string, acceptanceRate: number) => acceptance.observe({ outcome }, acceptanceRate),
    failed: (code: ErrorCode) => failed("workflows", code),
  };
}
