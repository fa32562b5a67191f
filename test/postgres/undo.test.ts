/** Two replicas, and the one that took the click dies while the decision can still be taken back. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { type BotProcess, childEnv, morePolls, startBot } from "../fixtures/bot-process.ts";
import { isStrategic, openCard, type PutItem, putItems } from "../fixtures/mixed-items.ts";
import { createThrowawayDatabase, type ThrowawayDatabase } from "../fixtures/throwaway-database.ts";
import { buttonsOf, DECISIONS, emptyInbox, eventually, userId } from "../flows/bot.ts";

let world: World;
let database: ThrowawayDatabase;
let cards: SlackMessage[];
const everStarted: BotProcess[] = [];
/** Shorter than what the other one needs to notice the death. */
const UNDO_SECONDS = 4;

async function start(): Promise<BotProcess> {
  const env = { DATABASE_URL: database.url, UNDO_SECONDS: String(UNDO_SECONDS) };
  const bot = await startBot({ env: childEnv(world, env) });
  everStarted.push(bot);
  return bot;
}

const now = ({ ts }: SlackMessage) =>
  world.slack.messages(DECISIONS).find((message) => message.ts === ts) as SlackMessage;
const offers = (card: SlackMessage, action: string, limitMs = 20_000) =>
  eventually(world, () => buttonsOf(now(card)).includes(action), `${action} on the card`, limitMs);

async function click(bot: BotProcess, card: SlackMessage, actionId: string): Promise<void> {
  world.slack.deliverTo(`${bot.url}/slack/events`);
  const user = userId(world, "dana");
  await world.slack.click({ user, channel: card.channel, ts: card.ts, actionId });
}

beforeAll(async () => {
  database = await createThrowawayDatabase();
  world = await createWorld({ claudeLatencyMs: 50 });
  world.notion.requestsPerMinute = null;
  emptyInbox(world);
});

afterAll(async () => {
  await Promise.all(everStarted.filter((bot) => bot.isRunning()).map((bot) => bot.end("SIGKILL")));
  await world.close();
  await database.drop();
});

it("what is taken back on the other is never carried out, the rest is, once", async () => {
  const [first, second] = [await start(), await start()];
  world.slack.deliverTo(`${first.url}/slack/events`);
  const items: PutItem[] = putItems(world, 8).filter(isStrategic);
  await eventually(world, () => items.every((item) => openCard(world, item)), "cards", 60_000);
  cards = items.flatMap((item) => openCard(world, item) ?? []);
  const [back, kept] = cards;
  if (!back || !kept) throw new Error("two cards are needed");

  await click(first, back, "decision_approve");
  await click(first, kept, "decision_approve");
  await offers(back, "decision_undo");
  await offers(kept, "decision_undo");
  await first.end("SIGKILL");
  await click(second, back, "decision_undo");
  await offers(back, "decision_approve");

  // The window is over long before somebody is there to close it.
  await offers(kept, "decision_reopen", 60_000);
  await morePolls(second, 2);
  expect(buttonsOf(now(back))).toContain("decision_approve");
  expect(world.notion.rows("Training Data")).toHaveLength(1);
  expect(
    world.notion.rows("Action Pipes").filter((row) => JSON.stringify(row).includes('"Approved"')),
  ).toHaveLength(1);
});
