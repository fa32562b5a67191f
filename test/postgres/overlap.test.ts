/**
 * A deployment as Railway makes it: the next version starts beside the old one, both work for a while, then the old one
 * is told to end. People click throughout, on whichever of the two their click reaches. Nothing is lost or doubled.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import {
  type BotProcess,
  childEnv,
  morePolls,
  nextVersion,
  startBot,
  stepRuns,
} from "../fixtures/bot-process.ts";
import { burstOfClicks } from "../fixtures/click-burst.ts";
import { unfinishedWork } from "../fixtures/engine-rows.ts";
import { approveAll, flaws, flawsAfter, isStrategic, openCard, putItems } from "../fixtures/mixed-items.ts";
import { seededRandom } from "../fixtures/seeded-random.ts";
import { createThrowawayDatabase, type ThrowawayDatabase } from "../fixtures/throwaway-database.ts";
import { emptyInbox, eventually } from "../flows/bot.ts";

const random = seededRandom();
console.log(`overlap.test.ts: SEED=${random.seed}`);

let world: World;
let database: ThrowawayDatabase;
let next: Awaited<ReturnType<typeof nextVersion>>;
const processes: BotProcess[] = [];

async function start(root?: string): Promise<BotProcess> {
  const bot = await startBot({ env: childEnv(world, { DATABASE_URL: database.url }), root });
  processes.push(bot);
  return bot;
}

beforeAll(async () => {
  database = await createThrowawayDatabase();
  next = await nextVersion();
  world = await createWorld({ claudeLatencyMs: 150 });
  world.notion.requestsPerMinute = null;
  world.notion.latencyMs = 20;
  emptyInbox(world);
});

afterAll(async () => {
  await Promise.all(processes.filter((bot) => bot.isRunning()).map((bot) => bot.end("SIGKILL")));
  await world.close();
  await next.remove();
  await database.drop();
});

it("the old version hands over to the next one under clicks: every record and every card once", async () => {
  const old = await start();
  world.slack.deliverTo(`${old.url}/slack/events`);
  const waiting = putItems(world, 12);
  const cards = waiting.filter(isStrategic);
  await eventually(world, () => cards.every((item) => openCard(world, item)), "six open cards", 60_000);

  const arriving = putItems(world, 16, 12);
  const young = await start(next.root);
  expect(young.lines.find((line) => line.message === "started")).toMatchObject({ version: next.version });
  const clicks = burstOfClicks(world, cards, {
    ...{ times: 8, withinMs: 1_500, random },
    to: () => random.pick([old, young]).url,
  });
  const enough = random.between(3, cards.length);
  await eventually(world, () => clicks.acknowledged >= enough, `${enough} clicks that were taken`);
  const exit = await old.end("SIGTERM");
  await clicks.over;
  console.log(
    `SIGTERM after ${enough} clicks; ${clicks.acknowledged} of ${clicks.sent} acknowledged, on ${clicks.cards.size} cards; ended after ${exit.afterMs} ms`,
  );
  expect(exit).toMatchObject({ code: 0 });
  expect(exit.afterMs).toBeLessThan(10_000);

  const promised = cards.filter((item) => clicks.cards.has(item.id));
  expect(await flawsAfter(() => flaws(world, [...promised, ...arriving], promised), 60_000)).toEqual([]);
  await approveAll(world, cards, { to: () => young.url, limitMs: 30_000 });
  expect(await flawsAfter(() => flaws(world, [...waiting, ...arriving], cards), 30_000)).toEqual([]);
  await morePolls(young, 2);
  expect(flaws(world, [...waiting, ...arriving], cards)).toEqual([]);
  expect(await young.end("SIGTERM")).toMatchObject({ code: 0 });

  expect(processes.flatMap((bot) => bot.noise)).toEqual([]);
  const { steps, repeatedFinished, repeatedUnfinished } = stepRuns(processes);
  console.log(
    `${steps} steps: ${repeatedUnfinished.length} repeated in flight, ${repeatedFinished.length} after their end`,
  );
  expect(repeatedFinished).toEqual([]);
  expect(await unfinishedWork({ databaseUrl: database.directUrl })).toEqual([]);
});
