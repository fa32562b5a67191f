/** The world fails: what people see meanwhile, and that nothing is lost, doubled or dressed up. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import {
  ALERTS,
  type Bot,
  bootBot,
  buttonsOf,
  cardsIn,
  cell,
  DECISIONS,
  emptyInbox,
  eventually,
  rowTitled,
  userId,
  wordsOf,
} from "./bot.ts";

let bot: Bot;

beforeEach(async () => {
  bot = await bootBot();
  emptyInbox(bot.world);
  await bot.poll();
});

afterEach(() => bot.stop());

const STRATEGIC = {
  Input_Title: "Should we expand to Denmark?",
  Content: "Expanding to Denmark would cost 3 million euros and changes the whole company.",
  Status: "Unprocessed",
};

function put(values: Record<string, string> = STRATEGIC): string {
  const { notion } = bot.world;
  return notion.create({ user: notion.users[0]?.id ?? "", database: "System Inbox", values }).id;
}

const inbox = (id: string) => bot.world.notion.rows("System Inbox").find((row) => row.id === id);

async function card(): Promise<SlackMessage> {
  put();
  await bot.poll();
  await bot.idle();
  return eventually(bot.world, () => cardsIn(bot.world)[0], "a card");
}

const click = (handle: string, on: SlackMessage, actionId: string) =>
  bot.world.slack.click({ user: userId(bot.world, handle), channel: on.channel, ts: on.ts, actionId });

const again = (on: SlackMessage) => bot.world.slack.messages(on.channel).find((m) => m.ts === on.ts) ?? on;

describe("Notion is down while somebody approves", () => {
  it("acknowledges at once, says 'recording', and records once when Notion is back", async () => {
    const { world } = bot;
    const pending = await card();
    world.notion.faults.add({ route: /./, effect: { kind: "status", status: 503 } });
    const delivery = await click("dana", pending, "decision_approve");
    expect(delivery).toMatchObject({ status: 200, error: null });
    await eventually(
      world,
      () => /recording/i.test(again(pending).text),
      "the card to say that it is recording",
    );
    expect(buttonsOf(again(pending))).not.toContain("decision_approve");
    expect(world.notion.rows("Training Data")).toEqual([]);

    world.notion.faults.clear();
    await eventually(world, () => /approved/i.test(again(pending).text), "the decided card");
    await bot.idle();
    expect(world.notion.rows("Training Data")).toHaveLength(1);
    expect(world.notion.rows("Tasks").length).toBeGreaterThanOrEqual(3);
  });

  it("survives a restart in the middle", async () => {
    const { world } = bot;
    const pending = await card();
    world.notion.faults.add({ route: /./, effect: { kind: "status", status: 503 } });
    await click("dana", pending, "decision_approve");
    await eventually(world, () => /recording/i.test(again(pending).text), "recording");
    await bot.restart();
    world.notion.faults.clear();
    await eventually(world, () => /approved/i.test(again(pending).text), "the decided card");
    await bot.idle();
    expect(world.notion.rows("Training Data")).toHaveLength(1);
  });
});

describe("one failing write", () => {
  const kinds = [
    { name: "saved but 503", effect: { kind: "committed-error", status: 503 } },
    { name: "lost with 502", effect: { kind: "status", status: 502 } },
    { name: "cut after saving", effect: { kind: "reset", committed: true } },
    { name: "cut before saving", effect: { kind: "reset", committed: false } },
    // Each of these is a second of waiting, as Notion asks for.
    { name: "429", effect: { kind: "status", status: 429, retryAfterSeconds: 1 }, apart: 7 },
  ] as const;

  it.each(kinds)("$name at any create: each record once", async ({ effect, ...kind }) => {
    const { world } = bot;
    // Every second request that makes a page, on the whole way.
    for (let nth = 0; nth < 14; nth += "apart" in kind ? kind.apart : 2)
      world.notion.faults.add({ route: "POST /v1/pages", times: 1, after: nth, effect });
    put();
    await bot.poll();
    await bot.idle();
    const pending = await eventually(world, () => cardsIn(world)[0], "a card");
    await click("dana", pending, "decision_approve");
    await bot.idle();
    expect(world.notion.rows("Executive Intents")).toHaveLength(1);
    expect(world.notion.rows("Action Pipes")).toHaveLength(1);
    expect(world.notion.rows("Training Data")).toHaveLength(1);
    expect(world.notion.rows("Projects")).toHaveLength(1);
    expect(world.notion.rows("Execution Log")).toHaveLength(2);
    const tasks = world.notion.rows("Tasks").map((row) => cell(row, "Name"));
    expect(new Set(tasks).size).toBe(tasks.length);
    expect(cardsIn(world)).toHaveLength(1);
  });
});

describe("Slack is down", () => {
  it("posts the one card when it is back, also when the answer to the first post was lost", async () => {
    const { world } = bot;
    world.slack.faults.add({
      route: "chat.postMessage",
      times: 1,
      effect: { kind: "reset", committed: true },
    });
    world.slack.faults.add({ route: "chat.postMessage", times: 2, effect: { kind: "status", status: 503 } });
    put();
    await bot.poll();
    await bot.idle();
    expect(cardsIn(world)).toHaveLength(1);
    expect(cell(rowTitled(world, "Action Pipes", "Denmark"), "Slack_Message")).toMatch(/^https/);
  });

  it("still records the decision, and repairs the card afterwards", async () => {
    const { world } = bot;
    const pending = await card();
    world.slack.faults.add({ route: "chat.update", effect: { kind: "status", status: 503 } });
    await click("dana", pending, "decision_approve");
    await eventually(world, () => world.notion.rows("Training Data").length === 1, "the training row");
    world.slack.faults.clear();
    await eventually(world, () => /approved/i.test(again(pending).text), "the repaired card");
  });
});

describe("Claude", () => {
  it("refusing three times makes a failed item with the reason and one card; Retry brings it through", async () => {
    const { world } = bot;
    world.claude.faults.add({ route: "/v1/messages", effect: { kind: "stop", reason: "refusal" } });
    const id = put();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await bot.poll();
      await bot.idle();
      bot.moveClock(60_000);
    }
    expect(cell(inbox(id), "Status")).toBe("Failed");
    expect(cell(inbox(id), "Last_Error")).toMatch(/refus|declin/i);
    expect(world.notion.rows("Executive Intents")).toEqual([]);
    const letters = world.slack.messages(ALERTS).filter((m) => buttonsOf(m).includes("deadletter_retry"));
    expect(letters).toHaveLength(1);
    const letter = letters[0] as SlackMessage;
    expect(wordsOf(letter)).toMatch(/Denmark/);

    world.claude.faults.clear();
    await click("dana", letter, "deadletter_retry");
    await eventually(world, () => cardsIn(world)[0], "the card after Retry");
    await bot.idle();
    expect(cell(inbox(id), "Status")).toBe("Triaged_to_Intent");
    expect(cell(inbox(id), "Last_Error")).toBe("");
    expect(buttonsOf(again(letter))).toEqual([]);
  });

  it("failing for one adviser leaves a card that says who is missing and why", async () => {
    const { world } = bot;
    // Triage and frame pass; of the three advisers one is refused.
    world.claude.faults.add({
      route: "/v1/messages",
      after: 2,
      times: 1,
      effect: { kind: "stop", reason: "refusal" },
    });
    const pending = await card();
    expect(wordsOf(pending)).toMatch(/Not heard: The (Entrepreneur|Quant|Auditor)/);
    expect(
      JSON.parse(cell(rowTitled(world, "Action Pipes", "Denmark"), "AI_Raw_Output")).missing,
    ).toHaveLength(1);
  });

  it("answering garbage once is repaired; it is never stored as an analysis", async () => {
    const { world } = bot;
    world.claude.faults.add({
      route: "/v1/messages",
      times: 1,
      effect: { kind: "garbage", body: "I would rather not say." },
    });
    const pending = await card();
    expect(wordsOf(pending)).not.toContain("rather not");
    expect(cell(rowTitled(world, "Action Pipes", "Denmark"), "AI_Raw_Output")).not.toContain("rather not");
  });
});

describe("the budget", () => {
  it("holds new analyses at the cap, tells the channel once, and loses nothing", async () => {
    await bot.stop();
    bot = await bootBot({ env: { DAILY_BUDGET_USD: "0.0001" } });
    const { world } = bot;
    emptyInbox(world);
    const ids = [put(), put({ ...STRATEGIC, Input_Title: "Should we expand to Sweden?" })];
    for (let n = 0; n < 3; n += 1) {
      await bot.poll();
      await bot.idle();
    }
    for (const id of ids) expect(cell(inbox(id), "Status")).toBe("Unprocessed");
    expect(world.claude.requests).toEqual([]);
    const notes = [...world.slack.messages(ALERTS), ...world.slack.messages(DECISIONS)].filter((m) =>
      /budget/i.test(m.text),
    );
    expect(notes).toHaveLength(1);
  });
});

describe("nobody decides in time", () => {
  it("is expired, which is not rejected, and nothing is carried out", async () => {
    await bot.stop();
    bot = await bootBot({ env: { DECISION_TTL_HOURS: "1" } });
    emptyInbox(bot.world);
    const pending = await card();
    bot.moveClock(2 * 3_600_000);
    await bot.poll();
    await bot.idle();
    const { world } = bot;
    expect(cell(rowTitled(world, "Action Pipes", "Denmark"), "Approval_Status")).toBe("Expired");
    expect(cell(world.notion.rows("Training Data")[0], "Outcome")).toBe("expired");
    expect(world.notion.rows("Tasks")).toEqual([]);
    expect(again(pending).text).toMatch(/expired/i);
    expect(await click("dana", pending, "decision_approve")).toMatchObject({ status: 0 });
  });
});
