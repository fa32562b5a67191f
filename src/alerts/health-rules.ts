/** Which health checks make an alert, and how long they must have been bad for that. */
import { MINUTE_MS } from "../domain/calendar.ts";
import { durationWords } from "../domain/duration.ts";
import type { Check, CheckStatus, HealthReport } from "../domain/health.ts";
import type { Verdict } from "./rules.ts";

/**
 * For how long (ms) something has been so. `seen` is when it was seen to be so now; null = it is not so. Answers null
 * when it is not.
 */
export type Since = (key: string, seen: Date | null, now: Date) => number | null;

interface HealthRule {
  key: string;
  title: string;
  /** Statuses that fire; what fires as degraded is a warning. */
  on: readonly CheckStatus[];
  forMs: number;
  severity: "critical" | "warning";
}

const DOWN = ["down"] as const;
const NOT_WELL = ["down", "degraded"] as const;

const RULES: Record<string, HealthRule> = {
  store: {
    ...{ key: "store-unreachable", title: "The database does not answer" },
    ...{ on: DOWN, forMs: 0, severity: "critical" },
  },
  disk: {
    ...{ key: "disk-full", title: "The disk is nearly full" },
    ...{ on: NOT_WELL, forMs: MINUTE_MS, severity: "critical" },
  },
  slack_connection: {
    ...{ key: "slack-trouble", title: "Slack does not work for me" },
    ...{ on: NOT_WELL, forMs: 2 * MINUTE_MS, severity: "critical" },
  },
  slack_decisions_channel: {
    ...{ key: "decisions-channel-gone", title: "I cannot post in the decisions channel" },
    ...{ on: DOWN, forMs: 0, severity: "critical" },
  },
  slack_alerts_channel: {
    ...{ key: "alerts-channel-gone", title: "I cannot post in the alerts channel" },
    ...{ on: DOWN, forMs: 0, severity: "critical" },
  },
  notion: {
    ...{ key: "notion-failing", title: "Notion has been failing for more than 5 minutes" },
    ...{ on: DOWN, forMs: 5 * MINUTE_MS, severity: "critical" },
  },
  claude: {
    ...{ key: "claude-failing", title: "Claude has been failing for more than 5 minutes" },
    ...{ on: DOWN, forMs: 5 * MINUTE_MS, severity: "critical" },
  },
  // The check itself waits for two missed polls.
  poller: {
    ...{ key: "poller-stale", title: "The inbox is not being polled" },
    ...{ on: DOWN, forMs: 0, severity: "critical" },
  },
  backlog: {
    ...{ key: "backlog", title: "The inbox is piling up" },
    ...{ on: NOT_WELL, forMs: 2 * MINUTE_MS, severity: "warning" },
  },
  posts: {
    ...{ key: "posts-waiting", title: "Messages to Slack are not getting through" },
    ...{ on: NOT_WELL, forMs: 5 * MINUTE_MS, severity: "warning" },
  },
};

/** Of any other check: two of its periods. */
const OTHERS_MS = 2 * MINUTE_MS;
/** Said by a rule for its parts. */
const SUMS = new Set(["slack"]);

export function healthVerdicts({ checks }: HealthReport, since: Since): Verdict[] {
  return checks.flatMap((check) => {
    const rule = ruleFor(check);
    return rule === null ? [] : [verdict(check, rule, since)];
  });
}

function ruleFor(check: Check): HealthRule | null {
  const own = RULES[check.name];
  if (own !== undefined) return own;
  if (check.partOf !== undefined || SUMS.has(check.name)) return null;
  const name = check.name.replaceAll("_", " ");
  return {
    key: `health-${check.name.replaceAll("_", "-")}`,
    title: `The health check "${name}" fails`,
    ...{ on: DOWN, forMs: OTHERS_MS, severity: "warning" },
  };
}

function verdict(check: Check, rule: HealthRule, since: Since): Verdict {
  const { key, title, on, forMs, severity } = rule;
  if (check.status === "unknown" || check.checkedAt === null) return { key, kind: "no-data" };
  const at = new Date(check.checkedAt);
  const isBad = on.includes(check.status);
  const lastingMs = since(`health:${check.name}`, isBad ? at : null, at);
  if (lastingMs === null || lastingMs < forMs) return { key, kind: "clear" };
  const lasting = lastingMs >= MINUTE_MS ? ` For ${durationWords(lastingMs)}.` : "";
  const isDegraded = check.status === "degraded";
  return {
    key,
    kind: "firing",
    severity: isDegraded ? "warning" : severity,
    title,
    detail: `${check.detail}${/[.!?]$/.test(check.detail) ? "" : "."}${lasting}`,
  };
}
