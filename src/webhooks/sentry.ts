/**
 * Webhooks of a Sentry integration: issue alerts, metric alerts, issues that end. Signed over the raw body with the
 * integration's client secret; the headers are not part of what is signed. Sentry wants its answer within a second.
 */
import type { AlertSignal } from "../domain/alert.ts";
import type { AlertChange } from "../domain/webhook.ts";
import { BODY_LIMITS, type Reading, type SenderRules, valueAt, type WebhookBody } from "./sender.ts";
import { detailOf, digestOf, keyPart, linkOf, plainText, titleOf } from "./text.ts";

const SOURCE = "sentry";

export const sentry: SenderRules = {
  secretIn: null,
  signatureIn: ({ header }) => header("sentry-hook-signature"),
  refusal:
    "Sentry-Hook-Signature is missing or wrong: WEBHOOK_SECRET_SENTRY is the integration's client secret.",
  limitBytes: BODY_LIMITS.events,
  read(body): Reading {
    const resource = plainText(body.head.header("sentry-hook-resource"));
    const action = plainText(valueAt(body.payload, "action"));
    if (action === "") return { kind: "invalid", message: "action: a word is expected." };
    const read = READERS[`${resource}.${action}`] ?? READERS[`${resource}.*`];
    const change = read?.(body, action) ?? { kind: "ignored", reason: "nothing to act on" };
    if (change.kind === "ignored" || change.kind === "invalid") return change;
    // Not the request's own id: that header is not signed, so anybody could send the same message under a new one.
    return { kind: "work", id: digestOf(body.raw), work: { kind: "alerts", changes: [change] } };
  },
};

type NoWork = Exclude<Reading, { kind: "work" }>;
type Reader = (body: WebhookBody, action: string) => AlertChange | NoWork;

const READERS: Record<string, Reader> = {
  "event_alert.triggered": issueAlert,
  "issue.resolved": issueEnd("Resolved in Sentry."),
  "issue.archived": issueEnd("Archived in Sentry."),
  // What archiving was called before.
  "issue.ignored": issueEnd("Archived in Sentry."),
  "metric_alert.critical": metricAlert,
  "metric_alert.warning": metricAlert,
  "metric_alert.resolved": metricEnd,
  "installation.*": (_body, action) => ({ kind: "ignored", reason: `installation ${keyPart(action)}` }),
};

function issueAlert(body: WebhookBody): AlertChange | NoWork {
  const event = (name: string) => valueAt(body.payload, "data", "event", name);
  const issue = plainText(event("issue_id"));
  if (issue === "")
    return { kind: "invalid", message: "data.event.issue_id: the id of an issue is expected." };
  const rule = titleOf(valueAt(body.payload, "data", "triggered_rule"));
  const level = plainText(event("level"));
  return raise(body, {
    key: `sentry:issue:${keyPart(issue)}`,
    severity: level === "fatal" ? "critical" : level === "info" || level === "debug" ? "info" : "warning",
    title: titleOf(event("title"), event("message"), rule, "An issue without a title"),
    detail: detailOf(
      rule === "" ? "From Sentry." : `From Sentry, by the rule: ${rule}`,
      named("Where", event("culprit")),
      named("Environment", event("environment")),
      named("Release", event("release")),
    ),
    url: linkOf(event("web_url"), event("issue_url")),
  });
}

function issueEnd(detail: string): Reader {
  return (body) => {
    const id = plainText(valueAt(body.payload, "data", "issue", "id"));
    if (id === "") return { kind: "invalid", message: "data.issue.id: the id of an issue is expected." };
    return end(body, `sentry:issue:${keyPart(id)}`, detail);
  };
}

function metricAlert(body: WebhookBody, action: string): AlertChange | NoWork {
  const key = metricKey(body);
  if (key === null) return NO_METRIC;
  const data = (...path: string[]) => valueAt(body.payload, "data", ...path);
  return raise(body, {
    key,
    severity: action === "critical" ? "critical" : "warning",
    title: titleOf(
      data("metric_alert", "alert_rule", "name"),
      data("description_title"),
      data("metric_alert", "title"),
      "A metric alert without a name",
    ),
    // Sentry sends its line ends escaped.
    detail: detailOf(
      data("description_title"),
      plainText(data("description_text")).replaceAll(String.raw`\n`, "\n"),
    ),
    url: linkOf(data("web_url")),
  });
}

function metricEnd(body: WebhookBody): AlertChange | NoWork {
  const key = metricKey(body);
  return key === null ? NO_METRIC : end(body, key, "Resolved in Sentry.");
}

const NO_METRIC: NoWork = {
  kind: "invalid",
  message: "data.metric_alert: an alert_rule.id or an id is expected.",
};

/** By rule, because it goes from warning to critical and back under changing incidents. */
function metricKey({ payload }: WebhookBody): string | null {
  const alert = valueAt(payload, "data", "metric_alert");
  const id = plainText(valueAt(alert, "alert_rule", "id")) || plainText(valueAt(alert, "id"));
  return id === "" ? null : `sentry:metric:${keyPart(id)}`;
}

function raise(body: WebhookBody, signal: Omit<AlertSignal, "source">): AlertChange {
  return { kind: "raise", position: `${sentAt(body)} began`, signal: { ...signal, source: SOURCE } };
}

function end(body: WebhookBody, key: string, detail: string): AlertChange {
  const position = `${sentAt(body)} ended`;
  return { kind: "end", position, end: { key, source: SOURCE, detail }, onlyIfKnown: false };
}

/** Only sorts what came out of order; a moment in the future would shut out what comes after it. */
function sentAt({ head, receivedAt }: WebhookBody): string {
  const seconds = Number(head.header("sentry-hook-timestamp") || Number.NaN);
  const isPast = seconds > 0 && seconds * 1_000 <= receivedAt.getTime();
  return (isPast ? new Date(seconds * 1_000) : receivedAt).toISOString();
}

function named(name: string, value: unknown): string {
  const text = titleOf(value);
  return text === "" ? "" : `${name}: ${text}`;
}
