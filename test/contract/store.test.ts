import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import { createItemStore } from "../../src/store/items.ts";
import {
  createCounters,
  createDeliveryLog,
  createPacer,
  createPostLedger,
  createWriteLedger,
} from "../../src/store/ledgers.ts";
import { createSpendLedger } from "../../src/store/spend.ts";
import { openStore } from "../../src/store/store.ts";
import { createUndelivered } from "../../src/store/undelivered.ts";
import { decision } from "../fixtures/decision.ts";
import { type OwnStore, openOwnStore } from "../fixtures/own-store.ts";

const log = createLog({ level: "ERROR", json: true });
let store: OwnStore;

beforeAll(async () => {
  store = await openOwnStore();
});

afterAll(() => store.close());

describe("the data folder", () => {
  it("refuses a second process, naming the folder and the fix", async () => {
    const { dataDir } = store;
    await expect(openStore({ databaseUrl: null, dataDir, log })).rejects.toThrow(
      `DATA_DIR ${dataDir} is in use by another process; stop it or choose another`,
    );
  });

  it("migrates twice without harm", async () => {
    await store.migrate();
    expect(await createItemStore(store.db).count(["running"])).toBe(0);
  });
});

describe("write ledger", () => {
  it("is fresh once, suspicious after a crash, done for ever", async () => {
    const ledger = createWriteLedger(store.db);
    const first = await ledger.begin("k1");
    expect(first).toMatchObject({ pageId: null, retried: false });
    const second = await ledger.begin("k1");
    expect(second).toMatchObject({ pageId: null, retried: true, startedAt: first.startedAt });
    await ledger.done("k1", "page-1");
    expect(await ledger.begin("k1")).toMatchObject({ pageId: "page-1", retried: false });
  });
});

describe("post ledger and delivery log", () => {
  it("remembers where a post went", async () => {
    const ledger = createPostLedger(store.db);
    expect((await ledger.begin("p")).posted).toBeNull();
    await ledger.done("p", { channel: "C1", ts: "1.2" });
    expect((await ledger.begin("p")).posted).toEqual({ channel: "C1", ts: "1.2" });
  });

  it("names the newest try of a post, and what came of it", async () => {
    const ledger = createPostLedger(store.db);
    const first = await ledger.begin("taken over");
    expect(await ledger.standing("taken over")).toEqual({ claim: first.claim, posted: null });
    const second = await ledger.begin("taken over");
    expect(second.claim).not.toBe(first.claim);
    expect(await ledger.standing("taken over")).toEqual({ claim: second.claim, posted: null });
    const made = { channel: "C1", ts: "1.3" };
    await ledger.done("taken over", made);
    expect(await ledger.standing("taken over")).toEqual({ claim: second.claim, posted: made });
  });

  it("knows a delivery it has seen, whoever asks at the same moment", async () => {
    const deliveries = createDeliveryLog(store.db);
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliveries.isFirst("trigger")));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });
});

describe("counters", () => {
  it("start above what is in use and never repeat", async () => {
    const counters = createCounters(store);
    let asked = 0;
    const floor = async () => {
      asked += 1;
      return 41;
    };
    const numbers = await Promise.all(Array.from({ length: 20 }, () => counters.next("log", floor)));
    expect(new Set(numbers).size).toBe(20);
    expect(Math.min(...numbers)).toBe(42);
    expect(asked).toBe(1);
  });
});

describe("pacer", () => {
  it("lets a full window through at once and makes the next turn wait for the window", async () => {
    const waits: number[] = [];
    const sleep = async (ms: number) => {
      waits.push(ms);
    };
    const pacer = createPacer(store.db, { key: "t1", limit: 5, windowMs: 60_000, sleep });
    for (let turn = 0; turn < 5; turn += 1) await pacer.take();
    expect(waits).toEqual([]);
    await pacer.take();
    expect(waits[0]).toBeGreaterThan(59_000);
    expect(waits[0]).toBeLessThanOrEqual(60_000);
  });

  it("sends away who would wait too long, and spends no turn on it", async () => {
    const sleep = async () => undefined;
    const options = { key: "t3", limit: 2, windowMs: 60_000, sleep };
    const pacer = createPacer(store.db, { ...options, maxWaitMs: 1_000 });
    await pacer.take();
    await pacer.take();
    for (let tries = 0; tries < 3; tries += 1)
      await expect(pacer.take()).rejects.toMatchObject({ code: "probe_skipped" });
    const waits: number[] = [];
    await createPacer(store.db, { ...options, sleep: async (ms) => void waits.push(ms) }).take();
    expect(waits[0]).toBeLessThanOrEqual(60_000);
  });

  it("sends away, of those who come at once, all for whom no turn is left, and as many before others need them", async () => {
    const waits: number[] = [];
    const options = { limit: 5, windowMs: 60_000, sleep: async (ms: number) => void waits.push(ms) };
    const taken = async (pacer: ReturnType<typeof createPacer>) => {
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => pacer.take()));
      return tries.filter(({ status }) => status === "fulfilled").length;
    };
    expect(await taken(createPacer(store.db, { ...options, key: "t4", maxWaitMs: 1_000 }))).toBe(5);
    expect(await taken(createPacer(store.db, { ...options, key: "t5", maxWaitMs: 0, leaves: 2 }))).toBe(3);
    expect(waits).toEqual([]);
  });

  it.each([90_000, 3_600_000])(
    "counts on as before when the clock was ahead by %d ms for a while",
    async (aheadMs) => {
      const waits: number[] = [];
      const sleep = async (ms: number) => void waits.push(ms);
      const key = `ahead-${aheadMs}`;
      // One turn more is spent on noticing it.
      const options = { key, limit: 5, windowMs: 60_000, sleep };
      const pacer = createPacer(store.db, options);
      await pacer.take();
      await pacer.take();
      const at = new Date(Date.now() + aheadMs);
      await store.db.updateTable("pacing_slots").set({ at }).where("key", "=", key).execute();
      const pacing = store.db.updateTable("pacing").set({ seen_at: at, paused_until: at });
      await pacing.where("key", "=", key).execute();
      await createPacer(store.db, { ...options, maxWaitMs: 1_000 }).take();
      await pacer.take();
      expect(waits).toEqual([]);
      // And it holds its limit: what was asked for before counts.
      await pacer.take();
      expect(waits[0]).toBeGreaterThan(59_000);
      expect(waits[0]).toBeLessThanOrEqual(60_000);
    },
  );

  it("makes everybody wait after a pause", async () => {
    const waits: number[] = [];
    const sleep = async (ms: number) => {
      waits.push(ms);
    };
    const other = createPacer(store.db, {
      key: "t2",
      limit: 100,
      windowMs: 60_000,
      sleep: async () => undefined,
    });
    await other.take();
    await other.pauseFor(30_000);
    await createPacer(store.db, { key: "t2", limit: 100, windowMs: 60_000, sleep }).take();
    expect(waits[0]).toBeGreaterThan(29_000);
    // A timer takes no more than that, and would end at once.
    await other.pauseFor(40 * 86_400_000);
    await createPacer(store.db, { key: "t2", limit: 100, windowMs: 60_000, sleep }).take();
    expect(waits[1]).toBeLessThan(2 ** 31);
  });
});

describe("spend", () => {
  const options = (dailyBudgetUsd: number) => ({
    dailyBudgetUsd,
    timezone: "UTC",
    now: () => new Date("2026-11-21T10:00:00Z"),
  });
  const call = { step: "triage", model: "m", itemId: "i", estimateUsd: 0.4 };

  it("never reserves past the cap, also when asked at the same moment", async () => {
    const spend = createSpendLedger(store, options(1));
    const granted = await Promise.all(["a", "b", "c", "d"].map((key) => spend.reserve(key, call)));
    expect(granted.filter(Boolean)).toHaveLength(2);
    expect(await spend.spentToday()).toBeCloseTo(0.8);
  });

  it("replaces the estimate by the bill, and frees what was not billed", async () => {
    const spend = createSpendLedger(store, options(0));
    const before = await spend.spentToday();
    await spend.reserve("e", call);
    await spend.settle("e", {
      step: "triage",
      model: "m",
      inputTokens: 10,
      outputTokens: 5,
      costUsd: 0.01,
      durationMs: 3,
    });
    await spend.reserve("f", call);
    await spend.release("f");
    await spend.release("e");
    expect(await spend.spentToday()).toBeCloseTo(before + 0.01);
  });
});

describe("items", () => {
  const ref = { id: "page-a", status: "Unprocessed", lastEditedAt: "2026-11-21T10:00:00Z" } as const;
  const entry = async () => (await createItemStore(store.db).known(["page-a"])).get("page-a") ?? null;

  it("gives one run to everybody who takes the same item up", async () => {
    const items = createItemStore(store.db);
    const runs = await Promise.all([items.begin(ref, null), items.begin(ref, null)]);
    expect(runs).toEqual([
      { pageId: "page-a", attempt: 1, round: 1 },
      { pageId: "page-a", attempt: 1, round: 1 },
    ]);
  });

  it("counts a failed attempt once, however often it is reported", async () => {
    const items = createItemStore(store.db);
    const run = { pageId: "page-a", attempt: 1, round: 1 };
    expect(await items.failed(run, "no", 3)).toEqual({ failures: 1, final: false });
    expect(await items.failed(run, "no", 3)).toEqual({ failures: 1, final: false });
    const seen = await entry();
    expect(seen?.state).toBe("failed");
    expect(await items.begin(ref, seen)).toEqual({ pageId: "page-a", attempt: 2, round: 1 });
  });

  it("waits before its next attempt by the clock it is given", async () => {
    const now = new Date("2030-01-01T12:00:00Z");
    const items = createItemStore(store.db, () => now);
    const other = { ...ref, id: "page-b" };
    const run = await items.begin(other, null);
    if (run) await items.failed(run, "no", 3);
    const row = (await items.known(["page-b"])).get("page-b");
    expect(row?.next_at).toEqual(new Date("2030-01-01T12:00:15Z"));
    expect(row?.updated_at).toEqual(now);
  });

  it("starts a new round when a finished item is put back", async () => {
    const items = createItemStore(store.db);
    await items.done("page-a");
    expect(await items.begin(ref, await entry())).toEqual({ pageId: "page-a", attempt: 3, round: 2 });
  });
});

describe("what Slack has not been told", () => {
  it("counts cards that lag behind and posts that were begun, once they are a minute old", async () => {
    const undelivered = createUndelivered(store.db);
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    const look = () => undelivered(minutesAgo(1));
    const before = await look();
    const posts = createPostLedger(store.db);
    await posts.begin("late");
    await posts.begin("said");
    await posts.begin("young");
    await posts.done("said", { channel: "C1", ts: "1.1" });
    const age = (key: string, at: Date) =>
      store.db.updateTable("posts").set({ started_at: at }).where("key", "=", key).execute();
    await age("late", minutesAgo(5));
    await age("said", minutesAgo(5));
    const seen = await look();
    expect(seen.posts).toBe(before.posts + 1);
    expect(seen.oldestAt?.getTime()).toBeLessThanOrEqual(minutesAgo(4).getTime());
    // Written by a clock that has been set back since.
    await age("young", minutesAgo(-30));
    expect((await look()).posts).toBe(before.posts + 2);
    await posts.done("late", { channel: "C1", ts: "1.2" });
    await posts.done("young", { channel: "C1", ts: "1.3" });
    expect((await look()).posts).toBe(before.posts);
  });

  it("counts no post that nobody tries to make any more", async () => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    const look = async () => (await createUndelivered(store.db)(hoursAgo(0.1))).posts;
    const posts = createPostLedger(store.db);
    const before = await look();
    await posts.begin("left");
    const set = (tried: Date) =>
      store.db
        .updateTable("posts")
        .set({ started_at: hoursAgo(72), tried_at: tried })
        .where("key", "=", "left")
        .execute();
    await set(hoursAgo(1));
    expect(await look()).toBe(before + 1);
    await set(hoursAgo(3));
    expect(await look()).toBe(before);
    await posts.begin("left");
    expect(await look()).toBe(before + 1);
    await posts.done("left", { channel: "C1", ts: "1.4" });
  });

  it("is shown again also when a clock that was ahead wrote it", async () => {
    const decisions = createDecisionStore(store.db);
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    const untouchedFor = async (minutes: number) => {
      const at = minutesAgo(minutes);
      await store.db.updateTable("decisions").set({ updated_at: at }).where("id", "=", "stale").execute();
      return (await decisions.withStaleCard(minutesAgo(2))).map(({ id }) => id);
    };
    await decisions.insert(decision({ id: "stale" }));
    expect(await untouchedFor(1)).toEqual([]);
    expect(await untouchedFor(3)).toEqual(["stale"]);
    expect(await untouchedFor(-120)).toEqual(["stale"]);
    expect(await decisions.cardShows("stale", 99)).toBe(99);
    expect(await decisions.cardShows("stale", 1)).toBe(99);
    expect(await untouchedFor(3)).toEqual([]);
  });
});
