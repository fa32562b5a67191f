/**
 * Alertmanager's webhook, version 4: one message per group of alerts, firing and resolved ones together, sent again every
 * `repeat_interval`. Alertmanager cannot sign; it sends a bearer token (`http_config.authorization`).
 */
import type { Severity } from "../domain/alert.ts";
import type { AlertChange } from "../domain/webhook.ts";
import { BODY_LIMITS, credentialsOf, isRecord, type Reading, type SenderRules, valueAt } from "./sender.ts";
import { detailOf, digestOf, keyPart, linkOf, momentOf, plainText, titleOf } from "./text.ts";

const SOURCE = "alertmanager";

/**
 * What comes after this time is a new message, not a second delivery of the same one: nothing in it says which. An alert
 * that fires, is taken for over and fires on is said in the same bytes; counting a late repetition once too often is the
 * lesser evil.
 */
const SAME_DELIVERY_MS = 60_000;

/** What comes so soon after an end was under way before it. */
const IN_FLIGHT_MS = 30_000;

export const alertmanager: SenderRules = {
  secretIn: credentialsOf,
  refusal: "Send WEBHOOK_SECRET_ALERTMANAGER as bearer token (http_config.authorization.credentials).",
  limitBytes: BODY_LIMITS.alerts,
  read({ payload, raw, receivedAt }): Reading {
    const alerts = valueAt(payload, "alerts");
    if (!Array.isArray(alerts) || !alerts.every(isRecord)) {
      return {
        kind: "invalid",
        message: "alerts: a list of objects is expected, as in Alertmanager's version 4.",
      };
    }
    const changes = [...alerts.map((alert) => changeOf(alert, receivedAt)), truncation(payload, receivedAt)];
    const window = Math.floor(receivedAt.getTime() / SAME_DELIVERY_MS);
    return { kind: "work", id: `${digestOf(raw)}:${window}`, work: { kind: "alerts", changes } };
  },
};

type Alert = Record<string, unknown>;

function changeOf(alert: Alert, receivedAt: Date): AlertChange {
  const labels = pairsOf(alert["labels"]);
  const key = `alertmanager:${fingerprintOf(alert, labels)}`;
  const startsAt = momentOf(alert["startsAt"]) ?? receivedAt.toISOString();
  // While Alertmanager hears nothing of Prometheus it takes an alert for over; when it hears again, the same alert fires
  // on with the beginning it had. So of one beginning, what was said later counts.
  const saidAt = (lateMs: number) => new Date(receivedAt.getTime() + lateMs).toISOString();
  // What is not known to be over is told: an unknown status is one that fires.
  if (alert["status"] === "resolved") {
    const end = { key, source: SOURCE, detail: null };
    return { kind: "end", position: `${startsAt} ${saidAt(IN_FLIGHT_MS)} ended`, end, onlyIfKnown: false };
  }
  const said = (name: string) => valueAt(alert, "annotations", name);
  const name = valueAt(alert, "labels", "alertname");
  return {
    kind: "raise",
    position: `${startsAt} ${saidAt(0)} began`,
    signal: {
      key,
      source: SOURCE,
      severity: severityOf(valueAt(alert, "labels", "severity")),
      title: titleOf(said("summary"), name, said("description"), "An alert without a name"),
      detail: detailOf(said("description"), said("message"), labelLine(labels)),
      url: linkOf(said("runbook_url"), said("dashboard_url"), alert["generatorURL"]),
    },
  };
}

/** Alertmanager's own id of a set of labels; made here in the same spirit where it is missing. */
function fingerprintOf(alert: Alert, labels: [string, string][]): string {
  const given = plainText(alert["fingerprint"]);
  return given === "" ? digestOf(JSON.stringify(labels)).slice(0, 32) : keyPart(given);
}

/** Alerts that `max_alerts` left out may have ended or begun, and nobody would hear of it. */
function truncation(payload: unknown, receivedAt: Date): AlertChange {
  const said = valueAt(payload, "truncatedAlerts");
  const missing = typeof said === "number" ? said : 0;
  const group = plainText(valueAt(payload, "groupKey"));
  const key = `alertmanager:truncated:${digestOf(group).slice(0, 16)}`;
  const position = receivedAt.toISOString();
  if (!(missing > 0)) {
    return { kind: "end", position, end: { key, source: SOURCE, detail: null }, onlyIfKnown: true };
  }
  const title = `Alertmanager left out ${missing} ${missing === 1 ? "alert" : "alerts"} of a group`;
  const detail = detailOf(
    `Group: ${titleOf(group)}`,
    "What was left out is not shown here, neither its beginning nor its end. Look at Alertmanager, and raise or remove max_alerts of this receiver.",
  );
  const url = linkOf(valueAt(payload, "externalURL"));
  return {
    kind: "raise",
    position,
    signal: { key, source: SOURCE, severity: "warning", title, detail, url },
  };
}

function severityOf(label: unknown): Severity {
  const word = plainText(label).toLowerCase();
  if (/^(critical|crit|page|emergency|fatal|p1)$/.test(word)) return "critical";
  return /^(info|information|informational|notice|none|low|p4|p5)$/.test(word) ? "info" : "warning";
}

function pairsOf(labels: unknown): [string, string][] {
  if (!isRecord(labels)) return [];
  return Object.entries(labels)
    .map(([name, value]): [string, string] => [plainText(name), plainText(value)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const SAID_ELSEWHERE = new Set(["alertname", "severity"]);

function labelLine(labels: [string, string][]): string {
  const others = labels.filter(([name, value]) => !SAID_ELSEWHERE.has(name) && value !== "");
  const pairs = others.map(([name, value]) => `${name}=${value}`).join(", ");
  return pairs === "" ? "From Alertmanager." : `From Alertmanager: ${pairs}`;
}
