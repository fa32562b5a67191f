/** Three replicas on one PostgreSQL: each item, click and tick once, whoever dies, joins, or is cut off meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import {
  type BotProcess,
  childEnv,
  type LogLine,
  morePolls,
  startBot,
  stepRuns,
} from "../fixtures/bot-process.ts";
import { unfinishedWork } from "../fixtures/engine-rows.ts";
import {
  approveAll,
  approveEverywhere,
  flaws,
  flawsAfter,
  isStrategic,
  openCard,
  type PutItem,
  putItems,
  totals,
} from "../fixtures/mixed-items.ts";
import { seededRandom } from "../fixtures/seeded-random.ts";
import { createThrowawayDatabase, type ThrowawayDatabase } from "../fixtures/throwaway-database.ts";
import { emptyInbox, eventually, rowTitled } from "../flows/bot.ts";

const random = seededRandom();
console.log(`replicas.test.ts: SEED=${random.seed}`);

/** Peers look for the dead every ten seconds. */
const TAKEOVER_LIMIT_MS = 15_000;

let world: World;
let database: ThrowawayDatabase;
let replicas: BotProcess[] = [];
const everStarted: BotProcess[] = [];

async function startReplica(): Promise<BotProcess> {
  const bot = await startBot({ env: childEnv(world, { DATABASE_URL: database.url }) });
  everStarted.push(bot);
  return bot;
}

const anyReplica = () => random.pick(replicas);

/** Waits until one of them is in a step of a workflow of this kind; that one. */
async function busyReplica(kind: "item" | "record"): Promise<BotProcess> {
  const inFlight = (bot: BotProcess) => {
    const count = (message: string) =>
      bot.lines.filter((line) => line.message === message && String(line["workflow"]).startsWith(`${kind}:`))
        .length;
    return count("step begins") - count("step done");
  };
  return eventually(world, () => replicas.find((bot) => inFlight(bot) > 0), `a replica at work on ${kind}`);
}

async function kill(bot: BotProcess): Promise<number> {
  replicas = replicas.filter((other) => other !== bot);
  await bot.end("SIGKILL");
  const diedAt = Date.now();
  const isTakeover = (line: LogLine) =>
    line.message.startsWith("took over the work") && Date.parse(line.timestamp) >= diedAt;
  const { timestamp } = await Promise.any(replicas.map((peer) => peer.logged(isTakeover, "a takeover")));
  return Date.parse(timestamp) - diedAt;
}

beforeAll(async () => {
  database = await createThrowawayDatabase();
  world = await createWorld({ claudeLatencyMs: 300 });
  world.notion.requestsPerMinute = null;
  emptyInbox(world);
});

afterAll(async () => {
  await Promise.all(everStarted.filter((bot) => bot.isRunning()).map((bot) => bot.end("SIGKILL")));
  await world.close();
  await database.drop();
});

describe("three replicas", () => {
  let items: PutItem[];

  it("start at the same moment on an empty database", async () => {
    replicas = await Promise.all([startReplica(), startReplica(), startReplica()]);
    console.log(`started in ${replicas.map((bot) => bot.startedInMs).join(", ")} ms`);
    for (const bot of replicas) expect(bot.noise).toEqual([]);
  });

  it("handle thirty items once, while one is killed and one is replaced", async () => {
    items = putItems(world, 30);
    const takeoverMs = await kill(await busyReplica("item"));
    console.log(`taken over after ${takeoverMs} ms`);
    expect(takeoverMs).toBeLessThan(TAKEOVER_LIMIT_MS);

    const [leaving, ...staying] = replicas;
    replicas = [...staying, ...(await Promise.all([startReplica(), startReplica()]))];
    const exit = await leaving?.end("SIGTERM");
    expect(exit).toMatchObject({ code: 0 });
    expect(exit?.afterMs).toBeLessThan(10_000);
    expect(await flawsAfter(() => flaws(world, items), 120_000)).toEqual([]);
    await morePolls(anyReplica(), 2);
    expect(flaws(world, items)).toEqual([]);
  });

  it("take clicks on every replica, and the same card on all at once: one decision each", async () => {
    const strategic = items.filter(isStrategic);
    const [first, second, third, ...others] = strategic;
    for (const item of [first, second, third]) {
      const card = item && openCard(world, item);
      if (card)
        await approveEverywhere(
          world,
          card,
          replicas.map((bot) => bot.url),
        );
    }
    const approving = approveAll(world, others, { to: () => anyReplica().url, limitMs: 60_000 });
    await eventually(world, () => world.notion.rows("Training Data").length >= 5, "five training rows");
    // The next page is made, its answer never comes, and whoever waits for it dies.
    const hang = { kind: "hang", committed: true } as const;
    world.notion.faults.add({ route: "POST /v1/pages", times: 1, effect: hang });
    await eventually(
      world,
      () => world.notion.calls.some((call) => call.status === 0),
      "a page without an answer",
    );
    const takeoverMs = await kill(await busyReplica("record"));
    console.log(`clicks repeated: ${await approving}; taken over after ${takeoverMs} ms`);
    expect(takeoverMs).toBeLessThan(TAKEOVER_LIMIT_MS);
    // Another replica may be the one that waits for the lost answer: 75 s to its timeout, then 22 s of looking.
    expect(await flawsAfter(() => flaws(world, items, strategic), 130_000)).toEqual([]);
    await morePolls(anyReplica(), 2);
    expect(flaws(world, items, strategic)).toEqual([]);
    console.table(totals(world, items, strategic));
  }, 300_000);

  it("poll each tick once", () => {
    const asked = everStarted.flatMap((bot) =>
      bot.lines.filter((line) => line.message === "step done" && /^inbox:\d+$/.test(String(line["step"]))),
    );
    const ticks = asked.map((line) => String(line["step"]));
    expect(new Set(ticks).size).toBeGreaterThanOrEqual(20);
    expect(ticks.filter((tick, index) => ticks.indexOf(tick) !== index)).toEqual([]);
  });
});

describe("PostgreSQL", () => {
  it("ends every session, then is away for three seconds: no replica dies, nothing is lost or doubled", async () => {
    const items = putItems(world, 6, 30);
    await busyReplica("item");
    for (let time = 0; time < 3; time += 1) {
      await database.endSessions();
      await sleep(random.between(200, 1_500));
    }
    await database.shutDoor();
    await sleep(3_000);
    await database.openDoor();
    const left = await flawsAfter(() => flaws(world, items), 120_000);
    expect(replicas.map((bot) => [bot.isRunning(), bot.noise])).toEqual(replicas.map(() => [true, []]));
    expect(left).toEqual([]);
  });
});

describe("a replica that waits for Slack, which does not answer", () => {
  it("ends in time when it is asked to, and the others post the card", async () => {
    world.slack.faults.add({ route: "chat.postMessage", effect: { kind: "hang", committed: false } });
    const items = putItems(world, 1, 36);
    const pipe = await eventually(
      world,
      () => rowTitled(world, "Action Pipes", items[0]?.title ?? ""),
      "an Action Pipe",
    );
    const isPosting = (bot: BotProcess) =>
      bot.lines.some((line) => line.message === "step begins" && line["step"] === `card:${pipe.id}`);
    const posting = await eventually(world, () => replicas.find(isPosting), "a replica that posts");
    const exit = await posting.end("SIGTERM");
    world.slack.faults.clear();
    expect(exit).toMatchObject({ code: 0 });
    expect(exit.afterMs).toBeLessThan(10_000);
    replicas = replicas.filter((bot) => bot !== posting);
    expect(await flawsAfter(() => flaws(world, items), 40_000)).toEqual([]);
  });
});

describe("over all of it", () => {
  it("no finished step ran again, and nothing waits or failed in the engine", async () => {
    await Promise.all(replicas.map((bot) => bot.end("SIGTERM")));
    const { steps, repeatedFinished, repeatedUnfinished } = stepRuns(everStarted);
    console.log(
      `${steps} steps in ${everStarted.length} processes: ${repeatedUnfinished.length} repeated in flight, ${repeatedFinished.length} after their end`,
    );
    expect(repeatedFinished.length).toBeLessThanOrEqual(2);
    expect(await unfinishedWork({ databaseUrl: database.directUrl })).toEqual([]);
  });
});
