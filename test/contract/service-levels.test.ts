/** What the service levels are computed from, in a real store; what is counted, lost, and told. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AlertEnd, AlertSignal } from "../../src/domain/alert.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/domain/calendar.ts";
import type { PauseState } from "../../src/domain/pause.ts";
import { tallyOf } from "../../src/domain/service-level.ts";
import { bucketsOf, type Heartbeat } from "../../src/domain/service-level-facts.ts";
import { createServiceLevels, type ServiceLevelBook } from "../../src/health/service-levels.ts";
import { createLog } from "../../src/log.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import { createItemStore } from "../../src/store/items.ts";
import { createServiceLevelStore } from "../../src/store/service-levels.ts";
import type { Store } from "../../src/store/store.ts";
import { decision, outcome, stand } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const log = createLog({ level: "CRITICAL", json: true });
let store: Store;
let book: ReturnType<typeof createServiceLevelStore>;

beforeAll(async () => {
  store = await openOwnStore();
  book = createServiceLevelStore(store.db);
});

beforeEach(async () => {
  for (const table of ["heartbeats", "service_counts", "items", "decisions"] as const)
    await store.db.deleteFrom(table).execute();
});

afterAll(() => store.close());

/** On a full minute. */
const NOON = Date.parse("2027-03-01T12:00:00Z");
const LIMIT = 3 * MINUTE_MS;

const beat = (minute: number, change: Partial<Heartbeat> = {}) =>
  book.beat({ minute, isReady: true, polledAt: minute, pollLimitMs: LIMIT, isPaused: false, ...change });

const tallies = async (now: number, from = NOON) => {
  const buckets = bucketsOf(await book.facts(from, now), { from, now, pollIntervalSeconds: 120 });
  const sum = (key: keyof typeof buckets) => tallyOf(buckets[key], now + 1, now - from + 1);
  return {
    ready: sum("availability"),
    polled: sum("poll-on-time"),
    clicks: sum("click-acknowledged"),
    items: sum("item-to-card"),
    decisions: sum("decision-recorded"),
  };
};

describe("heartbeats", () => {
  it("make a minute ready when one of several replicas was, and none of them unsays it", async () => {
    await beat(NOON, { isReady: false, polledAt: null });
    await beat(NOON);
    await beat(NOON, { isReady: false, polledAt: null });
    expect(await tallies(NOON + MINUTE_MS)).toMatchObject({
      ready: { good: 1, total: 1 },
      polled: { good: 1, total: 1 },
    });
  });

  it("that are missing are down and late, up to the minute that has just begun", async () => {
    await beat(NOON);
    await beat(NOON + 9 * MINUTE_MS);
    expect(await tallies(NOON + 10 * MINUTE_MS + 30_000)).toMatchObject({
      ready: { good: 2, total: 10 },
      polled: { good: 2, total: 10 },
    });
  });

  it("know the polls of a process that is gone", async () => {
    await beat(NOON, { polledAt: NOON });
    for (let minute = 1; minute <= 5; minute++) await beat(NOON + minute * MINUTE_MS, { polledAt: null });
    expect((await tallies(NOON + 6 * MINUTE_MS)).polled).toEqual({ good: 4, total: 6 });
  });

  it("do not count polls of a time to come: a clock that was an hour ahead proves nothing for that hour", async () => {
    await beat(NOON - HOUR_MS);
    await beat(NOON + HOUR_MS);
    for (let minute = 0; minute <= 5; minute++) {
      await beat(NOON + minute * MINUTE_MS, { polledAt: NOON + HOUR_MS });
    }
    expect((await tallies(NOON + 6 * MINUTE_MS)).polled).toEqual({ good: 0, total: 6 });
  });

  it("give the very first poll as much time as the others", async () => {
    for (let minute = 0; minute <= 5; minute++) await beat(NOON + minute * MINUTE_MS, { polledAt: null });
    expect((await tallies(NOON + 6 * MINUTE_MS)).polled).toEqual({ good: 4, total: 6 });
  });

  it("expect no poll in a pause, and none in the gap that it leaves open", async () => {
    await beat(NOON, { isPaused: true, polledAt: NOON });
    await beat(NOON + 12 * MINUTE_MS);
    expect(await tallies(NOON + 13 * MINUTE_MS)).toMatchObject({
      ready: { good: 2, total: 13 },
      polled: { good: 1, total: 1 },
    });
  });

  it("leave no trace of the time before the records, and outlive a long absence", async () => {
    expect(await tallies(NOON + HOUR_MS)).toMatchObject({ ready: { total: 0 }, polled: { total: 0 } });
    await beat(NOON - 60 * DAY_MS);
    await beat(NOON - 59 * DAY_MS);
    await beat(NOON);
    await book.forgetBefore(NOON - 29 * DAY_MS);
    const kept = await store.db.selectFrom("heartbeats").select("minute").orderBy("minute").execute();
    expect(kept.map(({ minute }) => minute.getTime())).toEqual([NOON - 60 * DAY_MS, NOON]);
    expect((await tallies(NOON + MINUTE_MS, NOON - 28 * DAY_MS)).ready).toEqual({
      good: 1,
      total: (28 * DAY_MS) / MINUTE_MS + 1,
    });
  });
});

describe("counts", () => {
  const counted = (good: number, total: number) =>
    book.add([{ objective: "click-acknowledged", start: NOON, good, total }]);

  it("of all replicas add up in one bucket, also at the same moment", async () => {
    await Promise.all([counted(3, 3), counted(1, 2), counted(5, 5)]);
    expect((await book.facts(NOON, NOON + HOUR_MS)).clicks).toEqual([{ start: NOON, good: 9, total: 10 }]);
  });

  it("are forgotten after the window", async () => {
    await counted(1, 1);
    await book.forgetBefore(NOON + 1);
    expect((await book.facts(0, NOON + HOUR_MS)).clicks).toEqual([]);
  });
});

describe("items", () => {
  const items = () => createItemStore(store.db);
  const waitingSince = (pageId: string, ms: number) =>
    store.db
      .updateTable("items")
      .set({ waiting_since: new Date(ms) })
      .where("page_id", "=", pageId)
      .execute();
  const begin = (id: string, lastEditedAt: number) =>
    items().begin({ id, status: "Unprocessed", lastEditedAt: new Date(lastEditedAt).toISOString() }, null);

  it("count from their last change before they were taken up, and once", async () => {
    const now = Date.now();
    await beat(now - DAY_MS);
    await begin("quick", now - MINUTE_MS);
    await begin("slow", now - 20 * MINUTE_MS);
    await begin("at work", now - MINUTE_MS);
    await begin("stuck", now - HOUR_MS);
    for (const id of ["quick", "slow"]) await items().done(id);
    expect((await tallies(Date.now(), now - 2 * HOUR_MS)).items).toEqual({ good: 1, total: 3 });
  });

  it("that were given up are failures at once, and after a retry the wait goes on", async () => {
    const now = Date.now();
    await beat(now - DAY_MS);
    const run = await begin("dead", now - MINUTE_MS);
    if (!run) throw new Error("not begun");
    await items().failed(run, "no", 1);
    expect((await tallies(Date.now(), now - HOUR_MS)).items).toEqual({ good: 0, total: 1 });
    await items().revive("dead");
    const seen = (await items().known(["dead"])).get("dead") ?? null;
    await items().begin({ id: "dead", status: "Unprocessed", lastEditedAt: new Date().toISOString() }, seen);
    await waitingSince("dead", now - 6 * MINUTE_MS);
    await items().done("dead");
    expect((await tallies(Date.now(), now - HOUR_MS)).items).toEqual({ good: 0, total: 1 });
  });

  it("put back by a person are promised anew, and old inboxes are not held against a new bot", async () => {
    const now = Date.now();
    await beat(now - 2 * MINUTE_MS);
    await begin("old", now - 30 * DAY_MS);
    await items().done("old");
    expect((await tallies(Date.now(), now - HOUR_MS)).items).toEqual({ good: 1, total: 1 });
    const seen = (await items().known(["old"])).get("old") ?? null;
    const lastEditedAt = new Date(now - MINUTE_MS).toISOString();
    await items().begin({ id: "old", status: "Unprocessed", lastEditedAt }, seen);
    const row = await store.db.selectFrom("items").select("waiting_since").executeTakeFirstOrThrow();
    expect(row.waiting_since?.toISOString()).toBe(lastEditedAt);
  });
});

describe("decisions", () => {
  it("count from the click to the last record; what expired is nobody's", async () => {
    const decisions = createDecisionStore(store.db);
    const now = Date.now();
    const decide = async (
      id: string,
      agoMs: number,
      tookMs: number | null,
      verdict: "approved" | "expired",
      undoMs = 0,
    ) => {
      const fresh = decision({ id });
      await decisions.insert(fresh);
      const at = new Date(now - agoMs).toISOString();
      const made = outcome({ verdict, at });
      // Until then it could be taken back, which is nobody's delay.
      const since = new Date(now - agoMs + undoMs).toISOString();
      const could = undoMs > 0 ? { since } : {};
      await stand(decisions, id, { kind: "recording", outcome: made, ...could });
      if (tookMs === null) return;
      const recordedAt = new Date(now - agoMs + undoMs + tookMs).toISOString();
      const counts = { taskCount: 0, projectUrl: null, acceptanceRate: 1 };
      await stand(decisions, id, { kind: "recorded", outcome: made, recordedAt, ...counts, ...could });
    };
    await decide("quick", 600_000, 5_000, "approved");
    await decide("quick, after it could be taken back", 900_000, 5_000, "approved", 120_000);
    await decide("slow", 600_000, 90_000, "approved");
    await decide("stuck", 600_000, null, "approved");
    await decide("being recorded", 5_000, null, "approved");
    await decide("expired", 600_000, 500_000, "expired");
    expect((await tallies(Date.now(), now - HOUR_MS)).decisions).toEqual({ good: 2, total: 4 });
  });
});

describe("the watch", () => {
  const setUp = (bookOfTest: ServiceLevelBook = book) => {
    const told: ({ raise: AlertSignal } | { end: AlertEnd })[] = [];
    const world = {
      now: NOON + 30_000,
      isReady: true,
      pause: null as PauseState | null,
      polledAt: NOON as number | null,
    };
    const levels = createServiceLevels({
      book: bookOfTest,
      alarm: {
        raise: async (signal) => void told.push({ raise: signal }),
        resolve: async (end) => void told.push({ end }),
      },
      poller: () => ({
        intervalSeconds: 120,
        lastSuccessAt: world.polledAt === null ? null : new Date(world.polledAt).toISOString(),
      }),
      pause: { state: async () => world.pause },
      isReady: async () => world.isReady,
      now: () => new Date(world.now),
      log,
    });
    return { levels, world, told };
  };
  const click = (durationMs: number, type = "block_actions") => ({ type, durationMs });

  it("counts what people wait for, and a delivery without an answer as late", async () => {
    const { levels } = setUp();
    levels.clicks.acknowledged(click(100));
    levels.clicks.acknowledged(click(2_999, "command"));
    levels.clicks.acknowledged(click(3_000));
    levels.clicks.acknowledged(click(9_000, "event_callback"));
    levels.clicks.unanswered({ type: "view_submission" });
    expect((await levels.report()).objectives[0]).toMatchObject({
      tally: { good: 2, total: 4 },
      isThin: true,
    });
  });

  it("keeps what could not be written down, and writes it once", async () => {
    let isDown = true;
    const flaky: ServiceLevelBook = {
      ...book,
      add: async (counts) => {
        if (isDown) throw new Error("down");
        await book.add(counts);
      },
    };
    const { levels, world } = setUp(flaky);
    levels.clicks.acknowledged(click(100));
    await expect(levels.tick()).rejects.toThrow("down");
    isDown = false;
    levels.clicks.acknowledged(click(100));
    await levels.tick();
    world.now += MINUTE_MS;
    await levels.tick();
    expect((await book.facts(NOON, NOON + HOUR_MS)).clicks).toEqual([{ start: NOON, good: 2, total: 2 }]);
  });

  it("writes the last counts down when it stops, and stops also when it cannot", async () => {
    const { levels } = setUp();
    levels.clicks.acknowledged(click(100));
    await levels.stop();
    expect((await book.facts(NOON, NOON + HOUR_MS)).clicks).toEqual([{ start: NOON, good: 1, total: 1 }]);
    const broken = setUp({ ...book, add: () => Promise.reject(new Error("down")) });
    broken.levels.clicks.acknowledged(click(100));
    await expect(broken.levels.stop()).resolves.toBeUndefined();
  });

  it("raises one alarm while the budget burns, repeats it while it does, and takes it back", async () => {
    const { levels, world, told } = setUp();
    const late = (count: number) => {
      for (let n = 0; n < count; n++) levels.clicks.acknowledged(click(5_000));
    };
    const raised = () => told.flatMap((one) => ("raise" in one ? [one.raise] : []));
    const ended = (key: string) => told.some((one) => "end" in one && one.end.key === key);
    late(9);
    await levels.tick();
    expect(raised()).toEqual([]);
    late(1);
    world.now += MINUTE_MS;
    await levels.tick();
    const [fast, slow] = raised();
    expect(fast).toMatchObject({ key: "slo:click-acknowledged:fast", severity: "critical" });
    expect(fast?.detail).toContain("10 of 10 clicks and commands were late");
    expect(slow).toMatchObject({ key: "slo:click-acknowledged:slow", severity: "warning" });
    told.length = 0;
    // Nothing happens: still up, by its own word.
    world.now += 10 * MINUTE_MS;
    await levels.tick();
    expect(raised().map(({ key }) => key)).toContain("slo:click-acknowledged:fast");
    told.length = 0;
    for (let n = 0; n < 30; n++) levels.clicks.acknowledged(click(50));
    world.now += MINUTE_MS;
    await levels.tick();
    expect(ended("slo:click-acknowledged:fast")).toBe(true);
    told.length = 0;
    world.now += MINUTE_MS;
    await levels.tick();
    expect(ended("slo:click-acknowledged:fast")).toBe(false);
  });

  it("is silent about the time before it was there, and not about what it sees itself", async () => {
    await beat(NOON - 3 * HOUR_MS);
    const { levels, world, told } = setUp();
    const raised = () => told.flatMap((one) => ("raise" in one ? [one.raise.key] : []));
    await levels.tick();
    world.now += 4 * MINUTE_MS;
    await levels.tick();
    expect(raised()).toEqual([]);
    world.isReady = false;
    for (let minute = 0; minute < 15; minute++) {
      world.now += MINUTE_MS;
      await levels.tick();
    }
    expect(raised()).toContain("slo:availability:fast");
    expect(raised()).not.toContain("slo:availability:slow");
  });

  it("says that a pause is nobody's delay, and that a process that is not ready is down", async () => {
    const { levels, world } = setUp();
    world.polledAt = null;
    world.pause = { by: "Sam", since: new Date(NOON).toISOString(), reason: "", until: null };
    for (let minute = 0; minute < 20; minute++) {
      await levels.tick();
      world.now += MINUTE_MS;
    }
    world.pause = null;
    world.isReady = false;
    await levels.tick();
    world.now += MINUTE_MS;
    const { objectives } = await levels.report();
    expect(objectives.find(({ objective }) => objective.key === "poll-on-time")?.tally).toEqual({
      good: 1,
      total: 1,
    });
    expect(objectives.at(-1)?.tally).toEqual({ good: 20, total: 21 });
  });

  it("draws one report for many who ask, and a new one after a failure", async () => {
    let reads = 0;
    let isDown = true;
    const { levels, world } = setUp({
      ...book,
      facts: async (from, until) => {
        reads += 1;
        if (isDown) throw new Error("down");
        return book.facts(from, until);
      },
    });
    await expect(levels.report()).rejects.toThrow("down");
    isDown = false;
    const reports = await Promise.all(Array.from({ length: 20 }, () => levels.report()));
    expect(new Set(reports).size).toBe(1);
    expect(reads).toBe(2);
    world.now += MINUTE_MS;
    await levels.report();
    expect(reads).toBe(3);
  });
});
