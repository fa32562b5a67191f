/** The process dies, by accident, by order or for a new version: nothing is lost and nothing happens twice. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import {
  type BotProcess,
  childEnv,
  FEW_OF_ALL,
  morePolls,
  nextVersion,
  startBot,
  stepRuns,
} from "../fixtures/bot-process.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { unfinishedWork } from "../fixtures/engine-rows.ts";
import {
  approveAll,
  flaws,
  flawsAfter,
  isStrategic,
  type PutItem,
  putItems,
} from "../fixtures/mixed-items.ts";
import { seededRandom } from "../fixtures/seeded-random.ts";
import { emptyInbox, eventually } from "../flows/bot.ts";

// Several starts of a whole process in each test; a busy machine takes its time over them.
vi.setConfig({ testTimeout: 150_000 });

const random = seededRandom();
console.log(`kill.test.ts: SEED=${random.seed}`);

let world: World;
let dataDir: string;
let bot: BotProcess;
const processes: BotProcess[] = [];

async function start(root?: string): Promise<void> {
  bot = await startBot({ env: childEnv(world, { DATA_DIR: dataDir }), root });
  processes.push(bot);
  world.slack.deliverTo(`${bot.url}/slack/events`);
}

/** Notion carries the nth write out from here, and the process dies before it learns of it. */
async function killAfterWrite(route: string, nth: number): Promise<void> {
  const { calls, faults } = world.notion;
  const answered = calls.length;
  faults.add({ route, after: nth, times: 1, effect: { kind: "hang", committed: true } });
  await eventually(
    world,
    () => calls.slice(answered).some((call) => call.status === 0),
    `write ${nth}`,
    40_000,
  );
  await bot.end("SIGKILL");
  faults.clear();
}

beforeAll(async () => {
  dataDir = preparedDataFolder();
  world = await createWorld({ claudeLatencyMs: 150 });
  world.notion.requestsPerMinute = null;
  emptyInbox(world);
});

afterAll(async () => {
  if (bot?.isRunning()) await bot.end("SIGKILL");
  await world.close();
  removeDataFolder(dataDir);
});

describe("kill -9", () => {
  let items: PutItem[];

  it("at any moment of eight mixed items: each is triaged once, with one record of each kind", async () => {
    items = putItems(world, 8);
    await start();
    await bot.logged((line) => line.message === "step begins", "the first step");
    await sleep(random.between(0, 1_000));
    await bot.end("SIGKILL");
    await start();
    await killAfterWrite("POST /v1/pages", random.between(0, 4));
    await start();
    await killAfterWrite("POST /v1/pages", random.between(0, 4));
    await start();
    expect(await flawsAfter(() => flaws(world, items), 40_000)).toEqual([]);
    await morePolls(bot, 2);
    expect(flaws(world, items)).toEqual([]);
  });

  it("while decisions are recorded: each is written once, its tasks are made once, its card shows it", async () => {
    const strategic = items.filter(isStrategic);
    const approving = approveAll(world, strategic, { to: () => bot.url, limitMs: 30_000 });
    await killAfterWrite("POST /v1/pages", random.between(0, 8));
    await start();
    expect(await approving).toBeLessThanOrEqual(1);
    expect(await flawsAfter(() => flaws(world, items, strategic), 30_000)).toEqual([]);
    await morePolls(bot, 2);
    expect(flaws(world, items, strategic)).toEqual([]);
  });
});

describe("SIGTERM while items are at work", () => {
  it("ends the process in under 10 s with code 0; a new version of the code finishes what it left", async () => {
    const next = await nextVersion();
    world.claude.latencyMs = 4_000;
    const asked = world.claude.calls.length;
    const items = putItems(world, 4, 8);
    await eventually(world, () => world.claude.calls.length >= asked + 4, "four answers of Claude");
    const exit = await bot.end("SIGTERM");
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.afterMs).toBeLessThan(10_000);
    expect(bot.noise).toEqual([]);
    expect(flaws(world, items)).not.toEqual([]);

    world.claude.latencyMs = 100;
    await start(next.root);
    expect(await flawsAfter(() => flaws(world, items), 30_000)).toEqual([]);
    expect(bot.lines.find((line) => line.message === "started")).toMatchObject({ version: next.version });
    const worked = bot.lines.filter((line) => line.message === "step done").map((line) => line["workflow"]);
    expect(items.filter((item) => worked.includes(`item:${item.id}:1`))).not.toEqual([]);
    await morePolls(bot, 1);
    expect(await bot.end("SIGTERM")).toMatchObject({ code: 0 });
    await next.remove();
  });
});

describe("over all of it", () => {
  it("few finished steps ran again, and nothing waits or failed in the engine", async () => {
    const { steps, repeatedFinished, repeatedUnfinished } = stepRuns(processes);
    console.log(`${steps} steps in ${processes.length} processes: ${repeatedUnfinished.length} repeated`);
    expect(steps).toBeGreaterThan(150);
    expect(repeatedFinished.length / steps).toBeLessThan(FEW_OF_ALL);
    expect(await unfinishedWork({ dataDir })).toEqual([]);
  });
});
