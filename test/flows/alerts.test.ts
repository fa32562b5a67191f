/** A problem, from the first sign to the end, as people see it in the alerts channel. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AlertSignal } from "../../src/domain/alert.ts";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import {
  ALERTS,
  type Bot,
  bootBot,
  buttonsOf,
  cardsIn,
  DECISIONS,
  emptyInbox,
  eventually,
  userId,
  wordsOf,
} from "./bot.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const hhmm = (aheadMs: number) => new Date(Date.now() + aheadMs).toISOString().slice(11, 16);

let bot: Bot;

beforeAll(async () => {
  // Quiet from ten hours ahead for one hour: the tests before it move the clock less than that.
  bot = await bootBot({ env: { QUIET_HOURS: `${hhmm(10 * HOUR)}-${hhmm(11 * HOUR)}`, TIMEZONE: "UTC" } });
  emptyInbox(bot.world);
  await bot.poll();
  await bot.idle();
});

afterAll(() => bot.stop());

const signal = (change: Partial<AlertSignal>): AlertSignal => ({
  key: "k",
  severity: "warning",
  title: "Something is wrong",
  detail: "It was seen.",
  source: "test",
  url: null,
  ...change,
});

const alertCards = (channel = ALERTS): SlackMessage[] =>
  bot.world.slack
    .messages(channel)
    .filter(
      (m) =>
        m.threadTs === null && JSON.stringify(m.metadata ?? {}).includes('"alert:') && m.visibleTo === null,
    );
const cardAbout = (title: string | RegExp, channel = ALERTS) =>
  alertCards(channel).filter((m) => m.text.match(title) !== null || wordsOf(m).match(title) !== null);
const replies = (card: SlackMessage) =>
  bot.world.slack.messages(card.channel).filter((m) => m.threadTs === card.ts && m.ts !== card.ts);
const click = (handle: string, on: SlackMessage, actionId: string) =>
  bot.world.slack.click({ user: userId(bot.world, handle), channel: on.channel, ts: on.ts, actionId });
const toldTo = (handle: string) =>
  bot.world.slack
    .messages(ALERTS)
    .filter((m) => m.visibleTo === userId(bot.world, handle))
    .map((m) => m.text);

describe("a fault", () => {
  it("makes one message, acknowledged by name and resolved in place when it is over", async () => {
    const { world } = bot;
    world.notion.create({
      user: world.notion.users[0]?.id ?? "",
      database: "System Inbox",
      values: {
        Input_Title: "Should we expand to Denmark?",
        Content: "Expanding to Denmark would cost 3 million euros and changes the whole company.",
        Status: "Unprocessed",
      },
    });
    await bot.poll();
    await bot.idle();
    const decision = await eventually(world, () => cardsIn(world)[0], "a decision card");
    world.notion.faults.add({ route: /./, effect: { kind: "status", status: 503 } });
    await click("dana", decision, "decision_approve");
    bot.moveClock(6 * MINUTE);
    await expect(bot.poll()).rejects.toThrow();
    const made = /made but not written to Notion/;
    const card = await eventually(world, () => cardAbout(made)[0], "the alert");
    expect(buttonsOf(card)).toEqual(["alert_ack", "alert_snooze", "alert_resolve"]);

    await click("dana", card, "alert_ack");
    const acknowledged = await eventually(
      world,
      () => cardAbout(made).find((m) => wordsOf(m).includes("Acknowledged by Dana")),
      "the acknowledgement on the card",
    );
    expect(acknowledged.ts).toBe(card.ts);

    world.notion.faults.clear();
    await eventually(world, () => world.notion.rows("Training Data").length === 1, "the training row");
    await bot.idle();
    await bot.poll();
    const over = await eventually(
      world,
      () => cardAbout(made).find((m) => m.text.startsWith("Over")),
      "the resolved alert",
    );
    expect(over.ts).toBe(card.ts);
    expect(buttonsOf(over)).toEqual([]);
    expect(cardAbout(made)).toHaveLength(1);
  });
});
