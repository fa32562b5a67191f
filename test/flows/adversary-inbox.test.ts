/** Hostile hands on the inbox: impatient polls, rows deleted, edited and put back, lagging queries. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Bot,
  bootBot,
  cardsIn,
  cell,
  DECISIONS,
  emptyInbox,
  eventually,
  rowTitled,
  userId,
} from "./bot.ts";

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot();
  emptyInbox(bot.world);
  await bot.poll();
});

beforeEach(() => {
  bot.world.claude.latencyMs = 0;
  bot.world.notion.queryLagMs = 0;
  bot.world.notion.faults.clear();
});

afterAll(() => bot.stop());

function put(
  subject: string,
  content = `Expanding to ${subject} costs 3 million euros and changes the company.`,
) {
  const { notion } = bot.world;
  return notion.create({
    user: notion.users[0]?.id ?? "",
    database: "System Inbox",
    values: { Input_Title: `Should we expand to ${subject}?`, Content: content, Status: "Unprocessed" },
  }).id;
}

const titled = (database: string, words: string) =>
  bot.world.notion.rows(database).filter((row) => JSON.stringify(row.properties).includes(words));
const inbox = (id: string) => bot.world.notion.rows("System Inbox").find((row) => row.id === id);
const cardsAbout = (subject: string) => cardsIn(bot.world).filter((m) => m.text.includes(subject));

describe("polls while an item is still at work", () => {
  it("start nothing twice: one run, one set of requests to Claude, one of everything", async () => {
    const { world } = bot;
    world.claude.latencyMs = 400;
    const before = world.claude.requests.length;
    put("Denmark");
    await Promise.all([bot.poll(), bot.poll()]);
    for (let n = 0; n < 4; n += 1) await bot.poll();
    await bot.idle();
    expect(world.claude.requests.length - before).toBeLessThanOrEqual(6);
    expect(titled("Executive Intents", "Denmark")).toHaveLength(1);
    expect(titled("Action Pipes", "Denmark")).toHaveLength(1);
    expect(cardsAbout("Denmark")).toHaveLength(1);
  });
});

describe("a finished row that a person puts back to Unprocessed", () => {
  it("is argued anew, also when that happened right after it was finished", async () => {
    const { world } = bot;
    const id = put("Estonia");
    await bot.poll();
    await bot.idle();
    world.notion.edit({
      user: world.notion.users[0]?.id ?? "",
      pageId: id,
      values: { Status: "Unprocessed" },
    });
    expect(await bot.poll()).toMatchObject({ started: 0 });
    bot.moveClock(5 * 60_000);
    expect(await bot.poll()).toMatchObject({ started: 1 });
    await bot.idle();
    expect(cardsAbout("Estonia")).toHaveLength(2);
    expect(cell(inbox(id), "Status")).toBe("Triaged_to_Intent");
  });
});
