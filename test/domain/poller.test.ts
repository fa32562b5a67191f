/** The clock of polls: what counts as a poll, whatever the clock of the machine does. */
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PollOutcome } from "../../src/domain/health.ts";
import type { PauseState } from "../../src/domain/pause.ts";
import { createPoller, type Poller } from "../../src/poller/poller.ts";

const MINUTE = 60_000;
const PAUSE: PauseState = { by: "Sam", since: "2026-11-21T09:00:00.000Z", reason: "", until: null };

let poller: Poller;
/** Ticks in the order in which they were polled; the same id answers what it found the first time. */
let ticks: string[];
let pause: PauseState | null;
let isDown: boolean;
/** Every poll waits for this. */
let slowly: Promise<void>;

beforeEach(async () => {
  vi.useFakeTimers({ now: new Date("2026-11-21T10:00:30Z") });
  ticks = [];
  pause = null;
  isDown = false;
  slowly = Promise.resolve();
  const known = new Map<string, PollOutcome>();
  poller = createPoller({
    cron: "0 */2 * * * *",
    intervalSeconds: 120,
    timezone: "UTC",
    async poll(tick) {
      await slowly;
      const before = known.get(tick);
      if (before) return before;
      if (isDown) throw new Error("Notion: 503");
      const report = { found: 0, started: 0, runs: [], waiting: [], swept: 0 };
      const outcome: PollOutcome = pause ? { kind: "paused", pause } : { kind: "polled", report };
      ticks.push(tick);
      known.set(tick, outcome);
      return outcome;
    },
    pause: { state: async () => pause },
    now: () => new Date(),
    log: pino({ level: "silent" }),
  });
  await poller.start();
});

afterEach(async () => {
  const stopped = poller.stop(10);
  await vi.advanceTimersByTimeAsync(20);
  await stopped;
  vi.useRealTimers();
});

describe("the clock of polls", () => {
  it("polls once per tick", async () => {
    await vi.advanceTimersByTimeAsync(6 * MINUTE);
    expect(ticks).toHaveLength(3);
    expect(poller.status()).toMatchObject({ active: true, lastFailure: null });
    expect(poller.status().idleMs).toBeLessThan(2 * MINUTE);
  });

  it("does not take the report of an hour ago for a poll when the clock goes back", async () => {
    await vi.advanceTimersByTimeAsync(6 * MINUTE);
    vi.setSystemTime(Date.now() - 60 * MINUTE);
    ticks.length = 0;
    await vi.advanceTimersByTimeAsync(4 * MINUTE);
    expect(ticks).toHaveLength(2);
    vi.setSystemTime(Date.now() - 4 * MINUTE);
    ticks.length = 0;
    await vi.advanceTimersByTimeAsync(4 * MINUTE);
    expect(ticks).toEqual([expect.stringMatching(/-again-/), expect.stringMatching(/-again-/)]);
  });

  it("counts the time without a successful poll, also while the clock goes back", async () => {
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    isDown = true;
    vi.setSystemTime(Date.now() - 60 * MINUTE);
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    expect(poller.status().idleMs).toBeGreaterThanOrEqual(5 * MINUTE);
  });

  it("makes a jump ahead a reason to look, not to be well", async () => {
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    vi.setSystemTime(Date.now() + 60 * MINUTE);
    expect(poller.status().idleMs).toBeGreaterThan(59 * MINUTE);
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    expect(poller.status().idleMs).toBeLessThan(3 * MINUTE);
  });
});

it("tells how long a poll has been at it, which hangs", async () => {
  expect(poller.status().busyMs).toBeNull();
  let answer = () => {};
  slowly = new Promise((resolve) => {
    answer = () => resolve();
  });
  await vi.advanceTimersByTimeAsync(2 * MINUTE);
  expect(poller.status().busyMs).toBeGreaterThan(20_000);
  answer();
  await vi.advanceTimersByTimeAsync(10);
  expect(poller.status().busyMs).toBeNull();
});

describe("a pause", () => {
  it("is no failure, and nobody waits for a poll meanwhile or right after it", async () => {
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    pause = PAUSE;
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(poller.status()).toMatchObject({ pause: PAUSE, lastFailure: null });
    expect(poller.status().idleMs).toBeLessThanOrEqual(2 * MINUTE);
    pause = null;
    await poller.seePause();
    expect(poller.status()).toMatchObject({ pause: null, idleMs: 0 });
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(ticks.at(-1)).toMatch(/^\d+$/);
  });

  it("set at another replica is seen at the next look into the store", async () => {
    pause = PAUSE;
    expect(poller.status().pause).toBeNull();
    expect(await poller.seePause()).toEqual(PAUSE);
    expect(poller.status().pause).toEqual(PAUSE);
  });
});
