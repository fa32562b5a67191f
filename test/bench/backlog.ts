/**
 * Many items at once. At Notion's real limit a window of it: how much of the allowed rate is used, and is it ever exceeded.
 * All thousand of them at the highest rate that can be set: how fast the bot is when Notion does not hold it back.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServedCall } from "../../src/sandbox/stand-ins.ts";
import type { World } from "../../src/sandbox/world.ts";
import type { BotProcess } from "../fixtures/bot-process.ts";
import { cell, userId } from "../flows/bot.ts";
import { openCards } from "./click-load.ts";
import { countDone, doubles, type Item, isStrategic, putMany } from "./items.ts";
import { cpuMs, type Lab, poll, quiet, until } from "./lab.ts";
import { count, ms, percent, seconds } from "./numbers.ts";
import type { Findings, Table } from "./report.ts";

const ALLOWED_A_MINUTE = 180;
const MINUTE_MS = 60_000;

// --- At Notion's real limit -------------------------------------------------------------------------------

/**
 * The first two minutes of a bot that finds a backlog which outlasts them, from its first request on. In the middle of each
 * minute, when that minute's requests are used up, somebody approves a card.
 */
export async function atTheLimit(lab: Lab): Promise<Findings> {
  const minutes = lab.isQuick ? 1 : 2;
  const world = await limitedWorld(lab);
  putMany(world, 120);
  const bot = await lab.bot(world, limited(await lab.store(lab.preferred)));
  lab.say(`backlog: ${minutes} min at ${ALLOWED_A_MINUTE} requests a minute`);
  await poll(bot);
  const { calls } = world.notion;
  const from = calls[0]?.at ?? Date.now();
  const untilMinute = (nth: number) => sleep(Math.max(0, from + nth * MINUTE_MS - Date.now()));
  const recordedMs: Promise<number>[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    await untilMinute(minute + 0.5);
    recordedMs.push(approvedMeanwhile(world));
    await untilMinute(minute + 1);
  }
  const within = calls.filter(({ at }) => at < from + minutes * MINUTE_MS);
  const refused = calls.filter(({ status }) => status === 429).length;
  const busiest = busiestMinute(calls);
  const used = within.length / (minutes * ALLOWED_A_MINUTE);
  const took = await Promise.all(recordedMs);
  await bot.end("SIGKILL");
  return {
    budgets: {
      backlog: {
        value: `${percent(used)} of ${ALLOWED_A_MINUTE}/min over ${minutes} min, at most ${busiest} in any 60 s, ${refused} × 429`,
        within: used >= 0.9 && busiest <= ALLOWED_A_MINUTE && refused === 0,
      },
    },
    tables: [
      {
        title: "A click in the middle of a backlog, at Notion's real limit",
        notes: [
          "From the click until the decision is in the Execution Log, after some ten requests to Notion that answer in 250 ms each. At those moments the backlog has used up its minute: its next item waits half a minute.",
        ],
        columns: ["click", "recorded after"],
        rows: took.map((ms, nth) => [`in minute ${nth + 1}`, seconds(ms)]),
      },
    ],
  };
}

async function approvedMeanwhile(world: World): Promise<number> {
  const [card] = openCards(world);
  if (!card) throw new Error("no open card");
  const decisions = () =>
    world.notion.rows("Execution Log").filter((row) => cell(row, "Log_Entry_Title").startsWith("Decision"))
      .length;
  const before = decisions();
  const begun = performance.now();
  await world.slack.click({
    ...{ user: userId(world, "dana"), channel: card.channel, ts: card.ts },
    actionId: "decision_approve",
  });
  await until("it is recorded", () => decisions() > before, { limitMs: 90_000 });
  return performance.now() - begun;
}

async function limitedWorld(lab: Lab): Promise<World> {
  const world = await lab.world({ claudeLatencyMs: 1_000 });
  world.notion.latencyMs = 250;
  world.notion.requestsPerMinute = ALLOWED_A_MINUTE;
  return world;
}

const limited = (store: Record<string, string>) => ({
  ...store,
  NOTION_REQUESTS_PER_MINUTE: String(ALLOWED_A_MINUTE),
});

/** The most requests that began within any minute. */
function busiestMinute(calls: readonly ServedCall[]): number {
  const begins = calls.map(({ at }) => at).sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < begins.length; last += 1) {
    while ((begins[last] ?? 0) - (begins[first] ?? 0) >= MINUTE_MS) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Everybody's first morning: twenty things in the inbox. */
export async function mixed(lab: Lab): Promise<Findings> {
  const world = await limitedWorld(lab);
  const bot = await lab.bot(world, limited(await lab.store(lab.preferred)));
  const items = putMany(world, 20);
  lab.say("mixed: 20 items at Notion's real limit");
  const begun = performance.now();
  await poll(bot);
  const isDone = () => countDone(world, items) === items.length;
  await until("20 items are done", isDone, { limitMs: 240_000, everyMs: 500 });
  const took = performance.now() - begun;
  const refused = world.notion.calls.filter(({ status }) => status === 429).length;
  const wrong = doubles(world, items);
  await bot.end("SIGTERM");
  const value = `20 complete in ${seconds(took)}, ${wrong.length} doubled or missing, ${refused} × 429`;
  return { budgets: { mixed: { value, within: wrong.length === 0 && refused === 0 } } };
}

// --- A thousand -------------------------------------------------------------------------------------------

export interface WorkedOff {
  world: World;
  bot: BotProcess;
  store: Record<string, string>;
  items: Item[];
  tookMs: number;
  requests: number;
  /** Of the bot's process, for all of them. */
  cpuMs: number;
}

const workedOffIn = new WeakMap<Lab, Promise<WorkedOff>>();

/** A bot with a thousand items behind it and five hundred cards before it; made once, used by several parts. */
export function workedOff(lab: Lab): Promise<WorkedOff> {
  const known = workedOffIn.get(lab);
  if (known) return known;
  const made = workOff(lab);
  workedOffIn.set(lab, made);
  return made;
}

async function workOff(lab: Lab): Promise<WorkedOff> {
  const world = await lab.world();
  world.slack.hasRateLimits = false;
  const store = await lab.store(lab.preferred);
  const bot = await lab.bot(world, store, { isUnpaced: true });
  await quiet(world);
  const items = putMany(world, lab.isQuick ? 80 : 1_000);
  const since = world.notion.calls.length;
  const before = cpuMs(bot.pid);
  const begun = performance.now();
  await poll(bot);
  let said = 0;
  const isDone = () => {
    const done = countDone(world, items);
    if (done - said >= items.length / 4) {
      said = done;
      lab.say(`backlog: ${done} of ${items.length} items`);
    }
    return done === items.length;
  };
  await until("the backlog is worked off", isDone, { limitMs: 400_000, everyMs: 1_000 });
  const tookMs = performance.now() - begun;
  const requests = world.notion.calls.length - since;
  return { world, bot, store, items, tookMs, requests, cpuMs: cpuMs(bot.pid) - before };
}

export async function thousand(lab: Lab): Promise<Findings> {
  const done = await workedOff(lab);
  return { tables: [thousandTable(done)] };
}

function thousandTable({ world, items, tookMs, requests, cpuMs: spentMs }: WorkedOff): Table {
  const wrong = doubles(world, items);
  const perItem = requests / items.length;
  const atLimitMinutes = requests / (ALLOWED_A_MINUTE * 0.98);
  const cards = items.filter(isStrategic).length;
  return {
    title: "A backlog, when Notion does not hold the bot back",
    notes: [
      `Services that answer at once, 10,000 requests a minute allowed, posts to Slack not spaced out: what the bot and the stand-ins can do on this machine. At Notion's ${ALLOWED_A_MINUTE} a minute the same requests take ${Math.round(atLimitMinutes)} minutes, and ${cards} cards at Slack's one a second ${Math.round(cards / 60)}: the services decide, not the bot.`,
    ],
    columns: [
      "items",
      "took",
      "items a minute",
      "Notion requests an item",
      "processor time of the bot an item",
      "missing or doubled",
    ],
    rows: [
      [
        count(items.length),
        seconds(tookMs),
        count((items.length / tookMs) * MINUTE_MS),
        perItem.toFixed(1),
        ms(spentMs / items.length),
        wrong.length === 0 ? "none" : `${wrong.length}: ${wrong.slice(0, 3).join("; ")}`,
      ],
    ],
  };
}
