import { describe, expect, it } from "vitest";
import { createEvaluator } from "../../src/alerts/evaluator.ts";
import { createHeartbeat } from "../../src/alerts/heartbeat.ts";
import { createOutcry } from "../../src/alerts/outcry.ts";
import { type Facts, judge, type Verdict } from "../../src/alerts/rules.ts";
import { createSigns } from "../../src/alerts/signs.ts";
import type { AlertEnd, AlertSignal } from "../../src/domain/alert.ts";
import type { Check, HealthReport } from "../../src/domain/health.ts";
import { createLog } from "../../src/log.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-20T10:00:00Z");
const at = (minutes: number) => new Date(START + minutes * MINUTE);
const log = createLog({ level: "CRITICAL", json: true });
const iso = (minutes: number) => at(minutes).toISOString();

function facts(change: Partial<Facts> = {}): Facts {
  return {
    now: at(0),
    health: { status: "healthy", checks: [] },
    requests: { requests: 0, failed: 0, p95Ms: null },
    ...{ notion: null, claude: null, memory: null, deadLetters: null, unrecorded: null, budget: null },
    ...change,
  };
}

const atOnce = (_key: string, seen: Date | null) => (seen === null ? null : 60 * MINUTE);
const verdict = (key: string, change: Partial<Facts>): Verdict | undefined =>
  judge(facts(change), atOnce).find((one) => one.key === key);
const kindOf = (key: string, change: Partial<Facts>): string => {
  const found = verdict(key, change);
  return found?.kind === "firing" ? found.severity : (found?.kind ?? "absent");
};

describe("thresholds", () => {
  const served = (requests: number, failed: number, p95Ms = 100) => ({
    requests: { requests, failed, p95Ms },
  });

  it.each([
    ["error-rate", served(19, 19), "no-data"],
    ["error-rate", served(100, 1), "clear"],
    ["error-rate", served(27, 2), "clear"],
    ["error-rate", served(300, 3), "clear"],
    ["error-rate", served(27, 3), "critical"],
    ["error-rate", served(100, 3), "warning"],
    ["error-rate", served(100, 5), "warning"],
    ["error-rate", served(100, 6), "critical"],
    ["slow-answers", served(19, 0, 60_000), "no-data"],
    ["slow-answers", served(20, 0, 2_000), "clear"],
    ["slow-answers", served(20, 0, 2_001), "warning"],
    ["slow-answers", served(20, 0, 5_001), "critical"],
    ["memory-high", {}, "no-data"],
    ["memory-high", { memory: { usedBytes: 85, limitBytes: 100 } }, "clear"],
    ["memory-high", { memory: { usedBytes: 86, limitBytes: 100 } }, "warning"],
    ["memory-high", { memory: { usedBytes: 96, limitBytes: 100 } }, "critical"],
    ["budget", {}, "no-data"],
    ["budget", { budget: { spentUsd: 7.99, capUsd: 10 } }, "clear"],
    ["budget", { budget: { spentUsd: 8, capUsd: 10 } }, "warning"],
    ["budget", { budget: { spentUsd: 10, capUsd: 10 } }, "warning"],
    ["dead-letters", {}, "no-data"],
    ["dead-letters", { deadLetters: { open: 2, oldestAt: iso(-60) } }, "clear"],
    ["dead-letters", { deadLetters: { open: 3, oldestAt: iso(-1) } }, "warning"],
    ["dead-letters", { deadLetters: { open: 1, oldestAt: iso(-25 * 60) } }, "warning"],
    ["settlement-failing", {}, "no-data"],
    ["settlement-failing", { unrecorded: { count: 1, oldestAt: iso(-4) } }, "clear"],
    ["settlement-failing", { unrecorded: { count: 1, oldestAt: iso(-5) } }, "critical"],
  ])("%s of %j is %s", (key, change, expected) => {
    expect(kindOf(key, change)).toBe(expected);
  });

  it("a vendor fails when nothing worked for five minutes and somebody tried lately", () => {
    const streak = (sinceMinutes: number, lastMinutes: number, failures = 5) => ({
      notion: {
        since: at(sinceMinutes),
        last: at(lastMinutes),
        failures,
        code: "notion_unavailable",
      } as const,
    });
    expect(kindOf("notion-failing", streak(-4, 0))).toBe("clear");
    expect(kindOf("notion-failing", streak(-6, 0))).toBe("critical");
    expect(kindOf("notion-failing", streak(-6, 0, 2))).toBe("clear");
    expect(kindOf("notion-failing", streak(-60, -20))).toBe("no-data");
    expect(kindOf("notion-failing", { notion: null })).toBe("clear");
  });
});

describe("health checks", () => {
  const check = (name: string, status: Check["status"], change: Partial<Check> = {}): Check => ({
    ...{ name, status, detail: `${name} is ${status}`, checkedAt: iso(0) },
    ...change,
  });
  const report = (...checks: Check[]) => ({ health: { status: "unhealthy", checks } as HealthReport });

  it.each([
    ["poller", "down", "poller-stale", "critical"],
    ["poller", "degraded", "poller-stale", "clear"],
    ["poller", "unknown", "poller-stale", "no-data"],
    ["slack_alerts_channel", "down", "alerts-channel-gone", "critical"],
    ["slack_decisions_channel", "down", "decisions-channel-gone", "critical"],
    ["slack_connection", "down", "slack-trouble", "critical"],
    ["notion", "down", "notion-failing", "critical"],
    ["claude", "down", "claude-failing", "critical"],
    ["backlog", "degraded", "backlog", "warning"],
    ["disk", "degraded", "disk-full", "warning"],
    ["disk", "down", "disk-full", "critical"],
    ["approvers", "down", "health-approvers", "warning"],
    ["approvers", "degraded", "health-approvers", "clear"],
  ] as const)("%s that is %s: %s is %s", (name, status, key, expected) => {
    expect(kindOf(key, report(check(name, status)))).toBe(expected);
  });

  it("a part is told once, by the check that sums it up", () => {
    const part = check("notion_tasks", "down", { partOf: "notion" });
    expect(judge(facts(report(part)), atOnce).some(({ key }) => key.includes("tasks"))).toBe(false);
    expect(
      judge(facts(report(check("slack", "down"))), atOnce).some(({ key }) => key === "health-slack"),
    ).toBe(false);
  });

  it("fires when either the checks or the calls say so, and is not clear while one of them fires", () => {
    const down = report(check("notion", "down"));
    expect(kindOf("notion-failing", { ...down, notion: null })).toBe("critical");
  });
});

describe("what happened lately", () => {
  it("counts what was served, not what asks for health, and what handlers broke after Slack was answered", () => {
    let now = at(0);
    const { signs, observe } = createSigns(() => now);
    for (let n = 0; n < 20; n += 1) observe.slackAcknowledged({ durationMs: 100 });
    observe.httpRequest({ route: "/health", status: 503, durationMs: 1 });
    observe.httpRequest({ route: "/api/status", status: 500, durationMs: 9_000 });
    observe.httpRequest({ route: "/api/status", status: 503, durationMs: 10 });
    observe.httpRequest({ route: "/trigger-poll", status: 200, durationMs: 90_000 });
    for (const route of ["other", "/metrics"]) observe.httpRequest({ route, status: 404, durationMs: 1 });
    // Strangers who are refused a thousand times must not make a failing bot look well.
    for (const status of [401, 404, 429])
      observe.httpRequest({ route: "/webhooks/sentry", status, durationMs: 1 });
    observe.slackFault();
    expect(signs.requests(now)).toEqual({ requests: 23, failed: 2, p95Ms: 100 });
    now = at(6);
    expect(signs.requests(now)).toEqual({ requests: 0, failed: 0, p95Ms: null });
  });

  it("a vendor's streak ends with the first answer, also one that says no", () => {
    const { signs, observe } = createSigns(() => at(0));
    observe.claudeCall({ outcome: "claude_unavailable" });
    observe.claudeCall({ outcome: "claude_unavailable" });
    expect(signs.claude()).toMatchObject({ failures: 2 });
    observe.claudeCall({ outcome: "claude_refused" });
    expect(signs.claude()).toBeNull();
  });
});

function listeningAlarm() {
  const heard: (AlertSignal | AlertEnd)[] = [];
  return {
    heard,
    raise: async (signal: AlertSignal) => void heard.push(signal),
    resolve: async (end: AlertEnd) => void heard.push(end),
  };
}

describe("the evaluator", () => {
  const parts = (change: object = {}) => {
    const alarm = listeningAlarm();
    let now = at(0);
    const state = { health: { status: "healthy", checks: [] } as HealthReport, faults: 0 };
    const deps = {
      ...{ alarm, log, source: "p1", everyMs: 1_000_000, signs: createSigns(() => now).signs },
      health: () => state.health,
      facts: {
        deadLetters: async () => ({ open: 0, oldestAt: null }),
        unrecorded: async () => ({ count: 0, oldestAt: null }),
        budget: async () => null,
      },
      memory: () => null,
      outcry: async () => undefined,
      now: () => now,
      reportFault: () => {
        state.faults += 1;
      },
      ...change,
    };
    return {
      alarm,
      state,
      evaluator: createEvaluator(deps),
      moveTo: (minutes: number) => (now = at(minutes)),
    };
  };
  const poller = (status: Check["status"], minutes: number): HealthReport => ({
    status: "unhealthy",
    checks: [{ name: "poller", status, detail: "no poll", checkedAt: iso(minutes) }],
  });
  const heardOf = (alarm: ReturnType<typeof listeningAlarm>, key: string) =>
    alarm.heard.filter((one) => one.key === key).map((one) => ("title" in one ? "raised" : "ended"));

  it("raises for as long as it holds, ends it once, and says nothing when nobody can tell", async () => {
    const { alarm, state, evaluator, moveTo } = parts();
    await evaluator.look();
    expect(heardOf(alarm, "poller-stale")).toEqual([]);
    state.health = poller("down", 1);
    moveTo(1);
    await evaluator.look();
    await evaluator.look();
    state.health = poller("unknown", 2);
    await evaluator.look();
    expect(heardOf(alarm, "poller-stale")).toEqual(["raised", "raised"]);
    expect(alarm.heard.find((one) => one.key === "poller-stale")).toMatchObject({ source: "p1" });
    state.health = poller("ok", 3);
    await evaluator.look();
    await evaluator.look();
    expect(heardOf(alarm, "poller-stale")).toEqual(["raised", "raised", "ended"]);
  });

  it("reports for longer than the process after a restart needs to see the same", async () => {
    const { alarm, state, evaluator, moveTo } = parts();
    const checks = (minutes: number): Check[] =>
      ["notion", "claude", "posts", "slack_connection", "disk", "backlog"].map((name) => ({
        ...{ name, status: "down", detail: "no answer", checkedAt: iso(minutes) },
      }));
    const firstRaised = new Map<string, number>();
    for (let minutes = 0; minutes <= 10; minutes += 0.25) {
      moveTo(minutes);
      state.health = { status: "unhealthy", checks: checks(minutes) };
      await evaluator.look();
      for (const { key } of alarm.heard) if (!firstRaised.has(key)) firstRaised.set(key, minutes);
    }
    const signals = alarm.heard.flatMap((one) => ("freshForMs" in one ? [one] : []));
    expect(new Set(signals.map(({ key }) => key)).size).toBe(6);
    for (const { key, freshForMs = 0 } of signals) {
      expect(freshForMs, key).toBeGreaterThan((firstRaised.get(key) ?? 0) * MINUTE);
    }
  });

  it("survives a store that does not answer, and says so to whoever counts", async () => {
    const { state, evaluator } = parts({
      facts: { deadLetters: () => Promise.reject(new Error("down")) },
    });
    await evaluator.look();
    expect(state.faults).toBe(1);
  });
});

describe("the database is gone", () => {
  const health = (status: Check["status"]): HealthReport => ({
    status: "unhealthy",
    checks: [{ name: "store", status, detail: "no answer", checkedAt: iso(0) }],
  });

  it("is said once after a minute, without the store, and taken back in place", async () => {
    const said: string[] = [];
    let now = at(0);
    const hear = createOutcry({
      shout: {
        post: async ({ since }) => {
          said.push(`gone since ${since}`);
          return { channel: "C1", ts: "1" };
        },
        over: async ({ ts }, { lasted }) => void said.push(`${ts} over after ${lasted}`),
      },
      now: () => now,
      log,
    });
    await hear(health("down"));
    expect(said).toEqual([]);
    now = at(2);
    await hear(health("down"));
    await hear(health("unknown"));
    await hear(health("down"));
    expect(said).toEqual([`gone since ${iso(0)}`]);
    now = at(5);
    await hear(health("ok"));
    await hear(health("ok"));
    expect(said.slice(1)).toEqual(["1 over after 5 min"]);
  });
});

describe("the heartbeat", () => {
  const url = "https://monitor.example/ping/secret-key";
  const beats = async (answers: (Response | Error)[]) => {
    const alarm = listeningAlarm();
    const asked: string[] = [];
    const heartbeat = createHeartbeat({
      ...{ url, alarm, log, source: "p1", everyMs: 2 * MINUTE },
      fetch: async (address) => {
        asked.push(String(address));
        const answer = answers.shift();
        if (answer instanceof Response) return answer;
        throw answer;
      },
    });
    for (const _ of [...answers]) {
      heartbeat.beat();
      await heartbeat.idle();
    }
    return { asked, alarm };
  };

  it("calls the address after every good poll, and raises nothing while it is heard", async () => {
    const { asked, alarm } = await beats([new Response("ok"), new Response("ok")]);
    expect(asked).toEqual([url, url]);
    expect(alarm.heard).toEqual([]);
  });

  it("that is not heard makes an alert which ends with the next one, and never names the address", async () => {
    const timeout = Object.assign(new Error("secret-key"), { name: "TimeoutError" });
    const { alarm } = await beats([new Response("no", { status: 500 }), timeout, new Response("ok")]);
    expect(alarm.heard.map((one) => ("title" in one ? one.detail : "ended"))).toEqual([
      expect.stringContaining("answered 500"),
      expect.stringContaining("did not answer within 5 s"),
      "ended",
    ]);
    expect(JSON.stringify(alarm.heard)).not.toContain("secret");
    // A process that was restarted meanwhile cannot take it back: it fades soon after the next beats.
    const [first] = alarm.heard;
    expect(first && "freshForMs" in first ? first.freshForMs : null).toBe(7 * MINUTE);
  });

  it("is off without an address", async () => {
    const heartbeat = createHeartbeat({
      ...{ url: null, alarm: listeningAlarm(), log, source: "p1", everyMs: 2 * MINUTE },
      fetch: () => Promise.reject(new Error("must not be called")),
    });
    heartbeat.beat();
    await expect(heartbeat.idle()).resolves.toBeUndefined();
  });
});
