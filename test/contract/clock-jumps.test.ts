/** The machine's clock was two hours ahead, and is set right: nothing sleeps until it is that late again. */
import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { createLog } from "../../src/log.ts";
import { startClock } from "../../src/poller/clock.ts";
import { createSchedule } from "../../src/poller/schedule.ts";
import { createPacing } from "../../src/slack/pacing.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import {
  createEngine,
  enqueueOnce,
  failedWorkflows,
  registerWorkflow,
  startOnce,
  step,
} from "../../src/workflows/engine.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";

const AHEAD_MS = 2 * 3_600_000;
const EVERY_SECOND = "* * * * * *";
const log = createLog({ level: "CRITICAL", json: true });
let dataDir: string | null = null;
let store: Store | null = null;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(performance.timeOrigin + performance.now() + AHEAD_MS);
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(async () => {
  await store?.close();
  if (dataDir) removeDataFolder(dataDir);
});

/** Time stands still for the tests' Date between two settings: each look moves it. */
function setRight(): void {
  vi.setSystemTime(performance.timeOrigin + performance.now());
}

/** Resolves when `count` grows by two; the clock runs on meanwhile. */
async function twoMore(count: () => number): Promise<void> {
  const before = count();
  await vi.waitFor(
    () => {
      setRight();
      expect(count()).toBeGreaterThanOrEqual(before + 2);
    },
    { timeout: 15_000, interval: 50 },
  );
}

it("jobs go on", async () => {
  let runs = 0;
  const run = async () => {
    runs += 1;
  };
  const schedule = createSchedule({ name: "job", cron: EVERY_SECOND, run, log, reportFault: () => {} });
  await schedule.start();
  setRight();
  await twoMore(() => runs);
  await schedule.stop(1_000);
});

it("polls go on", async () => {
  let ticks = 0;
  const onTick = async () => {
    ticks += 1;
  };
  const clock = await startClock({ cron: EVERY_SECOND, timezone: "UTC", onTick, log });
  setRight();
  await twoMore(() => ticks);
  await clock.stop();
});

it("posts and updates go on", async () => {
  const pacing = createPacing({ postIntervalMs: 20, sleep: () => Promise.resolve() });
  const done: string[] = [];
  const say = (what: string) => async () => void done.push(what);
  const update = (version: number) =>
    pacing.update({ key: String(version), version, send: say(`update ${version}`) });
  await Promise.all([pacing.post("C1", say("post")), ...Array.from({ length: 10 }, (_, n) => update(n))]);
  setRight();
  done.length = 0;
  await Promise.all([pacing.post("C1", say("post")), update(10)]);
  expect(done.toSorted()).toEqual(["post", "update 10"]);
});

it("items that are in the queue are taken up, and so is what failed meanwhile", async () => {
  dataDir = preparedDataFolder();
  store = await openStore({ databaseUrl: null, dataDir, log });
  const engine = createEngine({ store, log });
  const handled: string[] = [];
  const item = registerWorkflow("clock-item", (name: string) =>
    step(`handle:${name}`, async () => {
      handled.push(name);
    }),
  );
  const failing = registerWorkflow("clock-failing", () =>
    step("fail", () => Promise.reject(new Error("cannot work"))),
  );
  await engine.launch();
  await enqueueOnce("clock-item:1", item, "early");
  const failed = await startOnce("clock-failing:1", failing);
  await expect(failed.result()).rejects.toThrow("cannot work");
  // The dispatcher has looked at the clock that is ahead.
  await vi.waitFor(
    () => {
      vi.setSystemTime(performance.timeOrigin + performance.now() + AHEAD_MS);
      expect(handled).toEqual(["early"]);
    },
    { timeout: 15_000, interval: 50 },
  );
  // The engine asks the database for the time, and a thread has its own Date.
  const { pool } = store.connection as Extract<Store["connection"], { kind: "embedded" }>;
  const itsTime = `update dbos.workflow_status set updated_at = updated_at + ${AHEAD_MS}`;
  expect(await pool.query(itsTime)).toMatchObject({ rowCount: 2 });
  setRight();
  const aMinuteAgo = new Date(Date.now() - 60_000);
  expect(await failedWorkflows(["clock-failing"], aMinuteAgo)).toMatchObject([{ id: "clock-failing:1" }]);
  await enqueueOnce("clock-item:2", item, "late");
  await vi.waitFor(
    () => {
      setRight();
      expect(handled).toEqual(["early", "late"]);
    },
    { timeout: 15_000, interval: 50 },
  );
  await engine.shutdown(0);
});
