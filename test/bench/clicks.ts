/** Clicks: how long until Slack has its answer, until the decision is recorded, until the card shows it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import type { World } from "../../src/sandbox/world.ts";
import type { BotProcess } from "../fixtures/bot-process.ts";
import { cell, wordsOf } from "../flows/bot.ts";
import { workedOff } from "./backlog.ts";
import { decideAll, type Outcome, openCards, sendClicks } from "./click-load.ts";
import { countDone, putMany } from "./items.ts";
import { cpuMs, type Lab, poll, quiet, until } from "./lab.ts";
import { ms, percentile, spread } from "./numbers.ts";
import type { Findings, Measured } from "./report.ts";

const ACK_LIMIT_MS = 250;

interface Rate {
  perSecond: number;
  clicks: number;
}

const RATES: readonly Rate[] = [
  { perSecond: 10, clicks: 40 },
  { perSecond: 50, clicks: 250 },
  { perSecond: 200, clicks: 195 },
];
const FEW: readonly Rate[] = [
  { perSecond: 10, clicks: 10 },
  { perSecond: 50, clicks: 25 },
];

interface Line {
  store: string;
  rate: Rate;
  outcome: Outcome;
  /** Of the bot's process, for each click. */
  cpuMs: number;
}

export async function clicks(lab: Lab): Promise<Findings> {
  const { world, bot } = await workedOff(lab);
  const isPostgres = typeof lab.postgres !== "string";
  const name = isPostgres ? "PostgreSQL" : "embedded";
  const hundred = await onOneCard(lab, { world, bot });
  const five = await fiveAtOnce({ world, bot });
  const lines = await atRates(lab, { world, bot, store: name }, lab.isQuick ? FEW : RATES);
  await bot.end("SIGTERM");
  const embedded = isPostgres && !lab.isQuick ? await onEmbedded(lab) : [];
  return report([...lines, ...embedded], hundred, five);
}

interface Bench {
  world: World;
  bot: BotProcess;
}

async function atRates(
  lab: Lab,
  { world, bot, store }: Bench & { store: string },
  rates: readonly Rate[],
): Promise<Line[]> {
  const lines: Line[] = [];
  for (const rate of rates) {
    lab.say(`clicks: ${rate.clicks} at ${rate.perSecond} a second (${store})`);
    const cards = openCards(world).slice(0, rate.clicks);
    if (cards.length < rate.clicks) throw new Error(`${cards.length} open cards instead of ${rate.clicks}`);
    const before = cpuMs(bot.pid);
    const outcome = await decideAll({ world, bots: [bot], perSecond: rate.perSecond }, cards);
    await quiet(world);
    lines.push({ store, rate, outcome, cpuMs: (cpuMs(bot.pid) - before) / rate.clicks });
  }
  return lines;
}

/** Without a server: its own process does the database's work too. */
async function onEmbedded(lab: Lab): Promise<Line[]> {
  const world = await lab.world();
  world.slack.hasRateLimits = false;
  const bot = await lab.bot(world, await lab.store("embedded"), { isUnpaced: true });
  await quiet(world);
  const rates = [
    { perSecond: 10, clicks: 10 },
    { perSecond: 50, clicks: 25 },
  ];
  const items = putMany(world, 35, { kinds: ["ordinary"] });
  lab.say(`clicks: ${items.length} cards on the embedded store`);
  await poll(bot);
  const isDone = () => countDone(world, items) === items.length;
  await until("all cards are there", isDone, { limitMs: 120_000, everyMs: 500 });
  await quiet(world);
  const lines = await atRates(lab, { world, bot, store: "embedded" }, rates);
  await bot.end("SIGTERM");
  return lines;
}

/** Everybody at the same button. */
async function onOneCard(lab: Lab, { world, bot }: Bench) {
  lab.say("clicks: 100 at once on one card");
  const [card] = openCards(world);
  if (!card) throw new Error("no open card");
  const decided = () => decisionsOn(world, card);
  const notices = () =>
    world.slack.messages(card.channel).filter(({ visibleTo }) => visibleTo !== null).length;
  const before = notices();
  const answers = await sendClicks({
    ...{ world, bots: [bot], perSecond: null },
    clicks: Array.from({ length: 100 }, (_, nth) => ({ card, handle: nth % 2 === 0 ? "dana" : "sam" })),
  });
  await until("the other 99 are told", () => notices() - before >= 99, { limitMs: 60_000 });
  await until("it is recorded", () => decided() > 0, { limitMs: 60_000 });
  await quiet(world);
  return { decided: decided(), notices: notices() - before, acks: answers.map(({ tookMs }) => tookMs) };
}

async function fiveAtOnce({ world, bot }: Bench): Promise<Measured> {
  const [card] = openCards(world);
  if (!card) throw new Error("no open card");
  const clicksOnIt = Array.from({ length: 5 }, (_, nth) => ({
    card,
    handle: nth % 2 === 0 ? "dana" : "sam",
  }));
  await sendClicks({ world, bots: [bot], perSecond: null, clicks: clicksOnIt });
  await until("it is recorded", () => decisionsOn(world, card) > 0, { limitMs: 60_000 });
  await sleep(500);
  await quiet(world);
  const rows = decisionsOn(world, card);
  return { value: `${rows} training row${rows === 1 ? "" : "s"}`, within: rows === 1 };
}

/** Training rows about what the card is about. */
function decisionsOn(world: World, card: SlackMessage): number {
  const words = wordsOf(card);
  const titles = world.notion.rows("Training Data").map((row) => cell(row, "Title"));
  return titles.filter((title) => words.includes(title)).length;
}

function report(
  lines: Line[],
  hundred: { decided: number; notices: number; acks: number[] },
  five: Measured,
): Findings {
  const acks = ({ outcome }: Line) => outcome.answers.map(({ tookMs }) => tookMs);
  const fifty = lines.filter(({ rate }) => rate.perSecond === 50);
  const p99s = fifty.map((line) => ({ store: line.store, p99: percentile(acks(line), 0.99) }));
  const lost = lines.flatMap(({ outcome }) => outcome.answers).filter(({ status }) => status !== 200).length;
  return {
    budgets: {
      ack: {
        value: p99s.map(({ store, p99 }) => `p99 ${ms(p99)} (${store})`).join(", "),
        within: p99s.every(({ p99 }) => p99 < ACK_LIMIT_MS),
      },
      hundredClicks: {
        value: `${hundred.decided} decision, ${hundred.notices} notices; ack p50, p99 ${spread(hundred.acks)}`,
        within: hundred.decided === 1 && hundred.notices === 99,
      },
      fiveApprovals: five,
    },
    tables: [
      {
        title: "Clicks",
        notes: [
          `Each click approves a card of its own; Slack and Notion answer at once and do not hold the bot back, so that all the work that follows from a click competes with the next clicks. p50, p99. Clicks not acknowledged: ${lost}.`,
          "The embedded store computes in a thread of its own, about a tenth of a second for each decision: a burst of more than ten a second is acknowledged at once and recorded later. For more there is PostgreSQL.",
        ],
        columns: [
          "store",
          "clicks a second",
          "clicks",
          "acknowledged",
          "slowest",
          "recorded",
          "final card",
          "processor time of the bot a click",
        ],
        rows: lines.map((line) => [
          line.store,
          String(line.rate.perSecond),
          String(line.rate.clicks),
          spread(acks(line)),
          ms(Math.max(...acks(line))),
          spread(line.outcome.recordedMs),
          spread(line.outcome.shownMs),
          ms(line.cpuMs),
        ]),
      },
    ],
  };
}
