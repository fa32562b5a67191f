/** What the bot makes of each sender's messages. */
import { describe, expect, it } from "vitest";
import type { AlertChange } from "../../src/domain/webhook.ts";
import { alertmanager } from "../../src/webhooks/alertmanager.ts";
import { notionSender } from "../../src/webhooks/notion.ts";
import { railwaySender } from "../../src/webhooks/railway.ts";
import type { SenderRules } from "../../src/webhooks/sender.ts";
import { sentry } from "../../src/webhooks/sentry.ts";
import {
  alertmanagerMessage,
  INBOX_DATABASE,
  notionEvent,
  PIPES_DATABASE,
  railwayEvent,
  sentryIssue,
  sentryIssueAlert,
  sentryMetricAlert,
} from "../fixtures/webhook-samples.ts";

const receivedAt = new Date("2026-11-21T10:30:00.000Z");

function read(
  rules: SenderRules,
  payload: unknown,
  headers: Record<string, string> = {},
  at: Date = receivedAt,
) {
  const head = { header: (name: string) => headers[name], query: () => undefined };
  return rules.read({ head, raw: Buffer.from(JSON.stringify(payload)), payload, receivedAt: at });
}

function changesOf(rules: SenderRules, payload: unknown, headers?: Record<string, string>): AlertChange[] {
  const reading = read(rules, payload, headers);
  if (reading.kind !== "work" || reading.work.kind !== "alerts") throw new Error(JSON.stringify(reading));
  return reading.work.changes;
}

describe("Alertmanager", () => {
  const alerts = (...args: Parameters<typeof alertmanagerMessage>) =>
    changesOf(alertmanager, alertmanagerMessage(...args));

  it("brings each alert of a group under its fingerprint, in its own words", () => {
    const changes = alerts([
      {},
      { fingerprint: "beef", labels: { alertname: "DiskFull", severity: "warning" } },
    ]);
    expect(changes.slice(0, 2)).toMatchObject([
      {
        kind: "raise",
        signal: {
          key: "alertmanager:c4ffee0123456789",
          source: "alertmanager",
          severity: "critical",
          title: "The disk of db-1 is full",
          detail: "98 % used. Free some space.\nFrom Alertmanager: instance=db-1",
          url: "http://prometheus.acme.com:9090/graph?g0.expr=up",
        },
      },
      { kind: "raise", signal: { key: "alertmanager:beef", severity: "warning" } },
    ]);
  });

  it("ends exactly the alerts that are resolved", () => {
    const [first, second] = alerts([{ status: "resolved" }, { fingerprint: "beef" }]);
    expect(first).toMatchObject({
      kind: "end",
      end: { key: "alertmanager:c4ffee0123456789", source: "alertmanager" },
    });
    expect(second).toMatchObject({ kind: "raise", signal: { key: "alertmanager:beef" } });
  });

  it("puts an end after its own beginning and before the next beginning, whatever the time zone", () => {
    const positions = [
      { startsAt: "2026-11-21T10:00:00.100Z" },
      { startsAt: "2026-11-21T11:00:00.1+01:00", status: "resolved" },
      { startsAt: "2026-11-21T10:00:01Z" },
      { startsAt: "2026-11-21T10:00:01Z", status: "resolved" },
    ].map((alert) => alerts([alert])[0]?.position);
    expect(positions).toEqual(positions.toSorted());
    expect(new Set(positions).size).toBe(4);
  });

  it("tells anew what fires on after an end, although Prometheus gives it the beginning it had before", () => {
    const heard = (status: string, seconds: number) => {
      const at = new Date(receivedAt.getTime() + seconds * 1_000);
      const reading = read(alertmanager, alertmanagerMessage([{ status }]), {}, at);
      if (reading.kind !== "work" || reading.work.kind !== "alerts") throw new Error(reading.kind);
      return { id: reading.id, position: reading.work.changes[0]?.position ?? "" };
    };
    const first = heard("firing", 0);
    // Nothing came through to Alertmanager for a while, so it took the alert for over.
    const over = heard("resolved", 300);
    const again = heard("firing", 420);
    expect(
      [first, over, again]
        .map(({ position }) => position)
        .toSorted()
        .at(-1),
    ).toBe(again.position);
    expect(again.id).not.toBe(first.id);
    // What was under way while the end came is no news.
    expect(heard("firing", 310).position < over.position).toBe(true);
    expect(heard("resolved", 430).position > again.position).toBe(true);
  });

  it("takes no number of left out alerts that is none", () => {
    const nested = `${"[".repeat(50_000)}5${"]".repeat(50_000)}`;
    for (const number of [nested, '"Infinity"', "-1", "null"]) {
      const raw = Buffer.from(`{"alerts":[],"truncatedAlerts":${number}}`);
      const head = { header: () => undefined, query: () => undefined };
      const reading = alertmanager.read({ head, raw, payload: JSON.parse(raw.toString()), receivedAt });
      expect(reading).toMatchObject({ work: { changes: [{ kind: "end", onlyIfKnown: true }] } });
    }
  });

  it("tells of alerts that were left out, and ends that when none are", () => {
    const [, told] = alerts([{}], { truncatedAlerts: 12 });
    expect(told).toMatchObject({
      kind: "raise",
      signal: { severity: "warning", title: "Alertmanager left out 12 alerts of a group" },
    });
    const [, over] = alerts([{}]);
    const key = told?.kind === "raise" ? told.signal.key : "";
    expect(over).toMatchObject({ kind: "end", end: { key }, onlyIfKnown: true });
  });

  it("takes the runbook for the link, and nothing that is no web address", () => {
    const link = (runbook_url: string) => {
      const [change] = alerts([{ annotations: { runbook_url } }]);
      return change?.kind === "raise" ? change.signal.url : undefined;
    };
    expect(link("https://wiki.acme.com/disk")).toBe("https://wiki.acme.com/disk");
    for (const bad of [
      "javascript:alert(1)",
      "https://a b",
      "<https://x|y>",
      `https://${"x".repeat(3_000)}`,
    ]) {
      expect(link(bad)).toBe("http://prometheus.acme.com:9090/graph?g0.expr=up");
    }
  });

  it("names an alert without fingerprint, labels or words all the same, always alike", () => {
    const bare = () => changesOf(alertmanager, { alerts: [{}] })[0];
    expect(bare()).toMatchObject({
      kind: "raise",
      signal: { severity: "warning", title: "An alert without a name" },
    });
    expect(bare()).toEqual(bare());
  });

  it.each([
    ["critical", "critical"],
    ["Page", "critical"],
    ["info", "info"],
    ["none", "info"],
    ["warning", "warning"],
    ["whatever", "warning"],
  ])("takes severity %s for %s", (severity, expected) => {
    expect(alerts([{ labels: { alertname: "X", severity } }])[0]).toMatchObject({
      signal: { severity: expected },
    });
  });

  it("takes an unknown status for one that fires: what is not known to be over is told", () => {
    expect(alerts([{ status: "suppressed" }])[0]?.kind).toBe("raise");
  });

  it("cuts texts without breaking a character", () => {
    const long = `a${"😀".repeat(2_000)}`;
    const [change] = alerts([{ annotations: { summary: long, description: long } }]);
    if (change?.kind !== "raise") throw new Error("not raised");
    expect(change.signal.title.length).toBeLessThanOrEqual(250);
    expect(change.signal.detail.length).toBeLessThanOrEqual(2_500);
    expect(/\p{Surrogate}/u.test(change.signal.title + change.signal.detail)).toBe(false);
  });
});

describe("Sentry", () => {
  const at = (resource: string, seconds = "1795255200") => ({
    "sentry-hook-resource": resource,
    "sentry-hook-timestamp": seconds,
  });

  it("raises an issue alert under its issue, with rule, place and link", () => {
    expect(
      changesOf(sentry, sentryIssueAlert({ environment: "production" }), at("event_alert")),
    ).toMatchObject([
      {
        kind: "raise",
        signal: {
          key: "sentry:issue:1117540176",
          source: "sentry",
          severity: "warning",
          title: "ReferenceError: heck is not defined",
          detail:
            "From Sentry, by the rule: Very Important Alert Rule!\nWhere: ?(<anonymous>)\nEnvironment: production",
          url: "https://sentry.io/organizations/acme/issues/1117540176/events/e487/",
        },
      },
    ]);
    expect(changesOf(sentry, sentryIssueAlert({ level: "fatal" }), at("event_alert"))[0]).toMatchObject({
      signal: { severity: "critical" },
    });
  });

  it.each(["resolved", "archived", "ignored"])("ends the same alert when the issue is %s", (action) => {
    expect(changesOf(sentry, sentryIssue(action), at("issue"))).toMatchObject([
      { kind: "end", end: { key: "sentry:issue:1117540176", source: "sentry" } },
    ]);
  });

  it("follows a metric alert from warning to critical to its end under one key", () => {
    const [warning, critical, resolved] = ["warning", "critical", "resolved"].map(
      (action) => changesOf(sentry, sentryMetricAlert(action), at("metric_alert"))[0],
    );
    expect(warning).toMatchObject({
      signal: { key: "sentry:metric:7", severity: "warning", title: "Too many errors" },
    });
    expect(critical).toMatchObject({ signal: { key: "sentry:metric:7", severity: "critical" } });
    expect(critical?.kind === "raise" && critical.signal.detail).toContain("minutes\nFilter");
    expect(resolved).toMatchObject({ kind: "end", end: { key: "sentry:metric:7" } });
  });

  it("sorts by when Sentry sent it; a time of the future or none at all counts as now", () => {
    const position = (seconds: string) =>
      changesOf(sentry, sentryIssueAlert(), at("event_alert", seconds))[0]?.position;
    expect(position("1795255200")).toBe("2026-11-21T10:00:00.000Z began");
    for (const odd of ["1895255200", "-5", "soon", "", "1e99"])
      expect(position(odd)).toBe("2026-11-21T10:30:00.000Z began");
  });

  it("cannot read an alert that does not say which issue or rule it is about", () => {
    expect(read(sentry, sentryIssueAlert({ issue_id: null }), at("event_alert")).kind).toBe("invalid");
    expect(read(sentry, { action: "resolved", data: {} }, at("issue")).kind).toBe("invalid");
    expect(read(sentry, { action: "critical", data: {} }, at("metric_alert")).kind).toBe("invalid");
  });
});

describe("Railway", () => {
  const scope = { projectId: "project-1", environmentId: "environment-1" };

  it("claims a deployment and says nothing else: the rest is asked of Railway", () => {
    for (const type of [
      "Deployment.failed",
      "Deployment.crashed",
      "Deployment.deployed",
      "Deployment.brand_new",
    ]) {
      expect(read(railwaySender(scope), railwayEvent(type))).toMatchObject({
        kind: "work",
        work: { kind: "deployment", deploymentId: "3f1c9a52-8e0d-4c56-9b1f-0123456789ab" },
      });
    }
  });

  it("tells a second crash of the same deployment from a repeated delivery of the first", () => {
    const id = (timestamp: string) => {
      const reading = read(railwaySender(scope), { ...railwayEvent("Deployment.crashed"), timestamp });
      return reading.kind === "work" ? reading.id : null;
    };
    expect(id("2026-11-21T10:00:00.000Z")).toBe(id("2026-11-21T10:00:00.000Z"));
    expect(id("2026-11-21T10:00:00.000Z")).not.toBe(id("2026-11-21T10:05:00.000Z"));
  });

  it("knows no ids to compare with outside Railway, and takes every lasting environment then", () => {
    const anywhere = railwaySender({ projectId: null, environmentId: null });
    const elsewhere = railwayEvent("Deployment.failed", { project: { id: "p" }, environment: { id: "e" } });
    expect(read(anywhere, elsewhere).kind).toBe("work");
    expect(read(railwaySender(scope), elsewhere).kind).toBe("ignored");
  });

  it("refuses an id that is none", () => {
    const odd = railwayEvent("Deployment.failed", { deploymentId: 'x" } mutation {' });
    expect(read(railwaySender(scope), odd).kind).toBe("invalid");
  });
});

describe("Notion", () => {
  const sender = notionSender([INBOX_DATABASE, PIPES_DATABASE]);

  it.each([
    "page.created",
    "page.properties_updated",
    "page.content_updated",
    "page.undeleted",
    "page.moved",
  ])("wakes the poll for %s in the inbox and among the Action Pipes", (type) => {
    for (const database of [INBOX_DATABASE, PIPES_DATABASE.replaceAll("-", "").toUpperCase()]) {
      expect(read(sender, notionEvent({ type, database }))).toMatchObject({
        work: { kind: "changed-in-notion", authors: ["c7c11cca-1d73-471d-9b6e-bdef51470190"] },
      });
    }
  });

  it("looks when it is not said where the change was, and when a whole data source changed", () => {
    expect(read(sender, { ...notionEvent(), data: {} }).kind).toBe("work");
    const entity = { id: "d5b5b5b5-0000-4000-8000-000000000000", type: "data_source" };
    expect(read(sender, { ...notionEvent({ type: "data_source.content_updated" }), entity }).kind).toBe(
      "work",
    );
  });

  it("takes an author that cannot be read for somebody else", () => {
    const reading = read(sender, notionEvent({ authors: [{ id: "bot-1" }, null, 7] }));
    expect(reading).toMatchObject({ work: { authors: ["bot-1", ""] } });
    expect(read(sender, notionEvent({ authors: "nobody" }))).toMatchObject({ work: { authors: [] } });
  });
});
