/**
 * Twenty times kill -9 over thirty mixed items and their approvals, on the embedded store. SEED repeats a run's
 * choices, KILLS and ITEMS change its size. Prints what there must be, what there is, and what ran twice.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { type BotProcess, childEnv, morePolls, startBot, stepRuns } from "../fixtures/bot-process.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { unfinishedWork } from "../fixtures/engine-rows.ts";
import { approveAll, flaws, flawsAfter, isStrategic, putItems, totals } from "../fixtures/mixed-items.ts";
import { seededRandom } from "../fixtures/seeded-random.ts";
import { emptyInbox, eventually } from "../flows/bot.ts";

const random = seededRandom();
const KILLS = Number(process.env["KILLS"] ?? 20);
const ITEMS = Number(process.env["ITEMS"] ?? 30);
/** After this many kills people begin to approve. */
const KILLS_BEFORE_CLICKS = Math.ceil(KILLS / 2);

let world: World;
let dataDir: string;
let bot: BotProcess;
const processes: BotProcess[] = [];

async function start(): Promise<void> {
  bot = await startBot({ env: childEnv(world, { DATA_DIR: dataDir }) });
  processes.push(bot);
}

/** A write that is carried out or lost while its answer never comes, and the process dies waiting for it. */
async function waitForWrite(): Promise<string> {
  const side = random.pick(["notion", "slack"] as const);
  const route = side === "notion" ? "/v1/pages" : "chat.";
  const committed = random.between(0, 3) > 0;
  const { calls, faults } = world[side];
  const answered = calls.length;
  faults.add({ route, after: random.between(0, 6), times: 1, effect: { kind: "hang", committed } });
  const seen = eventually(
    world,
    () => calls.slice(answered).find((call) => call.status === 0),
    "a write",
    4_000,
  );
  // Perhaps nothing like it was about to be written; then it dies at whatever it does.
  const call = await seen.catch(() => null);
  faults.clear();
  return call ? `${call.route} ${committed ? "carried out" : "lost"}` : "no such write came";
}

async function waitForMoment(): Promise<string> {
  const ms = random.between(0, 2_500);
  await sleep(ms);
  return `${ms} ms after the start`;
}

beforeAll(async () => {
  dataDir = preparedDataFolder();
  world = await createWorld({ claudeLatencyMs: 400 });
  world.notion.requestsPerMinute = null;
  world.notion.latencyMs = 20;
  emptyInbox(world);
});

afterAll(async () => {
  if (bot?.isRunning()) await bot.end("SIGKILL");
  await world.close();
  removeDataFolder(dataDir);
});

it(`${KILLS} kills over ${ITEMS} items and their approvals: every record once`, async () => {
  console.log(`kill-nine: SEED=${random.seed}`);
  const items = putItems(world, ITEMS);
  const strategic = items.filter(isStrategic);
  let approving = Promise.resolve(0);
  const kills: { kill: number; moment: string; startedInMs: number }[] = [];
  const clicking = { to: () => bot.url, limitMs: 300_000 };
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await start();
    if (kill === KILLS_BEFORE_CLICKS) approving = approveAll(world, strategic, clicking);
    const moment = await random.pick([waitForWrite, waitForMoment])();
    await bot.end("SIGKILL");
    kills.push({ kill, moment, startedInMs: bot.startedInMs });
  }
  await start();
  const repeatedClicks = await approving;
  const left = await flawsAfter(() => flaws(world, items, strategic), 180_000);
  await morePolls(bot, 3);
  expect(await bot.end("SIGTERM")).toMatchObject({ code: 0 });

  const runs = stepRuns(processes);
  console.table(kills);
  console.table(totals(world, items, strategic));
  console.log(
    `${runs.steps} different steps; ran again because the process died in them: ${runs.repeatedUnfinished.length}; ` +
      `ran again although they had ended: ${runs.repeatedFinished.length}; clicks that people repeated: ${repeatedClicks}`,
  );
  expect(left).toEqual([]);
  expect(flaws(world, items, strategic)).toEqual([]);
  expect(await unfinishedWork({ dataDir })).toEqual([]);
  // Between the end of a step and its checkpoint lie some milliseconds: a kill may fall there, but rarely.
  expect(runs.repeatedFinished.length).toBeLessThanOrEqual(Math.ceil(KILLS / 4));
  expect(processes.flatMap((process) => process.noise)).toEqual([]);
});
