/**
 * An item with one fault, at each of its Notion requests in turn: the process dies while the request is under way, or Notion
 * says 503. Every record must be there once. The campaigns of `npm run test:campaign` try far more; this is the line in the
 * budget.
 */
import type { World } from "../../src/sandbox/world.ts";
import { cardsIn, wordsOf } from "../flows/bot.ts";
import { countDone, doubles, type Item, isStrategic, type Kind, putMany } from "./items.ts";
import { type Lab, poll, quiet, until } from "./lab.ts";
import type { Findings } from "./report.ts";

/** Requests that belong to an item; the look at the databases is left alone. */
const OF_ITEMS = /^(POST|PATCH) \/v1\/pages/;

export async function faults(lab: Lab): Promise<Findings> {
  const [killed, refused] = await Promise.all([kills(lab), unavailable(lab)]);
  return { budgets: { kill: verdict(killed), unavailable: verdict(refused) } };
}

interface Tried {
  points: number;
  wrong: string[];
}

const verdict = ({ points, wrong }: Tried) => ({
  value: `${points - wrong.length} of ${points} complete, once${wrong.length > 0 ? `: ${wrong[0] ?? ""}` : ""}`,
  within: points > 0 && wrong.length === 0,
});

/** More than any item writes. */
const MOST_WRITES = 20;

interface Point {
  kind: Kind;
  /** Counted from 0. */
  write: number;
  item: Item;
}

/** What is wrong with the item after the fault; null when it was done before there was such a write. */
type Attempt = (point: Point) => Promise<string[] | null>;

/** At each write of an item of each kind, until there are no more. */
async function atEveryWrite(lab: Lab, world: World, from: number, attempt: Attempt): Promise<Tried> {
  const kinds: Kind[] = lab.isQuick ? ["task"] : ["dialectic", "task", "reference"];
  const tried: Tried = { points: 0, wrong: [] };
  let items = from;
  for (const kind of kinds) {
    for (let write = 0; write < MOST_WRITES; write += 1) {
      const [item] = putMany(world, 1, { from: items, kinds: [kind] });
      items += 1;
      const wrong = item ? await attempt({ kind, write, item }) : null;
      world.notion.faults.clear();
      if (wrong === null) break;
      tried.points += 1;
      tried.wrong.push(...wrong);
    }
  }
  return tried;
}

const callsWith = (world: World, status: number) =>
  world.notion.calls.filter((call) => call.status === status).length;

async function unavailable(lab: Lab): Promise<Tried> {
  const world = await lab.world();
  world.slack.hasRateLimits = false;
  const bot = await lab.bot(world, await lab.store(lab.preferred), { isUnpaced: true });
  await quiet(world);
  const tried = await atEveryWrite(lab, world, 0, async ({ kind, write, item }) => {
    lab.say(`faults: 503 at write ${write + 1} of ${kind}`);
    const before = callsWith(world, 503);
    const effect = { kind: "status", status: 503 } as const;
    world.notion.faults.add({ route: OF_ITEMS, after: write, times: 1, effect });
    await poll(bot);
    const wrong = await flawsOf(world, item);
    return callsWith(world, 503) > before ? wrong : null;
  });
  await bot.end("SIGTERM");
  return tried;
}

/** What hangs is answered by nobody. */
const NO_ANSWER = 0;

async function kills(lab: Lab): Promise<Tried> {
  const world = await lab.world();
  world.slack.hasRateLimits = false;
  const store = await lab.store(lab.preferred);
  let bot = await lab.bot(world, store, { isUnpaced: true });
  await quiet(world);
  const tried = await atEveryWrite(lab, world, 700, async ({ kind, write, item }) => {
    lab.say(`faults: kill -9 at write ${write + 1} of ${kind}`);
    const before = callsWith(world, NO_ANSWER);
    const isHanging = () => callsWith(world, NO_ANSWER) > before;
    const effect = { kind: "hang", committed: write % 2 === 0 } as const;
    world.notion.faults.add({ route: OF_ITEMS, after: write, times: 1, effect });
    await poll(bot);
    const isOver = () => isHanging() || countDone(world, [item]) === 1;
    await until("the request hangs or the item is done", isOver, { limitMs: 20_000, everyMs: 20 });
    // The entry in the log may be written after it.
    if (!isHanging()) await quiet(world);
    if (!isHanging()) return null;
    await bot.end("SIGKILL");
    bot = await lab.bot(world, store, { isUnpaced: true });
    return flawsOf(world, item);
  });
  await bot.end("SIGTERM");
  return tried;
}

/** At most one sentence: what is not as it must be, once nothing happens any more. */
async function flawsOf(world: World, item: Item): Promise<string[]> {
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
  return first === undefined ? [] : [first];
}
