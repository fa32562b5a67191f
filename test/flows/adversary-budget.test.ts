/** The purse: what the daily cap holds back, and that it is not burnt on work that cannot be finished. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALERTS, type Bot, bootBot, cardsIn, cell, DECISIONS, emptyInbox, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

async function bootWith(dailyBudgetUsd: string): Promise<void> {
  bot = await bootBot({ env: { DAILY_BUDGET_USD: dailyBudgetUsd } });
  emptyInbox(bot.world);
  await bot.poll();
}

const { ask, inboxRow, settle } = storiesOf(() => bot);

describe("the cap crossed in the middle of a dialectic, with many items in flight", () => {
  // Room for sorting and framing, not for three advisers at once.
  beforeAll(() => bootWith("0.07"));
  afterAll(() => bot.stop());

  it("makes all of them wait, burns nothing more that day, and goes on the next day", async () => {
    const { world } = bot;
    const ids = ["Denmark", "Sweden", "Norway", "Finland"].map(ask);
    await settle();
    expect(cardsIn(world).map(wordsOf).join()).not.toMatch(/daily budget/i);
    const asked = world.claude.requests.length;
    for (let n = 0; n < 5; n += 1) await settle();
    expect(world.claude.requests).toHaveLength(asked);
    expect(world.slack.messages(ALERTS).filter((m) => /budget/i.test(m.text))).toHaveLength(1);
    for (const id of ids)
      expect(["Unprocessed", "Triaged_to_Intent"]).toContain(cell(inboxRow(id), "Status"));
    bot.moveClock(24 * 3_600_000);
    await settle();
    expect(world.claude.requests.length).toBeGreaterThan(asked);
  });
});

describe("a cap below the price of a single call", () => {
  beforeAll(() => bootWith("0.0001"));
  afterAll(() => bot.stop());

  it("holds new analyses, tells the channel once, and loses nothing", async () => {
    const { world } = bot;
    const ids = [ask("Denmark"), ask("Sweden")];
    for (let n = 0; n < 3; n += 1) await settle();
    for (const id of ids) expect(cell(inboxRow(id), "Status")).toBe("Unprocessed");
    expect(world.claude.requests).toEqual([]);
    const notes = [...world.slack.messages(ALERTS), ...world.slack.messages(DECISIONS)].filter((m) =>
      /budget/i.test(m.text),
    );
    expect(notes).toHaveLength(1);
  });
});
