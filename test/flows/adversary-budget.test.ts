/** The purse: what the daily cap holds back, and that it is not burnt on work that cannot be finished. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALERTS, type Bot, bootBot, cardsIn, cell, emptyInbox, wordsOf } from "./bot.ts";

let bot: Bot;

beforeAll(async () => {
  // Room for sorting and framing, not for three advisers at once.
  bot = await bootBot({ env: { DAILY_BUDGET_USD: "0.07" } });
  emptyInbox(bot.world);
  await bot.poll();
});

afterAll(() => bot.stop());

const put = (subject: string) =>
  bot.world.notion.create({
    user: bot.world.notion.users[0]?.id ?? "",
    database: "System Inbox",
    values: {
      Input_Title: `Should we expand to ${subject}?`,
      Content: `Expanding to ${subject} would cost 3 million euros and changes the whole company.`,
      Status: "Unprocessed",
    },
  }).id;
const inbox = (id: string) => bot.world.notion.rows("System Inbox").find((row) => row.id === id);

describe("the cap crossed in the middle of a dialectic, with many items in flight", () => {
  it("makes all of them wait, burns nothing more that day, and goes on the next day", async () => {
    const { world } = bot;
    const ids = ["Denmark", "Sweden", "Norway", "Finland"].map(put);
    await bot.poll();
    await bot.idle();
    expect(cardsIn(world).map(wordsOf).join()).not.toMatch(/daily budget/i);
    const asked = world.claude.requests.length;
    for (let n = 0; n < 5; n += 1) {
      await bot.poll();
      await bot.idle();
    }
    expect(world.claude.requests).toHaveLength(asked);
    expect(world.slack.messages(ALERTS).filter((m) => /budget/i.test(m.text))).toHaveLength(1);
    for (const id of ids) expect(["Unprocessed", "Triaged_to_Intent"]).toContain(cell(inbox(id), "Status"));
    bot.moveClock(24 * 3_600_000);
    await bot.poll();
    await bot.idle();
    expect(world.claude.requests.length).toBeGreaterThan(asked);
  });
});
