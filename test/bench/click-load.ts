/** Clicks on cards at a rate, and when each of them was acknowledged, recorded and shown. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import type { World } from "../../src/sandbox/world.ts";
import type { BotProcess } from "../fixtures/bot-process.ts";
import { buttonsOf, cardsIn, cell, userId } from "../flows/bot.ts";
import { until } from "./lab.ts";

export interface Answered {
  /** Epoch milliseconds. */
  at: number;
  status: number;
  tookMs: number;
}

export interface Load {
  world: World;
  bots: BotProcess[];
  /** null = all at the same moment. */
  perSecond: number | null;
  clicks: { card: SlackMessage; handle: string }[];
}

/** Sends them all; resolves when the last is acknowledged or given up. */
export async function sendClicks({ world, bots, perSecond, clicks }: Load): Promise<Answered[]> {
  const bodies = await bodiesOf(world, clicks);
  const [bot] = bots;
  if (bot) world.slack.deliverTo(`${bot.url}/slack/events`);
  const { signingSecret } = world.slack.seed;
  const urls = bots.map(({ url }) => `${url}/slack/events`);
  const worker = new Worker(new URL("clicker.mjs", import.meta.url), {
    workerData: { urls, bodies, perSecond, signingSecret },
  });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

/** What Slack would send for these clicks, caught on the way. */
async function bodiesOf(world: World, clicks: Load["clicks"]): Promise<string[]> {
  const bodies: string[] = [];
  const catcher = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(Buffer.concat(chunks).toString("utf8"));
      answer.end();
    });
  });
  await new Promise<void>((resolve) => catcher.listen(0, "127.0.0.1", resolve));
  world.slack.deliverTo(`http://127.0.0.1:${(catcher.address() as AddressInfo).port}/`);
  for (const { card, handle } of clicks) {
    const at = { user: userId(world, handle), channel: card.channel, ts: card.ts };
    await world.slack.click({ ...at, actionId: "decision_approve" });
  }
  catcher.closeAllConnections();
  await new Promise((resolve) => catcher.close(resolve));
  return bodies;
}

const isOpen = (card: SlackMessage) => buttonsOf(card).includes("decision_approve");

/** Cards that can be approved, oldest first. */
export function openCards(world: World): SlackMessage[] {
  return cardsIn(world).filter(isOpen);
}

export interface Outcome {
  answers: Answered[];
  /** From the click to the decision's entry in the Execution Log, one for each card. */
  recordedMs: number[];
  /** From the click to the card without its buttons. */
  shownMs: number[];
}

const LOOK_MS = 200;

/** One click on each of these cards, and what became of it. */
export async function decideAll(load: Omit<Load, "clicks">, cards: SlackMessage[]): Promise<Outcome> {
  const { world } = load;
  const clicks = cards.map((card, nth) => ({ card, handle: nth % 2 === 0 ? "dana" : "sam" }));
  const recordedAt = new Map<string, number>();
  const shownAt = new Map<string, number>();
  const waiting = new Map(cards.map(({ ts, channel }) => [ts, channel]));
  const before = new Set(world.notion.rows("Execution Log").map(({ id }) => id));
  // Whatever looks at everything there is takes its time from the stand-ins, and so from the bot.
  const look = () => {
    for (const [ts, channel] of waiting) {
      const card = world.slack.message({ channel, ts });
      if (card === undefined || isOpen(card) || !/approved/i.test(card.text)) continue;
      shownAt.set(ts, Date.now());
      waiting.delete(ts);
    }
    for (const row of world.notion.rows("Execution Log", cards.length)) {
      if (before.has(row.id) || recordedAt.has(row.id)) continue;
      if (cell(row, "Log_Entry_Title").startsWith("Decision")) recordedAt.set(row.id, Date.now());
    }
    return waiting.size === 0 && recordedAt.size >= cards.length;
  };
  const sending = sendClicks({ ...load, clicks });
  await until("every card shows its decision", look, { everyMs: LOOK_MS, limitMs: 180_000 });
  const answers = await sending;
  const begun = answers.map(({ at }) => at).sort((a, b) => a - b);
  // Log rows do not say which click they are of; in order they are compared with the clicks in order.
  const ends = [...recordedAt.values()].sort((a, b) => a - b);
  return {
    answers,
    recordedMs: ends.map((end, nth) => end - (begun[nth] ?? end)),
    shownMs: cards.map(({ ts }, nth) => (shownAt.get(ts) ?? Number.NaN) - (answers[nth]?.at ?? 0)),
  };
}
