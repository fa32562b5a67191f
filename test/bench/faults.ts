/**
 * An item with one fault, at each of its Notion requests in turn: the process dies while the request is under way, or Notion
 * says 503. Every record must be there once. The campaigns of `npm run test:campaign` try far more; this is the line in the
 * budget.
 */
import type { World } from "../../src/sandbox/world.ts";
import type { BotProcess } from "../fixtures/bot-process.ts";
import { cardsIn, wordsOf } from "../flows/bot.ts";
import { countDone, doubles, type Item, isStrategic, type Kind, putMany } from "./items.ts";
import { type Lab, poll, quiet, until } from "./lab.ts";
import type { Findings } from "./report.ts";

/** Requests that belong to an item; the look at the databases is left alone. */
const OF_ITEMS = /^(POST|PATCH) \/v1\/pages/;

export async function faults(lab: Lab): Promise<Findings> {
  const [killed, refused] = await Promise.all([kills(lab), unavailable(lab)]);
  return { budgets: { kill: killed, unavailable: refused } };
}

const verdict = (tried: number, wrong: string[]) => ({
  value: `${tried - wrong.length} of ${tried} complete, once${wrong.length > 0 ? `: ${wrong[0] ?? ""}` : ""}`,
  within: wrong.length === 0,
});

/** Writes of an item of this kind, at most. */
const WRITES: Record<Kind, number> = { dialectic: 8, ordinary: 6, task: 4, reference: 5 };

async function unavailable(lab: Lab) {
  const world = await lab.world();
  world.slack.hasRateLimits = false;
  const bot = await lab.bot(world, await lab.store(lab.preferred), { isUnpaced: true });
  await quiet(world);
  const wrong: string[] = [];
  let tried = 0;
  for (const { kind, nth } of points(lab)) {
    world.notion.faults.add({
      route: OF_ITEMS,
      after: nth,
      times: 1,
      effect: { kind: "status", status: 503 },
    });
    const [item] = putMany(world, 1, { from: tried, kinds: [kind] });
    tried += 1;
    lab.say(`faults: 503 at write ${nth + 1} of ${kind}`);
    await poll(bot);
    wrong.push(...(await flawsOf(world, item, bot)));
    world.notion.faults.clear();
  }
  await bot.end("SIGTERM");
  return verdict(tried, wrong);
}

async function kills(lab: Lab) {
  const world = await lab.world();
  world.slack.hasRateLimits = false;
  const store = await lab.store(lab.preferred);
  let bot = await lab.bot(world, store, { isUnpaced: true });
  await quiet(world);
  const wrong: string[] = [];
  let tried = 0;
  for (const { kind, nth } of points(lab)) {
    const hang = { kind: "hang", committed: tried % 2 === 0 } as const;
    world.notion.faults.add({ route: OF_ITEMS, after: nth, times: 1, effect: hang });
    const lost = world.notion.calls.filter(({ status }) => status === 0).length;
    const [item] = putMany(world, 1, { from: 700 + tried, kinds: [kind] });
    tried += 1;
    lab.say(`faults: kill -9 at write ${nth + 1} of ${kind}`);
    await poll(bot);
    const isHanging = () => world.notion.calls.filter(({ status }) => status === 0).length > lost;
    await until("the request hangs", isHanging, { limitMs: 20_000, everyMs: 20 });
    await bot.end("SIGKILL");
    bot = await lab.bot(world, store, { isUnpaced: true });
    wrong.push(...(await flawsOf(world, item, bot)));
  }
  await bot.end("SIGTERM");
  return verdict(tried, wrong);
}

function points({ isQuick }: Lab): { kind: Kind; nth: number }[] {
  const kinds: Kind[] = isQuick ? ["task"] : ["dialectic", "task"];
  return kinds.flatMap((kind) => Array.from({ length: WRITES[kind] }, (_, nth) => ({ kind, nth })));
}

/** At most one sentence: what is not as it must be, once nothing happens any more. */
async function flawsOf(world: World, item: Item | undefined, bot: BotProcess): Promise<string[]> {
  if (!item) return ["no item"];
  try {
    const isDone = () => countDone(world, [item]) === 1;
    await until(`${item.title} is done`, isDone, { limitMs: 60_000 });
  } catch {
    return [`${item.title} is not done`];
  }
  await quiet(world);
  const cards = cardsIn(world).filter((card) => wordsOf(card).includes(item.title)).length;
  const isCardWrong = isStrategic(item) && cards !== 1;
  const [first] = [...doubles(world, [item]), ...(isCardWrong ? [`${cards} cards of ${item.title}`] : [])];
  return first === undefined ? [] : [`${first} (${bot.url})`];
}
