/**
 * Every metric of the bot: type, meaning, labels, buckets. Dashboards and alert rules may use these names (and the
 * process metrics that prom-client adds) and no others; a test reads them. Labels take few values, and never ids of
 * people, channels or pages.
 */

export interface MetricSpec {
  type: "counter" | "gauge" | "histogram";
  help: string;
  labels: readonly string[];
  /** Upper bounds in the metric's unit; a bound lies exactly on every limit that alerts ask about. */
  buckets?: readonly number[];
  /** Label sets that exist from the start, so that the first event is a rise and not an appearance. */
  known?: readonly Record<string, string>[];
  /** What makes it move: the bot's ordinary work, or only something that fails. */
  moves: "work" | "faults";
}

/** Slack wants its answer within 3 s. */
const ACK_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5];
const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];
const NOTION_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];
const CLAUDE_BUCKETS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128];
const POLL_BUCKETS = [0.25, 0.5, 1, 2, 5, 10, 30, 60, 120];
const RATIO_BUCKETS = [0, 0.25, 0.5, 0.75, 0.9, 1];

const each = (label: string, values: readonly string[]) => values.map((value) => ({ [label]: value }));

export const METRICS = {
  http_requests_total: {
    type: "counter",
    help: "HTTP requests answered. route is a known path or other; status 499: the caller left first.",
    labels: ["method", "route", "status"],
    moves: "work",
  },
  http_request_duration_seconds: {
    type: "histogram",
    help: "From the first byte of a request's headers read to the end of the answer.",
    labels: ["method", "route"],
    buckets: HTTP_BUCKETS,
    moves: "work",
  },
  webhook_deliveries_total: {
    type: "counter",
    help: "Webhooks answered, by outcome. unconfirmed and echo: counted once more when an accepted one came to nothing.",
    labels: ["sender", "outcome"],
    known: ["inbox", "notion", "alertmanager", "railway", "sentry"].flatMap((sender) =>
      ["accepted", "refused"].map((outcome) => ({ sender, outcome })),
    ),
    moves: "work",
  },
  slack_ack_duration_seconds: {
    type: "histogram",
    help: "From the arrival of a delivery from Slack to its acknowledgement; Slack gives up after 3 s.",
    labels: ["type"],
    buckets: ACK_BUCKETS,
    moves: "work",
  },
  notion_api_requests_total: {
    type: "counter",
    help: "Requests to Notion, each try counted. status none: no answer.",
    labels: ["route", "status"],
    moves: "work",
  },
  notion_api_request_duration_seconds: {
    type: "histogram",
    help: "One try of a request to Notion, without the wait for the request budget.",
    labels: ["route"],
    buckets: NOTION_BUCKETS,
    moves: "work",
  },
  anthropic_api_requests_total: {
    type: "counter",
    help: "Questions to Claude by outcome: ok or an error code. The SDK's own retries are inside one question.",
    labels: ["step", "model", "outcome"],
    moves: "work",
  },
  anthropic_api_request_duration_seconds: {
    type: "histogram",
    help: "One question to Claude, with the SDK's own retries.",
    labels: ["step", "model"],
    buckets: CLAUDE_BUCKETS,
    moves: "work",
  },
  anthropic_tokens_used_total: {
    type: "counter",
    help: "Tokens billed. type: input (cached ones included) or output.",
    labels: ["model", "type"],
    moves: "work",
  },
  anthropic_cost_usd_total: {
    type: "counter",
    help: "What Claude cost, by the price list in the bot.",
    labels: ["model"],
    moves: "work",
  },
  poll_cycles_total: {
    type: "counter",
    help: "Polls of the inbox that this process took part in.",
    labels: ["status"],
    known: each("status", ["ok", "failed"]),
    moves: "work",
  },
  poll_cycle_duration_seconds: {
    type: "histogram",
    help: "One poll: both queries and everything that is started.",
    labels: [],
    buckets: POLL_BUCKETS,
    moves: "work",
  },
  poller_status: {
    type: "gauge",
    help: "1 while the clock of the poller runs, 0 when it is stopped.",
    labels: [],
    moves: "work",
  },
  inbox_backlog: {
    type: "gauge",
    help: "Items waiting in the inbox at the last poll; absent when there was none or it failed.",
    labels: [],
    moves: "work",
  },
  items_processed_total: {
    type: "counter",
    help: "Attempts at inbox items that ended. outcome: done, waiting (budget or set-up), failed, dead_letter.",
    labels: ["kind", "outcome"],
    known: [
      ...["strategic", "operational", "reference"].map((kind) => ({ kind, outcome: "done" })),
      ...["waiting", "failed", "dead_letter"].map((outcome) => ({ kind: "unknown", outcome })),
    ],
    moves: "work",
  },
  agent_analyses_total: {
    type: "counter",
    help: "Advice asked for, by adviser (other: from the Agent Registry) and outcome: ok or an error code.",
    labels: ["agent", "outcome"],
    moves: "work",
  },
  dialectic_flows_total: {
    type: "counter",
    help: "Dialectics that reached a synthesis. outcome: complete, partial (an adviser is missing), failed.",
    labels: ["outcome"],
    known: each("outcome", ["complete", "partial", "failed"]),
    moves: "work",
  },
  decisions_total: {
    type: "counter",
    help: "Decisions taken: approved, edited, rejected, withdrawn by the requester, or expired without one.",
    labels: ["outcome"],
    known: each("outcome", ["approved", "edited", "rejected", "expired", "withdrawn"]),
    moves: "work",
  },
  pending_decisions: {
    type: "gauge",
    help: "Decisions that wait for a person, for all replicas together; absent when the store does not answer.",
    labels: [],
    moves: "work",
  },
  settlement_acceptance_ratio: {
    type: "histogram",
    help: "How much of the proposal was accepted: 1 untouched, 0 nothing.",
    labels: ["outcome"],
    buckets: RATIO_BUCKETS,
    moves: "work",
  },
  health_check_status: {
    type: "gauge",
    help: "What /emm health shows, by check: 1 ok, 0.5 needs attention, 0 down; absent when it is not known.",
    labels: ["check"],
    moves: "work",
  },
  job_last_success_timestamp_seconds: {
    type: "gauge",
    help: "When the job last succeeded in this process (Unix time); absent before that.",
    labels: ["job"],
    moves: "work",
  },
  errors_total: {
    type: "counter",
    help: "Failures by module and error code, those that a retry made good included.",
    labels: ["module", "code"],
    // Alerts ask for a rise of these, and the first one must count.
    known: [
      { module: "workflows", code: "budget_reached" },
      { module: "store", code: "store_unavailable" },
      ...["notion", "claude", "slack"].map((module) => ({ module, code: `${module}_unauthorized` })),
    ],
    moves: "faults",
  },
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof METRICS;
