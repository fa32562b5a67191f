/** Hostile hands on the inbox: impatient polls, rows deleted, edited and put back, lagging queries. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import {
  ALERTS,
  type Bot,
  bootBot,
  cardsIn,
  cell,
  DECISIONS,
  emptyInbox,
  eventually,
  userId,
} from "./bot.ts";
import { storiesOf } from "./stories.ts";

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

const { ask, click, edit, inboxRow, put, rowsAbout, settle } = storiesOf(() => bot);
const cardsAbout = (subject: string) => cardsIn(bot.world).filter((m) => m.text.includes(subject));

describe("polls while an item is still at work", () => {
  it("start nothing twice: one run, one set of requests to Claude, one of everything", async () => {
    const { world } = bot;
    world.claude.latencyMs = 400;
    const before = world.claude.requests.length;
    ask("Denmark");
    await Promise.all([bot.poll(), bot.poll()]);
    for (let n = 0; n < 4; n += 1) await bot.poll();
    await bot.idle();
    expect(world.claude.requests.length - before).toBeLessThanOrEqual(6);
    expect(rowsAbout("Executive Intents", "Denmark")).toHaveLength(1);
    expect(rowsAbout("Action Pipes", "Denmark")).toHaveLength(1);
    expect(cardsAbout("Denmark")).toHaveLength(1);
  });
});

describe("a finished row that a person puts back to Unprocessed", () => {
  it("is argued anew, also when that happened right after it was finished", async () => {
    const id = ask("Estonia");
    await settle();
    edit("dana", id, { Status: "Unprocessed" });
    expect(await bot.poll()).toMatchObject({ started: 0 });
    bot.moveClock(5 * 60_000);
    expect(await bot.poll()).toMatchObject({ started: 1 });
    await bot.idle();
    expect(cardsAbout("Estonia")).toHaveLength(2);
    expect(cell(inboxRow(id), "Status")).toBe("Triaged_to_Intent");
  });
});

describe("queries that lag five seconds behind", () => {
  it("make nothing twice, from inbox to settlement", async () => {
    const { world } = bot;
    ask("Latvia");
    await bot.poll();
    world.notion.queryLagMs = 5_000;
    for (let n = 0; n < 3; n += 1) {
      await settle();
    }
    expect(cardsAbout("Latvia")).toHaveLength(1);
    await click("dana", cardsAbout("Latvia")[0] as SlackMessage, "decision_approve");
    await bot.idle();
    for (let n = 0; n < 2; n += 1) await bot.poll();
    await bot.idle();
    expect(rowsAbout("Training Data", "Latvia")).toHaveLength(1);
    expect(rowsAbout("Projects", "Latvia")).toHaveLength(1);
    expect(rowsAbout("Action Pipes", "Latvia")).toHaveLength(1);
  });
});

describe("the same names in ten items at once", () => {
  it("become one node each", async () => {
    const { world } = bot;
    world.notion.latencyMs = 20;
    for (let n = 0; n < 10; n += 1)
      put(
        `Notes ${n} from the meeting`,
        "FYI: met Amira Haddad of Northwind Freight about the tariff gateway.",
      );
    await settle();
    world.notion.latencyMs = 0;
    const names = world.notion.rows("Nodes").map((row) => cell(row, "Name").toLowerCase());
    expect(names.filter((name) => name.includes("northwind")).length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("a row that changes while it is at work", () => {
  it("trashed: nothing breaks, nobody is alarmed, and the polls go on", async () => {
    const { world } = bot;
    world.claude.latencyMs = 200;
    const id = ask("Malta");
    await bot.poll();
    await eventually(world, () => cell(inboxRow(id), "Status") === "Processing", "the claim");
    world.notion.trash(id);
    await bot.idle();
    bot.moveClock(120_000);
    expect(await bot.poll()).toMatchObject({ started: 0 });
    await bot.idle();
    expect(cardsAbout("Malta").length).toBeLessThanOrEqual(1);
    expect(world.slack.messages(ALERTS).filter((m) => m.text.includes("Malta"))).toEqual([]);
  });

  it("edited: what was claimed is what is argued, once", async () => {
    const { world } = bot;
    world.claude.latencyMs = 200;
    const id = ask("Cyprus");
    await bot.poll();
    await eventually(world, () => cell(inboxRow(id), "Status") === "Processing", "the claim");
    edit("dana", id, { Content: "Never mind." });
    await settle();
    expect(cardsAbout("Cyprus")).toHaveLength(1);
    expect(cell(inboxRow(id), "Status")).toBe("Triaged_to_Intent");
  });
});

async function deadLetter(subject: string): Promise<{ id: string; letter: SlackMessage }> {
  const { world } = bot;
  world.claude.faults.add({ route: "/v1/messages", effect: { kind: "stop", reason: "refusal" } });
  const id = ask(subject);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await settle();
    bot.moveClock(60_000);
  }
  world.claude.faults.clear();
  const letter = await eventually(
    world,
    () => world.slack.messages(ALERTS).find((m) => m.text.includes(subject)),
    `a dead letter about ${subject}`,
  );
  return { id, letter };
}

describe("a dead letter", () => {
  it("retried by one and ignored by the other at once: one of the two, and the other is told", async () => {
    const { world } = bot;
    const { id, letter } = await deadLetter("Norway");
    const notes = () => world.slack.messages(ALERTS).filter((m) => m.visibleTo !== null).length;
    const before = notes();
    await Promise.all([
      click("dana", letter, "deadletter_retry"),
      click("sam", letter, "deadletter_ignore"),
      click("dana", letter, "deadletter_ignore"),
      click("sam", letter, "deadletter_retry"),
    ]);
    await eventually(world, () => notes() === before + 3, "three private notes");
    await bot.idle();
    const status = cell(inboxRow(id), "Status");
    expect(["Triaged_to_Intent", "Failed"]).toContain(status);
    expect(cardsAbout("Norway")).toHaveLength(status === "Failed" ? 0 : 1);
  });

  it("retried while Notion is down does not keep the bot from stopping, and is retried afterwards", async () => {
    const { world } = bot;
    const { id, letter } = await deadLetter("Sweden");
    world.notion.faults.add({ route: /./, effect: { kind: "status", status: 503 } });
    expect(await click("dana", letter, "deadletter_retry")).toMatchObject({ status: 200 });
    const startedAt = performance.now();
    await bot.restart();
    expect(performance.now() - startedAt).toBeLessThan(9_500);
    world.notion.faults.clear();
    await eventually(world, () => cell(inboxRow(id), "Status") !== "Failed", "the retry");
    await settle();
    expect(cardsAbout("Sweden")).toHaveLength(1);
  });
});

describe("/emm add", () => {
  const emmAdd = (user: string, channel: string, text: string) =>
    bot.world.slack.command({ user, channel, command: "/emm", text: `add ${text}` });

  it("keeps 8,000 characters and line ends whole, also from a direct message; nothing but blanks adds nothing", async () => {
    const { world } = bot;
    const lee = userId(world, "lee");
    const rows = () => world.notion.rows("System Inbox");
    const before = rows().length;
    await emmAdd(lee, DECISIONS, "     ");
    await bot.idle();
    expect(rows()).toHaveLength(before);
    const long = `Remember the glossary 😀 ${"word ".repeat(1_590)}\nlast line END`;
    await emmAdd(lee, world.slack.directMessage(lee), long);
    await bot.idle();
    const row = rows().at(-1);
    expect(rows()).toHaveLength(before + 1);
    expect(cell(row, "Content")).toBe(long.trim());
    expect(cell(row, "Input_Title").length).toBeLessThanOrEqual(125);
    const heard = world.slack.messages(world.slack.directMessage(lee)).map((m) => m.text);
    expect(heard.join("\n")).toMatch(/Added to the inbox/);
  });

  it("is for members: guests, strangers and people who left add nothing", async () => {
    const { world } = bot;
    const before = world.notion.rows("System Inbox").length;
    for (const user of ["U0GUEST001", "U0STRANGE1", "U0FORMER01"])
      await emmAdd(user, DECISIONS, "Buy a yacht");
    await bot.idle();
    expect(world.notion.rows("System Inbox")).toHaveLength(before);
  });

  it("says so when Notion refuses what was said to be added, keeps it, and adds it later", async () => {
    const { world } = bot;
    const lee = userId(world, "lee");
    const heard = () => world.slack.messages(world.slack.directMessage(lee)).map((m) => m.text);
    world.notion.faults.add({ route: "POST /v1/pages", times: 1, effect: { kind: "status", status: 400 } });
    await emmAdd(lee, DECISIONS, "Book the zeppelin for the party");
    await bot.idle();
    expect(heard().join("\n")).toMatch(/Notion does not take it yet/);
    expect(rowsAbout("System Inbox", "zeppelin")).toEqual([]);
    bot.moveClock(120_000);
    await settle();
    expect(rowsAbout("System Inbox", "zeppelin")).toHaveLength(1);
  });

  it("tells the asker when their item failed for good", async () => {
    const { world } = bot;
    const lee = userId(world, "lee");
    world.claude.faults.add({ route: "/v1/messages", effect: { kind: "stop", reason: "refusal" } });
    await emmAdd(lee, DECISIONS, "Should we buy the moon?");
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await bot.idle();
      bot.moveClock(60_000);
      await bot.poll();
    }
    await bot.idle();
    world.claude.faults.clear();
    const heard = world.slack.messages(world.slack.directMessage(lee)).map((m) => m.text);
    expect(heard.join("\n")).toMatch(/moon[\s\S]*could not be handled after 3 attempts/);
  });
});
