/** An item goes in: what it becomes, what people see, and what it may cost in requests. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ALERTS,
  type Bot,
  bootBot,
  buttonsOf,
  cardsIn,
  cell,
  emptyInbox,
  eventually,
  notionCalls,
  rowTitled,
  userId,
  wordsOf,
} from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot();
  emptyInbox(bot.world);
  // Schema and catalogue are read once in a process's life; what counts is what an item costs after that.
  await bot.idle();
});

afterAll(() => bot.stop());

const { emm, inboxRow, pipeOf, put, whispersTo } = storiesOf(() => bot);

/** Notion requests that one poll and the item in it made, the poll's own two queries left out. */
async function cost(
  title: string,
  content: string,
): Promise<{ id: string; calls: Record<string, number>; total: number }> {
  const { world } = bot;
  const id = put(title, content);
  world.notion.calls.length = 0;
  world.claude.calls.length = 0;
  await bot.poll();
  await eventually(world, () => cell(inboxRow(id), "Status").startsWith("Triaged"), `${title} triaged`);
  await bot.idle();
  const calls = notionCalls(world);
  const total = Object.values(calls).reduce((sum, n) => sum + n, 0) - 2;
  return { id, calls, total };
}

describe("a strategic item with much at stake", () => {
  it("is argued by three advisers and comes out as one card with its buttons, in at most 10 Notion requests", async () => {
    const { world } = bot;
    const { total } = await cost(
      "Should we expand to the Nordic market in 2027?",
      "Expanding to Sweden and Norway would cost about 2 million euros. The board wants a decision this quarter.",
    );
    const card = await eventually(world, () => cardsIn(world)[0], "a card");
    const words = wordsOf(card);
    expect(buttonsOf(card)).toEqual([
      "decision_approve",
      "decision_edit",
      "decision_reject",
      "decision_details",
      "decision_option",
      "decision_more_info",
    ]);
    for (const adviser of ["Entrepreneur", "Quant", "Auditor"]) expect(words).toContain(adviser);
    expect(words).toMatch(/\$0\.\d+/);
    expect(card.text).toContain("Nordic");
    expect(cardsIn(world)).toHaveLength(1);
    expect(total).toBeLessThanOrEqual(10);
    expect(world.claude.requests.length).toBeGreaterThanOrEqual(6);
  });

  it("leaves a linked intent and a pending Action Pipe that keeps the untouched AI output", () => {
    const { world } = bot;
    const intent = rowTitled(world, "Executive Intents", "Nordic");
    const pipe = pipeOf("Nordic");
    expect(cell(intent, "Status")).toBe("Pending_Approval");
    expect(cell(intent, "Priority")).toBe("P0");
    expect(cell(intent, "Decision_Made")).toBe("");
    expect(cell(pipe, "Approval_Status")).toBe("Pending");
    expect(cell(pipe, "Intent")).toBe(intent?.id);
    expect(JSON.parse(cell(pipe, "AI_Raw_Output"))).toMatchObject({
      triage: { kind: "strategic" },
      advice: [{}, {}, {}],
    });
    expect(cell(pipe, "Slack_Message")).toMatch(/^https:\/\//);
    expect(world.notion.rows("Tasks").filter((row) => cell(row, "Source Intent") === intent?.id)).toEqual([]);
  });
});

describe("an ordinary strategic item", () => {
  it("is judged by one adviser, in at most 10 Notion requests and four Claude calls", async () => {
    const { world } = bot;
    const before = world.claude.requests.length;
    const { total } = await cost(
      "Should we change the weekly meeting to Tuesdays?",
      "Whether to move the weekly team meeting.",
    );
    await eventually(world, () => cardsIn(world)[1], "a second card");
    expect(total).toBeLessThanOrEqual(10);
    expect(world.claude.requests.length - before).toBe(4);
  });
});

describe("an operational item", () => {
  it("becomes a task linked to the inbox row, in at most 4 Notion requests", async () => {
    const { world } = bot;
    const { id, total } = await cost(
      "Book the venue for the summer party",
      "Book a place for 40 people before 1 June.",
    );
    const row = inboxRow(id);
    expect(cell(row, "Status")).toBe("Triaged_to_Task");
    expect(cell(row, "Triage_Destination")).toBe("Operational (Task)");
    const task = world.notion.rows("Tasks").find((r) => r.id === cell(row, "Routed_to_Task"));
    expect(cell(task, "DB_System_Inbox")).toBe(id);
    expect(total).toBeLessThanOrEqual(4);
  });
});

describe("a reference item", () => {
  it("becomes nodes, reusing the ones that exist, in at most 7 Notion requests", async () => {
    const { world } = bot;
    const known = world.notion.rows("Nodes").length;
    const { id, total } = await cost(
      "Notes from the meeting with Priya Raman",
      "FYI: met Priya Raman of Contoso Cloud about the API gateway.",
    );
    const row = inboxRow(id);
    expect(cell(row, "Status")).toBe("Triaged_to_Node");
    expect(cell(row, "Auto_Tags")).not.toBe("");
    const names = world.notion.rows("Nodes").map((node) => cell(node, "Name").toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(world.notion.rows("Nodes").length - known).toBeLessThanOrEqual(3);
    expect(total).toBeLessThanOrEqual(7);
  });
});

describe("an idle poll", () => {
  it("makes two Notion requests, whatever the history", async () => {
    const { world } = bot;
    world.notion.calls.length = 0;
    expect(await bot.poll()).toMatchObject({ found: 0, started: 0, swept: 0 });
    expect(notionCalls(world)).toEqual({ "POST /v1/data_sources/:id/query": 2 });
  });
});

describe("/emm add", () => {
  it("puts the text into the inbox once, has it looked at right away, and tells the asker", async () => {
    const { world } = bot;
    const lee = userId(world, "lee");
    const delivery = await emm("lee", "add Should we hire a second data engineer this quarter?");
    expect(delivery).toMatchObject({ status: 200, error: null });
    await world.slack.replayLast();
    await eventually(world, () => rowTitled(world, "Action Pipes", "data engineer"), "the analysis");
    await bot.idle();
    const rows = world.notion
      .rows("System Inbox")
      .filter((row) => cell(row, "Input_Title").includes("data engineer"));
    expect(rows).toHaveLength(1);
    expect(cell(rows[0], "Requested_By")).toContain(lee);
    const seen = whispersTo("lee").map(({ text }) => text);
    expect(seen.join("\n")).toMatch(/inbox/i);
  });
});

const isPlainText = (value: unknown) =>
  typeof value === "object" && value !== null && "type" in value && value.type === "plain_text";

describe("text from outside", () => {
  it("is shown inert: no mention, no link, nothing lost at 20,000 characters", async () => {
    const { world } = bot;
    const hostile = `<!channel> should we <https://evil.example|click> *now*? ${"Lorem risk ".repeat(1_800)} END-OF-TEXT`;
    await cost("Should we <!here> & <@U0DANA0001> decide?", hostile);
    const card = await eventually(world, () => cardsIn(world).at(-1), "a card");
    expect(wordsOf(card)).toContain("Should we <!here> & <@U0DANA0001> decide?");
    // Slack reads nothing into plain text, nor into what is read aloud for a button.
    const readBySlack = JSON.stringify([card.text, card.blocks], (key, value: unknown) =>
      key === "accessibility_label" || isPlainText(value) ? undefined : value,
    );
    expect(readBySlack).not.toMatch(/<!(channel|here)|<@U0DANA0001>|<https:\/\/evil/);
    const intent = world.notion.rows("Executive Intents").at(-1);
    expect(cell(intent, "Description")).toBe(hostile);
    expect(world.slack.messages(ALERTS)).toEqual([]);
  });
});
