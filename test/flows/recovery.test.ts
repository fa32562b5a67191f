/** What gets stuck comes loose again by itself, and workspaces from before work as they are. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import { createWorld } from "../../src/sandbox/world.ts";
import { ALERTS, type Bot, bootBot, cell, emptyInbox, rowTitled, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

const { ask, cardAbout, cardsAbout, click, edit, inboxRow, now, pipeOf, rowsAbout, settle, ...stories } =
  storiesOf(() => bot);
const { tasksOf, trainingRows } = stories;

describe("a bot among people", () => {
  beforeAll(async () => {
    bot = await bootBot();
    emptyInbox(bot.world);
  });

  afterAll(() => bot.stop());

  it("a finished item that a person puts back to Unprocessed is analysed anew, with records of its own", async () => {
    await cardAbout("Finland");
    edit("dana", rowTitled(bot.world, "System Inbox", "Finland")?.id, { Status: "Unprocessed" });
    // Right after the end it may be an old answer of the query; later it is what somebody wants.
    expect(await bot.poll()).toMatchObject({ found: 1, started: 0 });
    bot.moveClock(3 * 60_000);
    await settle();
    expect(cardsAbout("Finland")).toHaveLength(2);
    expect(rowsAbout("Executive Intents", "Finland")).toHaveLength(2);
  });

  it("an item that another program left in Processing is taken up after ten minutes", async () => {
    edit("dana", ask("Norway"), { Status: "Processing" });
    expect(await bot.poll()).toMatchObject({ found: 1, started: 0 });
    bot.moveClock(15 * 60_000);
    expect(await bot.poll()).toMatchObject({ found: 1, started: 1 });
    await bot.idle();
    expect(cardsAbout("Norway")).toHaveLength(1);
  });

  it("polls while an item is at work do not start it a second time", async () => {
    const { world } = bot;
    const asked = world.claude.requests.length;
    world.claude.latencyMs = 300;
    const id = ask("Sweden");
    for (let n = 0; n < 4; n += 1) await bot.poll();
    await bot.idle();
    world.claude.latencyMs = 0;
    expect(cell(inboxRow(id), "Attempts")).toBe("1");
    expect(world.claude.requests).toHaveLength(asked + 6);
    expect(cardsAbout("Sweden")).toHaveLength(1);
  });

  it("Notion refuses a record for good: said on the card and in the alerts channel, recorded once it is mended", async () => {
    const { world } = bot;
    const card = await cardAbout("Denmark");
    world.notion.faults.add({ route: "POST /v1/pages", effect: { kind: "status", status: 400 } });
    await click("dana", card, "decision_approve");
    await bot.idle();
    expect(wordsOf(now(card))).toMatch(/Notion did not take it yet/);
    const notes = () => world.slack.messages(ALERTS).filter((m) => /could not be written/.test(m.text));
    expect(notes()).toHaveLength(1);

    bot.moveClock(120_000);
    await settle();
    expect(notes()).toHaveLength(1);

    world.notion.faults.clear();
    bot.moveClock(120_000);
    await settle();
    expect(now(card).text).toMatch(/approved/i);
    expect(trainingRows("Denmark")).toHaveLength(1);
    expect(
      rowsAbout("Execution Log", "Denmark").filter((row) =>
        cell(row, "Log_Entry_Title").startsWith("Decision"),
      ),
    ).toHaveLength(1);
    expect(cell(pipeOf("Denmark"), "Approval_Status")).toBe("Approved");
  });
});

describe("a workspace from before", () => {
  beforeAll(async () => {
    const notionSeed = createWorkspaceSeed({ withoutNewProperties: true });
    bot = await bootBot({ world: await createWorld({ notionSeed }) });
    emptyInbox(bot.world);
  });

  afterAll(() => bot.stop());

  it("goes the whole way without any of the new properties", async () => {
    const { world } = bot;
    const card = await cardAbout("Denmark");
    await click("dana", card, "decision_approve");
    await bot.idle();
    expect(now(card).text).toMatch(/approved/i);
    expect(world.notion.rows("Training Data")).toHaveLength(1);
    expect(tasksOf("Denmark").length).toBeGreaterThanOrEqual(3);
    expect(cell(rowTitled(world, "Executive Intents", "Denmark"), "Status")).toBe("Approved");
  });
});
