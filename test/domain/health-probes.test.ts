/** What each finding means: the thresholds, and that what nobody knows is never well. */
import { describe, expect, it } from "vitest";
import type { Backlog } from "../../src/domain/backlog.ts";
import type { Check } from "../../src/domain/health.ts";
import { checkClaude, createQuestions } from "../../src/health/claude-probe.ts";
import { checkBacklog, checkPoller, type PollProbeDeps } from "../../src/health/poll-probes.ts";
import { createProbes, type ProbeDeps } from "../../src/health/probes.ts";
import { checkDisk, checkPosts, checkStore, type StoreProbeDeps } from "../../src/health/store-probes.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const MINUTE = 60_000;
const PAUSE = { by: "Sam Okafor", since: "2026-11-21T11:00:00.000Z", reason: "moving", until: null };

interface Polling {
  active?: boolean;
  lastSuccessAt?: string | null;
  idleMs?: number | null;
  busyMs?: number | null;
  lastFailure?: { at: string; reason: string } | null;
  pause?: typeof PAUSE | null;
  backlog?: Backlog | null;
}

function polling(change: Polling = {}): PollProbeDeps {
  const { pause = null, backlog = null, ...status } = change;
  return {
    intervalSeconds: 120,
    poller: {
      status: () => ({
        active: true,
        lastSuccessAt: NOW.toISOString(),
        idleMs: 0,
        lastFailure: null,
        busyMs: null,
        ...status,
      }),
      seePause: async () => pause,
    },
    backlog: async () => backlog,
    now: () => NOW,
  };
}

describe("the poller", () => {
  const failure = { at: "2026-11-21T11:59:00.000Z", reason: "Notion: 503" };
  it.each([
    ["well after a poll", {}, "ok", /last poll: /],
    ["not known before the first", { lastSuccessAt: null }, "unknown", /no poll has finished/],
    [
      "not known after a pause, until a poll has finished",
      { lastSuccessAt: "2026-11-21T11:00:00.000Z", idleMs: 1_000 },
      "unknown",
      /no poll has finished since .*11:00/,
    ],
    ["degraded when the last one failed", { lastFailure: failure }, "degraded", /Notion: 503/],
    ["well after exactly two periods", { idleMs: 240_000 }, "ok", /last poll/],
    [
      "down after more",
      { idleMs: 240_001, lastFailure: failure },
      "down",
      /no successful poll for 240 s; last.*503/,
    ],
    ["down when its clock stands still", { active: false, idleMs: null }, "down", /stopped/],
    [
      "degraded while it is paused",
      { pause: PAUSE, idleMs: 1e9 },
      "degraded",
      /paused by Sam Okafor since .*moving/,
    ],
  ] as const)("is %s", async (_, change, status, detail) => {
    expect(await checkPoller(polling(change))).toMatchObject({
      status,
      detail: expect.stringMatching(detail),
    });
  });

  it("is well right after a start when somebody polled a moment before", async () => {
    const looked = (secondsAgo: number) => ({
      at: new Date(NOW.getTime() - secondsAgo * 1_000).toISOString(),
      count: 0,
      oldest: [],
    });
    const started = (secondsAgo: number) =>
      checkPoller(polling({ lastSuccessAt: null, backlog: looked(secondsAgo) }));
    expect((await started(100)).status).toBe("ok");
    expect((await started(241)).status).toBe("unknown");
    expect((await started(-241)).status).toBe("unknown");
  });

  it("fails the look when nobody can say whether it is paused", async () => {
    const deps = polling();
    deps.poller.seePause = () => Promise.reject(new Error("store down"));
    await expect(checkPoller(deps)).rejects.toThrow("store down");
  });
});

describe("the backlog", () => {
  const seen = (count: number, waitedMinutes: number, lookedMinutesAgo = 1): Backlog => ({
    at: new Date(NOW.getTime() - lookedMinutesAgo * MINUTE).toISOString(),
    count,
    oldest:
      count === 0
        ? []
        : [{ id: "a", since: new Date(NOW.getTime() - waitedMinutes * MINUTE).toISOString(), begun: false }],
  });
  const failure = { at: NOW.toISOString(), reason: "503" };
  it.each([
    ["well when nothing waits", { backlog: seen(0, 0) }, "ok", /nothing waits/],
    ["well when a little waits", { backlog: seen(3, 5) }, "ok", /3 in the inbox, the oldest for 5 min/],
    ["degraded when much waits", { backlog: seen(51, 5) }, "degraded", /51 in the inbox/],
    ["degraded when one waits long", { backlog: seen(1, 90) }, "degraded", /1 h 30 min/],
    ["no data before the first poll", {}, "unknown", /^no data from a recent poll$/],
    ["no data when the look is old", { backlog: seen(0, 0, 10) }, "unknown", /no data.*; 0 waited, seen/],
    [
      "no data after a failed poll",
      { backlog: seen(0, 0), lastFailure: failure },
      "unknown",
      /last poll failed/,
    ],
  ] as const)("is %s", async (_, change, status, detail) => {
    expect(await checkBacklog(polling(change))).toMatchObject({
      status,
      detail: expect.stringMatching(detail),
    });
  });
});

describe("Claude", () => {
  const model = { model: "claude-x", status: "ok", detail: "" } as const;
  const check = (failed: string[], models = [model]) => {
    const questions = createQuestions(() => NOW);
    for (const outcome of failed) questions.heard({ outcome });
    return checkClaude({ counsel: { checkModels: async () => models }, questions });
  };

  it("is well when the models are there and the last question was answered, or nobody asked", async () => {
    expect(await check([])).toEqual({ status: "ok", detail: "the models claude-x are there" });
    expect(await check(["claude_unavailable", "ok"])).toMatchObject({ status: "ok" });
    expect(await check(["claude_unavailable", "claude_refused"])).toMatchObject({ status: "ok" });
  });

  it("is not well when it lists its models and answers nothing", async () => {
    expect((await check(["ok", "claude_unavailable"])).detail).toContain("overloaded");
    expect((await check(["claude_unauthorized"])).detail).toContain("ANTHROPIC_API_KEY");
  });

  it("is not judged by a question of long ago", () => {
    let now = NOW;
    const questions = createQuestions(() => now);
    questions.heard({ outcome: "claude_unavailable" });
    now = new Date(NOW.getTime() + 9 * MINUTE);
    expect(questions.failing()).toBe("claude_unavailable");
    now = new Date(NOW.getTime() + 10 * MINUTE);
    expect(questions.failing()).toBeNull();
  });
});

function keeping(change: Partial<StoreProbeDeps> = {}): StoreProbeDeps {
  return {
    store: { ping: async () => {} },
    dataDir: "/data",
    diskSpace: async () => ({ free: 50e9, total: 100e9 }),
    undelivered: async () => ({ cards: 0, posts: 0, oldestAt: null }),
    ...change,
  };
}

describe("the disk of the embedded store", () => {
  it.each([
    [50e9, 100e9, "ok"],
    [15e9, 100e9, "ok"],
    [14.9e9, 100e9, "degraded"],
    [2e9, 100e9, "degraded"],
    [1.9e9, 100e9, "down"],
    [499e6, 1e9, "degraded"],
    [600e6, 1e9, "ok"],
    [51e6, 100e6, "degraded"],
    [49e6, 100e6, "down"],
    [0, 0, "down"],
  ] as const)("with %i of %i bytes free is %s", async (free, total, status) => {
    expect((await checkDisk(keeping({ diskSpace: async () => ({ free, total }) }))).status).toBe(status);
  });

  it("is not known when it cannot be read, and not asked for when PostgreSQL holds the data", async () => {
    const diskSpace = () => Promise.reject(new Error("ENOENT"));
    expect(await checkDisk(keeping({ diskSpace }))).toMatchObject({ status: "unknown" });
    const onPostgres = keeping({ diskSpace, dataDir: null });
    expect(await checkDisk(onPostgres)).toEqual({
      status: "ok",
      detail: "PostgreSQL holds the data; nothing is kept on this disk",
    });
    expect((await checkStore(onPostgres)).detail).toBe("PostgreSQL answers");
  });
});

describe("what Slack has not been told", () => {
  const waiting = (cards: number, posts: number, minutes: number) =>
    checkPosts(
      keeping({
        undelivered: async () => ({ cards, posts, oldestAt: new Date(Date.now() - minutes * MINUTE) }),
      }),
    );
  it("is well when there is nothing, degraded when something waits, down when it waits long", async () => {
    expect((await checkPosts(keeping())).status).toBe("ok");
    expect(await waiting(1, 2, 3)).toMatchObject({
      status: "degraded",
      detail: expect.stringMatching(
        /1 card shows an old state, 2 posts are not in Slack yet; the oldest for [23] min/,
      ),
    });
    expect((await waiting(0, 1, 16)).status).toBe("down");
  });
});

describe("the list of probes", () => {
  const ok = async () => ({ status: "ok", detail: "fine" }) as const;
  const check = async (): Promise<Check> => ({ name: "x", status: "ok", detail: "", checkedAt: null });
  const deps = (intervalSeconds: number): ProbeDeps => ({
    ...polling(),
    ...keeping(),
    intervalSeconds,
    notion: { databases: ["TASKS", "AREAS"], check },
    slack: {
      connection: ok,
      clock: ok,
      decisionsChannel: ok,
      alertsChannel: ok,
      approvers: ok,
      operators: ok,
    },
    counsel: { checkModels: async () => [] },
    questions: createQuestions(() => NOW),
    process: "version 1",
  });

  it.each([60, 120, 300, 3_600])(
    "looks at everything within two polls of %i s, its own limit included",
    (seconds) => {
      const PROBE_LIMIT_MS = 10_000;
      for (const { name, everyMs } of createProbes(deps(seconds)))
        expect(everyMs + PROBE_LIMIT_MS, name).toBeLessThanOrEqual(2 * seconds * 1_000);
    },
  );

  it.each([
    ["no reason", {}, false],
    ["a poll that has begun", { busyMs: 9_000 }, false],
    ["a poll that hangs", { busyMs: 11_000 }, true],
    ["a poll that failed", { lastFailure: { at: NOW.toISOString(), reason: "503" } }, true],
  ] as const)("has %s to suspect Notion", (_, change, expected) => {
    const probe = createProbes({ ...deps(120), ...polling(change) }).find(({ group }) => group === "notion");
    expect(probe?.isSuspect?.()).toBe(expected);
  });

  it("keeps what was seen of a database that could not be asked just now", async () => {
    const busy = {
      ...deps(120),
      notion: {
        databases: ["TASKS"],
        check: async () => ({ ...(await check()), status: "unknown" as const }),
      },
    };
    const probe = createProbes(busy).find(({ group }) => group === "notion");
    expect(await probe?.run()).toBeNull();
  });
});
