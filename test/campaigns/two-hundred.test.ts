/**
 * Three replicas on one PostgreSQL, a hundred ticks, two hundred items and two hundred clicks, while one replica is killed
 * and one is drained: every record once, every tick once. Prints who took over and how fast.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { createFleet, type Fleet } from "../faults/fleet.ts";
import { brokenRules } from "../faults/invariants.ts";
import { readKept } from "../faults/kept.ts";
import { createPeople, type People } from "../faults/people.ts";
import { createPostman, type Postman } from "../faults/postman.ts";
import type { PlannedAct, PlannedItem, Schedule } from "../faults/schedule.ts";
import { look, type Snapshot } from "../faults/snapshot.ts";
import { type BotProcess, childEnv, type LogLine, startBot, stepRuns } from "../fixtures/bot-process.ts";
import { seededRandom } from "../fixtures/seeded-random.ts";
import { createThrowawayDatabase, type ThrowawayDatabase } from "../fixtures/throwaway-database.ts";
import { emptyInbox } from "../flows/bot.ts";

const random = seededRandom();
console.log(`two-hundred.test.ts: SEED=${random.seed}`);

const TICKS = 100;
const REPLICAS = 3;
/** Cards take a second each in their channel: not every item may get one. */
const KINDS = { dialectic: 10, ordinary: 30, task: 80, reference: 80 } as const;
/** On each card, by two people at about the same moment. */
const CLICKS = [3, 2] as const;
/** Peers look for the dead every ten seconds. */
const TAKEOVER_LIMIT_MS = 30_000;
const STEPS_IN_BETWEEN = 6;
const PUT_WITHIN_MS = 25_000;
const LOOK_MS = 250;

let world: World;
let database: ThrowawayDatabase;
let fleet: Fleet;
let postman: Postman;
let people: People;

const items: PlannedItem[] = Object.entries(KINDS)
  .flatMap(([kind, count]) => Array.from({ length: count }, (_, nth) => ({ kind, name: nth % 10 })))
  .map((item, id) => ({
    ...{ ...(item as Pick<PlannedItem, "kind" | "name">), id, hostile: false, via: "notion" as const },
    atMs: random.between(0, PUT_WITHIN_MS),
  }));
const acts: PlannedAct[] = items
  .filter(({ kind }) => kind === "dialectic" || kind === "ordinary")
  .flatMap(({ id }) =>
    (["dana", "sam"] as const).map((by, nth) => ({
      ...{ item: id, by, what: "approve" as const, times: CLICKS[nth] ?? 1 },
      afterMs: random.between(0, 500),
    })),
  );
const schedule: Schedule = {
  ...{ seed: random.seed, store: "postgres", replicas: REPLICAS, notionPerMinute: 10_000, undoSeconds: 0 },
  ...{ notionMs: 5, claudeMs: 150, items, acts, faults: [] },
};

beforeAll(async () => {
  database = await createThrowawayDatabase();
  world = await createWorld({ claudeLatencyMs: schedule.claudeMs });
  world.notion.latencyMs = schedule.notionMs;
  world.notion.requestsPerMinute = schedule.notionPerMinute;
  // Three replicas post to the same channel, each as fast as one may.
  world.slack.hasRateLimits = false;
  emptyInbox(world);
  const env = childEnv(world, { DATABASE_URL: database.url, UNDO_SECONDS: "0" });
  fleet = createFleet(REPLICAS, (signal) => startBot({ env, signal }));
  postman = await createPostman(fleet.addresses);
  world.slack.deliverTo(`${postman.url}/slack/events`);
  people = createPeople(world, items);
});

afterAll(async () => {
  await fleet.kill();
  await Promise.all([postman.close(), world.close()]);
  await database.drop();
});

function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    ...{ schedule, rowsOf: people.rowsOf(), seen: look(world), kept: null, behaviour: null },
    ...{ deeds: people.deeds, troubles: [] },
    ...more,
  };
}

/** Looks a few times a second: with so much going on, looking at every change would be most of the work. */
async function until<T>(find: () => T | undefined | false, what: string, limitMs: number): Promise<T> {
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(LOOK_MS)) {
    const found = find();
    if (found) return found;
  }
  throw new Error(`did not happen within ${limitMs} ms: ${what}`);
}

const linesOf = (fits: (line: LogLine) => boolean) =>
  fleet.processes.flatMap((bot) => bot.lines.filter(fits));
const ticks = () =>
  linesOf((line) => line.message === "step done" && /^inbox:\d+$/.test(String(line["step"]))).map((line) =>
    String(line["step"]),
  );

/** Steps of items and decisions that this replica is in. */
function atWork({ lines }: BotProcess): number {
  const count = (message: string) =>
    lines.filter((line) => line.message === message && /^(item|record):/.test(String(line["workflow"])))
      .length;
  return count("step begins") - count("step done");
}

const busyReplica = () =>
  until(
    () => {
      const bot = fleet.processes.findLast((one) => one.isRunning() && atWork(one) > 2);
      return bot && { replica: fleet.addresses().indexOf(bot.url) };
    },
    "a replica with three steps at work",
    120_000,
  );

/** Ends a busy replica; who took its work over, and after how long. */
async function handOver(hard: boolean): Promise<{ who: string; afterMs: number }> {
  const { replica } = await busyReplica();
  const at = Date.now();
  const restarting = fleet.restart(replica, { hard, downMs: 2_000 });
  const isTakeover = (line: LogLine) =>
    line.message.startsWith("took over the work") && Date.parse(line.timestamp) >= at;
  const { bot, line } = await until(
    () =>
      fleet.processes
        .flatMap((one) => one.lines.filter(isTakeover).map((found) => ({ bot: one, line: found })))
        .at(0),
    "a takeover",
    120_000,
  );
  await restarting;
  return { who: `pid ${bot.pid}`, afterMs: Date.parse(line.timestamp) - at };
}

/**
 * What is not in order when this long is over. A click that was taken by the one that was killed is lost with it: its person
 * sees an open card and clicks again.
 */
async function leftAfter(limitMs: number): Promise<string[]> {
  const meant = new Set(acts.map(({ item }) => item));
  for (const end = Date.now() + limitMs; ; await sleep(1_000)) {
    const broken = brokenRules(snapshot());
    if (broken.length === 0 || Date.now() > end) return broken;
    if (broken.every((one) => one.includes("although people decided"))) await people.clickAgain(meant);
  }
}

describe("three replicas", () => {
  it("handle 200 items and 200 clicks once, while one is killed and one is drained", async () => {
    await fleet.start();
    const putting = items.map(async (item) => {
      await sleep(item.atMs);
      await people.put(item);
    });
    const acting = Promise.all(acts.map((act) => people.act(act)));
    await until(() => people.deeds.length >= 20, "twenty clicks", 240_000);
    const killed = await handOver(true);
    const drained = await handOver(false);
    console.log(
      `killed: taken over by ${killed.who} after ${killed.afterMs} ms; drained: by ${drained.who} after ${drained.afterMs} ms`,
    );
    expect(killed.afterMs).toBeLessThan(TAKEOVER_LIMIT_MS);
    expect(drained.afterMs).toBeLessThan(TAKEOVER_LIMIT_MS);
    await Promise.all(putting);
    await acting;
    console.log(`${people.deeds.length} clicks, ${new Set(ticks()).size} ticks`);
    expect(people.deeds.length).toBeGreaterThanOrEqual(200);
    expect(await leftAfter(240_000)).toEqual([]);
  }, 600_000);

  it("poll a hundred ticks once each, and then nothing has happened twice", async () => {
    await until(() => new Set(ticks()).size >= TICKS, `${TICKS} ticks`, 300_000);
    await fleet.stop();
    const all = ticks();
    expect(all.filter((tick, index) => all.indexOf(tick) !== index)).toEqual([]);
    const kept = await readKept({ databaseUrl: database.directUrl, dataDir: "" });
    // The advice under forty cards comes a post a second, behind everything else: the next process goes on with it.
    const unfinished = kept.unfinished.filter((workflow) => !workflow.startsWith("advice:"));
    expect(brokenRules(snapshot({ kept: { ...kept, unfinished } }))).toEqual([]);
    // How fast one ends is measured where nothing else goes on.
    expect(fleet.deaths.filter((death) => death.startsWith("by itself"))).toEqual([]);
    const { steps, repeatedFinished, repeatedUnfinished } = stepRuns(fleet.processes);
    const { seen, deeds } = snapshot();
    console.table({
      items: seen.inbox.length,
      cards: seen.cards.length,
      clicks: deeds.length,
      "training rows": seen.training.length,
      tasks: seen.tasks.length,
      projects: seen.projects.length,
      ticks: new Set(all).size,
      processes: fleet.processes.length,
      steps,
      "repeated in flight": repeatedUnfinished.length,
      "repeated after their end": repeatedFinished.length,
    });
    // A step says that it is done just before that is written down: those of the two replicas that ended.
    expect(repeatedFinished.length).toBeLessThanOrEqual(STEPS_IN_BETWEEN);
  }, 400_000);
});
