/** Rollbacks that nobody carries on, on the real engine: the next one is possible, and Railway is not asked for what is stale. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Rollback } from "../../src/domain/rollback.ts";
import { AppError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { createRollbackStore } from "../../src/store/rollbacks.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { createEngine, type Engine } from "../../src/workflows/engine.ts";
import { registerRollback } from "../../src/workflows/rollback.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { deploymentList, LIVE, PREVIOUS, rollbackOf } from "../fixtures/deployments.ts";

const log = createLog({ level: "CRITICAL", json: true });
const dataDir = preparedDataFolder();
const { by } = rollbackOf();
const MINUTE_MS = 60_000;
let time = Date.parse("2026-11-21T12:00:00.000Z");
const now = () => new Date(time);
const asked: string[] = [];
const told: Rollback[] = [];
/** How many states cannot be written down, from now on. */
let lostWrites = 0;
let store: Store;
let engine: Engine;
let book: ReturnType<typeof createRollbackStore>;
let desk: ReturnType<typeof registerRollback>;

beforeAll(async () => {
  store = await openStore({ databaseUrl: null, dataDir, log });
  const patience = { firstIntervalSeconds: 0.05, backoffRate: 1, maxAttempts: 20 };
  engine = createEngine({ store, log, patience });
  book = createRollbackStore(store.db);
  const forgetful: typeof book = {
    ...book,
    async move(id, state) {
      if (state.kind !== "starting" && lostWrites > 0) {
        lostWrites -= 1;
        throw new AppError("the database went away", { code: "store_unavailable", retryable: true });
      }
      return book.move(id, state);
    },
  };
  desk = registerRollback({
    ...{ book: forgetful, now, lookEveryMs: 1, exclusive: store.exclusive },
    platform: {
      async deployments() {
        time += 20_000;
        return { ok: true, value: deploymentList() };
      },
      async rollBack(id) {
        asked.push(id);
        const reason = { message: "No more for now.", retryAfterMs: null };
        return { ok: false, failure: { kind: "limited", effect: "none", ...reason } };
      },
      whyFailed: async () => null,
    },
    askFace: async () => ({ kind: "no-address" }),
    wall: {
      post: async () => ({ channel: "C1", ts: "1.1" }),
      update: async () => undefined,
      async tellEnd(rollback) {
        told.push(rollback);
      },
    },
    records: { createLog: async () => ({ id: "log", url: "https://notion.test/log" }) },
    audit: { record: async () => undefined },
  });
  await engine.launch();
}, 60_000);

afterAll(async () => {
  await engine.shutdown(1_000);
  await store.close();
  removeDataFolder(dataDir);
});

const order = (key: string) => ({ key, target: PREVIOUS, from: LIVE, by });
/** As a process leaves it that dies between the row and the workflow. */
const leave = (id: string) =>
  book.begin({ id, target: PREVIOUS, from: LIVE, by, startedAt: now().toISOString() });

describe("a rollback whose process died before it could begin", () => {
  it("keeps nobody from the next one: whoever looks later ends it, and it is told that nothing was changed", async () => {
    await leave("V-orphan");
    expect(await desk.latest()).toMatchObject({ id: "V-orphan", state: { kind: "starting" } });
    time += 6 * MINUTE_MS;
    expect(await desk.latest()).toMatchObject({
      id: "V-orphan",
      state: { kind: "ended", result: "not-started" },
    });
    await engine.idle();
    expect(told.map(({ id }) => id)).toEqual(["V-orphan"]);
    expect(asked).toEqual([]);
    expect(await desk.start(order("V-next"))).toMatchObject({ kind: "started" });
    await engine.idle();
    expect(asked).toEqual([PREVIOUS.id]);
  });

  it("is not asked for by the process that finds it hours later", async () => {
    asked.length = 0;
    await leave("V-stale");
    time += 180 * MINUTE_MS;
    expect(await desk.start(order("V-stale"))).toMatchObject({ kind: "started" });
    await engine.idle();
    expect(asked).toEqual([]);
    expect((await book.find("V-stale"))?.state).toMatchObject({ kind: "ended", result: "not-started" });
  });

  it("that is being asked for elsewhere at this moment is not called undone", async () => {
    await leave("V-asking");
    await book.claimAsk("V-asking", { at: now().toISOString(), knownIds: [LIVE.id] });
    time += 6 * MINUTE_MS;
    expect(await desk.latest()).toMatchObject({ id: "V-asking", state: { kind: "starting" } });
    time += 30 * MINUTE_MS;
    expect(await desk.latest()).toMatchObject({ state: { kind: "ended", result: "not-known" } });
    await engine.idle();
  });
});

describe("a rollback whose state cannot be written down after Railway was asked", () => {
  it("is not asked for again when the step is repeated", async () => {
    asked.length = 0;
    lostWrites = 3;
    expect(await desk.start(order("V-forgotten"))).toMatchObject({ kind: "started" });
    await engine.idle();
    expect(lostWrites).toBe(0);
    expect(asked).toEqual([PREVIOUS.id]);
    expect((await book.find("V-forgotten"))?.state).toMatchObject({ kind: "ended" });
  });
});
