/** One, two and three replicas on one PostgreSQL: what the second buys, and what happens to the work of one that dies. */
import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "../../src/sandbox/world.ts";
import type { BotProcess } from "../fixtures/bot-process.ts";
import { decideAll, openCards } from "./click-load.ts";
import { countDone, doubles, type Item, isStrategic, putMany } from "./items.ts";
import { type Lab, poll, quiet, until } from "./lab.ts";
import { count, ms, percentile, seconds, spread } from "./numbers.ts";
import type { Findings } from "./report.ts";

/** Services as slow as they are, shortened: what one replica does is then a matter of how many items it takes at once. */
const NOTION_MS = 250;
const CLAUDE_MS = 1_500;
const CLICKS_A_SECOND = 100;

interface Line {
  replicas: number;
  items: number;
  tookMs: number;
  wrong: number;
  clicks: number;
  acks: number[];
  shownMs: number[];
  takeoverMs: number | null;
}

export async function replicas(lab: Lab): Promise<Findings> {
  if (typeof lab.postgres === "string") return { tables: [notMeasured(lab.postgres)] };
  const lines: Line[] = [];
  for (const many of lab.isQuick ? [1, 2] : [1, 2, 3]) lines.push(await measured(lab, many));
  return { tables: [table(lines)] };
}

const TITLE = "Replicas on one PostgreSQL";

const notMeasured = (why: string) => ({ title: TITLE, notes: [], columns: ["not measured"], rows: [[why]] });

async function measured(lab: Lab, many: number): Promise<Line> {
  lab.say(`replicas: ${many}`);
  const world = await lab.world({ claudeLatencyMs: CLAUDE_MS });
  world.slack.hasRateLimits = false;
  const store = await lab.store("postgres");
  const bots: BotProcess[] = [];
  for (let nth = 0; nth < many; nth += 1) bots.push(await lab.bot(world, store, { isUnpaced: true }));
  await quiet(world);
  world.notion.latencyMs = NOTION_MS;
  const items = putMany(world, lab.isQuick ? 16 : 48);
  const begun = performance.now();
  await pollAny(bots);
  await allDone(world, items);
  const tookMs = performance.now() - begun;
  const wrong = doubles(world, items).length;
  await quiet(world);
  const clicked = await clicking(world, bots, lab.isQuick ? 6 : 30);
  const takeoverMs = many > 1 ? await takeover(world, bots) : null;
  await Promise.all(bots.filter((bot) => bot.isRunning()).map((bot) => bot.end("SIGTERM")));
  return { replicas: many, items: items.length, tookMs, wrong, ...clicked, takeoverMs };
}

async function pollAny([first]: BotProcess[]): Promise<void> {
  if (first) await poll(first);
}

const allDone = (world: World, items: Item[]) =>
  until("all items are done", () => countDone(world, items) === items.length, {
    limitMs: 180_000,
    everyMs: 250,
  });

async function clicking(world: World, bots: BotProcess[], clicks: number) {
  const cards = openCards(world).slice(0, clicks);
  const outcome = await decideAll({ world, bots, perSecond: CLICKS_A_SECOND }, cards);
  await quiet(world);
  return {
    clicks: cards.length,
    acks: outcome.answers.map(({ tookMs }) => tookMs),
    shownMs: outcome.shownMs,
  };
}

/** One dies at work; from then until another says that it goes on with it. */
async function takeover(world: World, bots: BotProcess[]): Promise<number> {
  const [victim, ...peers] = bots;
  if (!victim) throw new Error("no replica to end");
  const items = putMany(world, 16, { from: 500 });
  await poll(victim);
  await sleep(CLAUDE_MS);
  await victim.end("SIGKILL");
  const diedAt = performance.now();
  const tookOver = (line: { message: string }) => line.message.startsWith("took over the work");
  await Promise.any(peers.map((peer) => peer.logged(tookOver, "a takeover")));
  const tookMs = performance.now() - diedAt;
  await allDone(world, items);
  const wrong = doubles(world, items.filter(isStrategic));
  if (wrong.length > 0) throw new Error(`after a replica died: ${wrong.join("; ")}`);
  return tookMs;
}

function table(lines: Line[]) {
  const [one] = lines;
  const speed = ({ items, tookMs }: Line) => (items / tookMs) * 60_000;
  const gain = (line: Line) => (one ? `${(speed(line) / speed(one)).toFixed(2)} ×` : "–");
  return {
    title: TITLE,
    notes: [
      `Notion ${NOTION_MS} ms and not limited, Claude ${CLAUDE_MS / 1_000} s a call: one replica works on eight items at once, so another one adds its own eight. With Notion's real 180 requests a minute, which all replicas share, one replica already uses them up, and the second buys what the last column says: somebody who goes on when one dies.`,
      `Clicks: ${CLICKS_A_SECOND} a second, spread over the replicas, a card each. p50, p99.`,
    ],
    columns: [
      "replicas",
      "items",
      "took",
      "items a minute",
      "gain",
      "missing or doubled",
      "clicks",
      "ack",
      "final card",
      "kill -9: taken over after",
    ],
    rows: lines.map((line) => [
      String(line.replicas),
      String(line.items),
      seconds(line.tookMs),
      count(speed(line)),
      gain(line),
      String(line.wrong),
      String(line.clicks),
      spread(line.acks),
      ms(percentile(line.shownMs, 0.99)),
      line.takeoverMs === null ? "at its next start" : seconds(line.takeoverMs),
    ]),
  };
}
