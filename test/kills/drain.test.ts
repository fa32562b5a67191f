/**
 * SIGTERM in the middle of a busy moment: people click, items are analysed, decisions are written. The process ends
 * within Railway's grace, whatever was acknowledged happens without anybody clicking again, and nothing happens twice.
 */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import {
  type BotProcess,
  childEnv,
  morePolls,
  startBot,
  stepRuns,
  stepsInFlight,
} from "../fixtures/bot-process.ts";
import { burstOfClicks } from "../fixtures/click-burst.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { unfinishedWork, workLeft } from "../fixtures/engine-rows.ts";
import {
  approveAll,
  flaws,
  flawsAfter,
  isStrategic,
  openCard,
  type PutItem,
  putItems,
} from "../fixtures/mixed-items.ts";
import { seededRandom } from "../fixtures/seeded-random.ts";
import { createSlowLine } from "../fixtures/slow-line.ts";
import { DECISIONS, emptyInbox, eventually, userId } from "../flows/bot.ts";

vi.setConfig({ testTimeout: 180_000 });

const random = seededRandom();
console.log(`drain.test.ts: SEED=${random.seed}`);

let world: World;
let dataDir: string;
let bot: BotProcess;
const processes: BotProcess[] = [];

async function start(): Promise<BotProcess> {
  bot = await startBot({ env: childEnv(world, { DATA_DIR: dataDir }) });
  processes.push(bot);
  world.slack.deliverTo(`${bot.url}/slack/events`);
  return bot;
}

/** Resolves when nobody can come in any more. */
async function closedDoor(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const isOpen = () =>
    new Promise<boolean>((resolve) => {
      const knock = connect(Number(port), hostname, () => {
        knock.destroy();
        resolve(true);
      });
      knock.on("error", () => resolve(false));
    });
  while (await isOpen()) await sleep(5);
}

beforeAll(async () => {
  dataDir = preparedDataFolder();
  world = await createWorld({ claudeLatencyMs: 100 });
  world.notion.requestsPerMinute = null;
  world.notion.latencyMs = 20;
  emptyInbox(world);
});

afterAll(async () => {
  if (bot?.isRunning()) await bot.end("SIGKILL");
  await world.close();
  removeDataFolder(dataDir);
});

describe("SIGTERM under load", () => {
  let waiting: PutItem[];
  let arriving: PutItem[];

  it("ends the process in under 10 s; the next one completes what was in flight, and nothing twice", async () => {
    await start();
    waiting = putItems(world, 12);
    const cards = waiting.filter(isStrategic);
    await eventually(world, () => cards.every((item) => openCard(world, item)), "six open cards", 60_000);

    world.claude.latencyMs = 3_000;
    const asked = world.claude.calls.length;
    arriving = putItems(world, 12, 12);
    await eventually(world, () => world.claude.calls.length >= asked + 4, "four analyses at work", 30_000);

    // Each card eight times by two people; the order to stop comes somewhere within.
    const clicks = burstOfClicks(world, cards, { times: 8, withinMs: 1_500, random });
    // Each card takes one at least before its buttons go.
    const enough = random.between(3, cards.length);
    await eventually(world, () => clicks.acknowledged >= enough, `${enough} clicks that were taken`);
    const underWay = clicks.sent - clicks.acknowledged;
    const exit = await bot.end("SIGTERM");
    await clicks.over;
    const left = { steps: stepsInFlight([bot]), workflows: await unfinishedWork({ dataDir }) };
    console.log(
      `SIGTERM after ${enough} clicks, ${underWay} under way; ${clicks.acknowledged} of ${clicks.sent} acknowledged, on ${clicks.cards.size} cards; ` +
        `ended after ${exit.afterMs} ms; cut off: ${left.steps.length} steps, left to the next process: ${left.workflows.length} workflows`,
    );
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.afterMs).toBeLessThan(10_000);
    expect(bot.noise).toEqual([]);
    expect(left.workflows.length).toBeGreaterThan(3);

    world.claude.latencyMs = 100;
    await start();
    // Nobody clicks: what was acknowledged is a promise.
    const decided = cards.filter((item) => clicks.cards.has(item.id));
    expect(await flawsAfter(() => flaws(world, [...decided, ...arriving], decided), 100_000)).toEqual([]);
    await approveAll(world, cards, { to: () => bot.url, limitMs: 30_000 });
    expect(await flawsAfter(() => flaws(world, [...waiting, ...arriving], cards), 60_000)).toEqual([]);
    await morePolls(bot, 2);
    expect(flaws(world, [...waiting, ...arriving], cards)).toEqual([]);
    expect(await bot.end("SIGTERM")).toMatchObject({ code: 0 });
  });

  it("carries out a click that came through the door while it closed", async () => {
    await start();
    const [item] = putItems(world, 1, 24);
    if (!item) throw new Error("no item");
    const card = await eventually(world, () => openCard(world, item), "an open card", 30_000);
    const line = await createSlowLine(bot.url);
    world.slack.deliverTo(`${line.url}/slack/events`);
    // Acknowledged at once, and then not done in an instant: Slack is asked who clicked.
    world.slack.faults.add({ route: "users.info", effect: { kind: "delay", ms: 400 } });
    const { channel, ts } = card;
    const clicking = world.slack.click({
      user: userId(world, "dana"),
      channel,
      ts,
      actionId: "decision_approve",
    });
    await line.held;
    const ended = bot.end("SIGTERM");
    await closedDoor(bot.url);
    expect(await line.release()).toBe(200);
    expect(await clicking).toMatchObject({ error: null });
    expect(await ended).toMatchObject({ code: 0 });
    world.slack.faults.clear();
    await line.close();
    await start();
    expect(await flawsAfter(() => flaws(world, [item], [item]), 20_000)).toEqual([]);
    expect(await bot.end("SIGTERM")).toMatchObject({ code: 0 });
  });

  it("hands out an export once, although the process that was asked for it is killed", async () => {
    await start();
    // Polls hang as well: whose read came first is nobody's order.
    const hang = { kind: "hang", committed: false } as const;
    world.notion.faults.add({ route: "POST /v1/data_sources/:id/query", effect: hang });
    const rows = world.notion.rows("Training Data").length;
    const dana = userId(world, "dana");
    const reading = bot.logged(
      ({ message, step }) => message === "step begins" && String(step).startsWith("export-file:"),
      "the export reads",
    );
    await world.slack.command({ user: dana, channel: DECISIONS, command: "/emm", text: "export" });
    await reading;
    await bot.end("SIGKILL");
    world.notion.faults.clear();
    await start();
    await eventually(world, () => world.slack.files().length > 0, "the file");
    await morePolls(bot, 2);
    const files = world.slack.messages(world.slack.directMessage(dana)).filter((one) => one.files.length > 0);
    expect(files.map(({ text }) => text)).toEqual([expect.stringContaining(`${rows} rows of Training Data`)]);
    expect(await bot.end("SIGTERM")).toMatchObject({ code: 0 });
  });

  it("repeated only what was cut off", async () => {
    const { steps, repeatedFinished, repeatedUnfinished } = stepRuns(processes);
    console.log(`${steps} steps in ${processes.length} processes: ${repeatedUnfinished.length} repeated`);
    expect(repeatedFinished).toEqual([]);
    expect(await workLeft({ dataDir }, start)).toEqual([]);
  });
});
