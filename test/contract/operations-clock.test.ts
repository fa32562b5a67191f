/** Maintenance and digests on the engine and the store, with a clock in the test's hand and a Slack that only remembers. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Digest } from "../../src/domain/digest.ts";
import type { HealthReport } from "../../src/domain/health.ts";
import type { Maintenance } from "../../src/domain/maintenance.ts";
import { AppError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import { createDigestStore } from "../../src/store/digests.ts";
import { createFigures } from "../../src/store/figures.ts";
import { createAuditTrail, createSettings } from "../../src/store/ledgers.ts";
import { createMaintenanceStore } from "../../src/store/maintenance.ts";
import type { Store } from "../../src/store/store.ts";
import { type Digests, registerDigests } from "../../src/workflows/digest.ts";
import { createEngine, type Engine } from "../../src/workflows/engine.ts";
import { type MaintenanceDesk, registerMaintenance } from "../../src/workflows/maintenance.ts";
import { decision, stand } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const log = createLog({ level: "ERROR", json: true, destination: { write: () => undefined } });
const sam = { slackId: "U0SAM00001", name: "Sam Okafor" };
const dana = { slackId: "U0DANA0001", name: "Dana Reyes" };

let store: Store;
let engine: Engine;
let digests: Digests;
let desk: MaintenanceDesk;

let clock = new Date("2026-11-18T07:00:00.000Z");
const now = () => clock;
const at = (text: string) => {
  clock = new Date(text);
};

const posted: { key: string; digest: Digest }[] = [];
const drawn: { ref: string; state: string }[] = [];
const asked: string[] = [];
const world = {
  notionFails: false,
  slackFails: 0,
  noChannel: false,
  health: "healthy" as HealthReport["status"],
};

const maintenanceBoard = {
  async postMaintenance(one: Maintenance) {
    if (world.slackFails-- > 0) throw slackDown();
    drawn.push({ ref: "new", state: stateOf(one) });
    return { channel: "C0ALERTS01", ts: one.id };
  },
  async updateMaintenance(one: Maintenance) {
    drawn.push({ ref: one.card?.ts ?? "", state: stateOf(one) });
  },
};

function stateOf({ ended, endsAt }: Maintenance): string {
  return ended ? `ended by ${ended.by?.name ?? "the clock"} at ${ended.at}` : `until ${endsAt}`;
}

function slackDown(): AppError {
  return new AppError("Slack is down", { code: "slack_unavailable", retryable: true });
}

beforeAll(async () => {
  store = await openOwnStore();
  engine = createEngine({
    store,
    log,
    patience: { firstIntervalSeconds: 0.01, backoffRate: 1, maxAttempts: 50 },
  });
  const book = createMaintenanceStore(store.db);
  desk = registerMaintenance({
    book,
    board: maintenanceBoard,
    audit: createAuditTrail(store.db),
    exclusive: store.exclusive,
    now,
  });
  digests = registerDigests({
    digests: createDigestStore(store.db),
    figures: createFigures(store.db),
    settings: createSettings(store.db),
    board: {
      async postDigest(key, digest) {
        if (world.noChannel)
          throw new AppError("no channel", { code: "slack_channel_gone", retryable: false });
        posted.push({ key, digest });
        return { channel: "C0LEADERS1", ts: key };
      },
    },
    async tasksDoneSince(since) {
      asked.push(since);
      if (world.notionFails)
        throw new AppError("Notion is down", { code: "notion_unavailable", retryable: true });
      return { count: 4, isAtLeast: false };
    },
    health: () => ({ status: world.health, checks: [] }),
    budget: async () => ({ isReached: false, waiting: null }),
    schedule: { daily: "0 8 * * 1-5", weekly: "0 8 * * 1", timezone: "Europe/Berlin" },
    now,
  });
  await engine.launch();
});

afterAll(async () => {
  await engine.shutdown(1_000);
  await store.close();
});

beforeEach(() => {
  posted.length = 0;
  drawn.length = 0;
  asked.length = 0;
});

/** As two replicas would, at the same moment; then what they started has ended. */
async function tick(): Promise<string[]> {
  await Promise.all([digests.tick(), digests.tick()]);
  await engine.idle();
  return posted.map((one) => one.key);
}

// The tests of a block follow each other in time.
describe("digests", () => {
  const pending = decision({
    id: "p-1",
    title: "Open",
    createdAt: "2026-11-18T09:00:00.000Z",
    expiresAt: null,
  });

  it("promise nothing for before their first look", async () => {
    at("2026-11-18T07:30:00Z");
    expect(await tick()).toEqual([]);
  });

  it("are posted once by two at the same tick, and not again by the next", async () => {
    await createDecisionStore(store.db).insert(pending);
    at("2026-11-19T07:00:01Z");
    expect(await tick()).toEqual(["digest:daily:2026-11-19T08:00"]);
    expect(posted[0]?.digest).toMatchObject({
      since: "2026-11-18T07:00:01.000Z",
      waiting: { total: 1 },
      missed: [],
      isQuiet: false,
    });
    at("2026-11-19T07:01:00Z");
    expect(await tick()).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  it("are posted late, but within three hours, and go on where the last one ended", async () => {
    at("2026-11-20T09:59:00Z");
    expect(await tick()).toEqual(["digest:daily:2026-11-20T08:00"]);
    expect(posted[0]?.digest.since).toBe("2026-11-19T07:00:01.000Z");
  });

  it("are missed after that, and the next one says so; on Monday the weekly one stands for both", async () => {
    at("2026-11-23T12:00:00Z");
    expect(await tick()).toEqual([]);
    at("2026-11-24T07:00:30Z");
    expect(await tick()).toEqual(["digest:daily:2026-11-24T08:00"]);
    expect(posted[0]?.digest).toMatchObject({
      missed: ["2026-11-23T08:00"],
      since: "2026-11-20T09:59:00.000Z",
    });
    at("2026-11-25T07:00:30Z");
    await tick();
    expect(posted[1]?.digest.missed).toEqual([]);
    at("2026-11-30T07:00:30Z");
    expect((await tick()).slice(2)).toEqual(["digest:weekly:2026-11-30T08:00"]);
    expect(posted[2]?.digest).toMatchObject({ kind: "weekly", tasks: { done: { count: 4 } } });
    // Thursday's and Friday's had nobody to post them.
    expect(posted[2]?.digest.missed).toEqual(["2026-11-26T08:00", "2026-11-27T08:00"]);
    expect(asked).toHaveLength(1);
  });

  it("come without the number that Notion does not tell", async () => {
    world.notionFails = true;
    at("2026-12-07T07:00:00Z");
    expect(await tick()).toEqual(["digest:weekly:2026-12-07T08:00"]);
    expect(posted[0]?.digest.tasks.done).toBeNull();
    expect((await digests.preview("weekly")).tasks.done).toBeNull();
    world.notionFails = false;
  });

  it("that no channel would take are missed, and the next one says so and tells what was in them", async () => {
    world.noChannel = true;
    at("2026-12-08T07:00:00Z");
    expect(await tick()).toEqual([]);
    world.noChannel = false;
    at("2026-12-09T07:00:00Z");
    expect(await tick()).toEqual(["digest:daily:2026-12-09T08:00"]);
    expect(posted[0]?.digest).toMatchObject({
      missed: ["2026-12-08T08:00"],
      since: "2026-12-07T07:00:00.000Z",
    });
  });

  it("say once a week at most that there is nothing to say", async () => {
    await stand(createDecisionStore(store.db), "p-1", { kind: "superseded", by: null, reason: "gone" });
    // The weekly one in between has four finished tasks to tell of.
    for (const day of ["10", "11", "14", "16", "17"]) {
      at(`2026-12-${day}T07:00:05Z`);
      await tick();
    }
    const said = posted.map(({ key, digest }) => [key.slice(7), digest.isQuiet]);
    expect(said).toEqual([
      ["daily:2026-12-10T08:00", true],
      ["weekly:2026-12-14T08:00", false],
      // The tick of the 15th had nobody.
      ["daily:2026-12-16T08:00", false],
      ["daily:2026-12-17T08:00", true],
    ]);
  });

  it("break the silence when something is wrong", async () => {
    world.health = "degraded";
    at("2026-12-21T06:59:59Z");
    await tick();
    posted.length = 0;
    at("2026-12-22T07:00:05Z");
    await tick();
    expect(posted.at(-1)?.digest).toMatchObject({ isQuiet: false, health: { status: "degraded" } });
    world.health = "healthy";
  });
});

describe("a maintenance", () => {
  it("holds polls back on every replica as soon as it has begun", async () => {
    at("2027-01-10T12:00:00Z");
    const begun = await desk.begin({ by: sam, durationMs: 30 * 60_000, reason: "moving" });
    expect(begun).toMatchObject({ isNew: true, maintenance: { endsAt: "2027-01-10T12:30:00.000Z" } });
    expect(await desk.pause.state()).toEqual({
      by: "Sam Okafor",
      since: "2027-01-10T12:00:00.000Z",
      until: "2027-01-10T12:30:00.000Z",
      reason: "maintenance: moving",
    });
    await engine.idle();
    expect(drawn).toEqual([{ ref: "new", state: "until 2027-01-10T12:30:00.000Z" }]);
  });

  it("is changed by a second order, on the same card", async () => {
    at("2027-01-10T12:10:00Z");
    const changed = await desk.begin({ by: dana, durationMs: 60 * 60_000, reason: "still" });
    expect(changed.isNew).toBe(false);
    await engine.idle();
    expect(drawn).toEqual([{ ref: changed.maintenance.id, state: "until 2027-01-10T13:10:00.000Z" }]);
    expect(desk.inForce()?.reason).toBe("still");
  });

  it("is over at its end, to the second, before anybody has looked", async () => {
    at("2027-01-10T13:09:59Z");
    expect(desk.inForce()).not.toBeNull();
    at("2027-01-10T13:10:00Z");
    expect(desk.inForce()).toBeNull();
    expect(await desk.pause.state()).toBeNull();
    expect(drawn).toEqual([]);
  });

  it("has its end noted once by two who look, on its card", async () => {
    await Promise.all([desk.look(), desk.look()]);
    await engine.idle();
    expect(drawn.map((one) => one.state)).toEqual(["ended by the clock at 2027-01-10T13:10:00.000Z"]);
    expect(await desk.end(sam)).toBeNull();
    const trail = await store.db.selectFrom("audit").select(["actor", "action", "outcome"]).execute();
    expect(trail).toEqual([{ actor: "clock", action: "maintenance.end", outcome: "done" }]);
  });

  it("that nobody has looked at for long does not stand in the way of the next", async () => {
    at("2027-01-11T09:00:00Z");
    await desk.begin({ by: sam, durationMs: 60_000, reason: "one" });
    await engine.idle();
    at("2027-01-11T12:00:00Z");
    expect(await desk.begin({ by: sam, durationMs: 60_000, reason: "two" })).toMatchObject({ isNew: true });
    await engine.idle();
    // The two cards are drawn side by side.
    expect(drawn.map((one) => one.state).sort()).toEqual([
      "ended by the clock at 2027-01-11T09:01:00.000Z",
      "until 2027-01-11T09:01:00.000Z",
      "until 2027-01-11T12:01:00.000Z",
    ]);
  });

  it("ended by hand says by whom, and opens again at once", async () => {
    const ended = await desk.end(dana);
    expect(ended?.ended?.by).toEqual(dana);
    expect(desk.inForce()).toBeNull();
    await engine.idle();
    expect(drawn).toEqual([{ ref: ended?.id, state: "ended by Dana Reyes at 2027-01-11T12:00:00.000Z" }]);
  });

  it("gets its card when Slack is back, showing how things are by then", async () => {
    at("2027-01-12T09:00:00Z");
    world.slackFails = 3;
    await desk.begin({ by: sam, durationMs: 60_000, reason: "three" });
    await desk.end(sam);
    await engine.idle();
    expect(drawn.at(-1)?.state).toBe("ended by Sam Okafor at 2027-01-12T09:00:00.000Z");
    expect((await desk.latest())?.cardRev).toBe(2);
  });
});
