/** What gets stuck comes loose again by itself, and workspaces from before work as they are. */
import { afterEach, describe, expect, it } from "vitest";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { createWorld } from "../../src/sandbox/world.ts";
import {
  ALERTS,
  type Bot,
  bootBot,
  cardsIn,
  cell,
  emptyInbox,
  eventually,
  rowTitled,
  userId,
  wordsOf,
} from "./bot.ts";

let bot: Bot;

afterEach(() => bot.stop());

const put = (title: string) =>
  bot.world.notion.create({
    user: bot.world.notion.users[0]?.id ?? "",
    database: "System Inbox",
    values: {
      Input_Title: title,
      Content: "It would cost 3 million euros and changes the whole company.",
      Status: "Unprocessed",
    },
  }).id;

async function pendingCard(): Promise<SlackMessage> {
  emptyInbox(bot.world);
  put("Should we expand to Denmark?");
  await bot.poll();
  await bot.idle();
  return eventually(bot.world, () => cardsIn(bot.world)[0], "a card");
}

const approve = (card: SlackMessage) =>
  bot.world.slack.click({
    user: userId(bot.world, "dana"),
    channel: card.channel,
    ts: card.ts,
    actionId: "decision_approve",
  });

const again = (card: SlackMessage) =>
  bot.world.slack.messages(card.channel).find((message) => message.ts === card.ts) ?? card;

describe("Notion refuses a record for good", () => {
  it("is said on the card and in the alerts channel, and is recorded once Notion is mended", async () => {
    bot = await bootBot();
    const { world } = bot;
    const card = await pendingCard();
    world.notion.faults.add({ route: "POST /v1/pages", effect: { kind: "status", status: 400 } });
    await approve(card);
    await bot.idle();
    expect(wordsOf(again(card))).toMatch(/Notion did not take it yet/);
    const notes = () => world.slack.messages(ALERTS).filter((m) => /could not be written/.test(m.text));
    expect(notes()).toHaveLength(1);

    bot.moveClock(120_000);
    await bot.poll();
    await bot.idle();
    expect(notes()).toHaveLength(1);

    world.notion.faults.clear();
    bot.moveClock(120_000);
    await bot.poll();
    await bot.idle();
    expect(again(card).text).toMatch(/approved/i);
    expect(world.notion.rows("Training Data")).toHaveLength(1);
    expect(
      world.notion.rows("Execution Log").filter((row) => cell(row, "Log_Entry_Title").startsWith("Decision")),
    ).toHaveLength(1);
    expect(cell(rowTitled(world, "Action Pipes", "Denmark"), "Approval_Status")).toBe("Approved");
  });
});

describe("polls while an item is at work", () => {
  it("do not start it a second time", async () => {
    bot = await bootBot();
    const { world } = bot;
    emptyInbox(world);
    world.claude.latencyMs = 300;
    const id = put("Should we expand to Denmark?");
    for (let n = 0; n < 4; n += 1) await bot.poll();
    await bot.idle();
    const row = world.notion.rows("System Inbox").find((candidate) => candidate.id === id);
    expect(cell(row, "Attempts")).toBe("1");
    expect(world.claude.requests).toHaveLength(6);
    expect(cardsIn(world)).toHaveLength(1);
  });
});

describe("an item that another program left in Processing", () => {
  it("is taken up after ten minutes", async () => {
    bot = await bootBot();
    const { world } = bot;
    emptyInbox(world);
    const id = put("Should we expand to Denmark?");
    world.notion.edit({
      user: world.notion.users[0]?.id ?? "",
      pageId: id,
      values: { Status: "Processing" },
    });
    expect(await bot.poll()).toMatchObject({ found: 1, started: 0 });
    bot.moveClock(15 * 60_000);
    expect(await bot.poll()).toMatchObject({ found: 1, started: 1 });
    await bot.idle();
    expect(cardsIn(world)).toHaveLength(1);
  });
});

describe("a finished item that a person puts back to Unprocessed", () => {
  it("is analysed anew, with records of its own", async () => {
    bot = await bootBot();
    const { world } = bot;
    await pendingCard();
    const row = rowTitled(world, "System Inbox", "Denmark");
    world.notion.edit({
      user: world.notion.users[0]?.id ?? "",
      pageId: row?.id ?? "",
      values: { Status: "Unprocessed" },
    });
    // Right after the end it may be an old answer of the query; later it is what somebody wants.
    expect(await bot.poll()).toMatchObject({ found: 1, started: 0 });
    bot.moveClock(3 * 60_000);
    await bot.poll();
    await bot.idle();
    expect(cardsIn(world)).toHaveLength(2);
    expect(world.notion.rows("Executive Intents")).toHaveLength(2);
  });
});

describe("a workspace from before", () => {
  it("without any of the new properties goes the whole way", async () => {
    bot = await bootBot({
      world: await createWorld({ notionSeed: createWorkspaceSeed({ withoutNewProperties: true }) }),
    });
    const { world } = bot;
    const card = await pendingCard();
    await approve(card);
    await bot.idle();
    expect(again(card).text).toMatch(/approved/i);
    expect(world.notion.rows("Training Data")).toHaveLength(1);
    expect(world.notion.rows("Tasks").length).toBeGreaterThanOrEqual(3);
    expect(cell(rowTitled(world, "Executive Intents", "Denmark"), "Status")).toBe("Approved");
  });
});
