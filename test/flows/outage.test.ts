/** The world fails: what people see meanwhile, and that nothing is lost, doubled or dressed up. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { ALERTS, type Bot, bootBot, buttonsOf, cell, emptyInbox, eventually, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot({ env: { DECISION_TTL_HOURS: "1" } });
  emptyInbox(bot.world);
  await bot.poll();
});

afterEach(() => {
  for (const side of [bot.world.notion, bot.world.slack, bot.world.claude]) side.faults.clear();
});

afterAll(() => bot.stop());

const { ask, cardAbout, cardsAbout, click, inboxRow, now, pipeOf, rowsAbout, settle, tasksOf, trainingRows } =
  storiesOf(() => bot);

describe("Notion is down while somebody approves", () => {
  it("acknowledges at once, says 'recording', and records once when Notion is back", async () => {
    const { world } = bot;
    const pending = await cardAbout("Denmark");
    world.notion.faults.add({ route: /./, effect: { kind: "status", status: 503 } });
    const delivery = await click("dana", pending, "decision_approve");
    expect(delivery).toMatchObject({ status: 200, error: null });
    await eventually(
      world,
      () => /recording/i.test(now(pending).text),
      "the card to say that it is recording",
    );
    expect(buttonsOf(now(pending))).not.toContain("decision_approve");
    expect(trainingRows("Denmark")).toEqual([]);

    world.notion.faults.clear();
    await eventually(world, () => /approved/i.test(now(pending).text), "the decided card");
    await bot.idle();
    expect(trainingRows("Denmark")).toHaveLength(1);
    expect(tasksOf("Denmark").length).toBeGreaterThanOrEqual(3);
  });

  it("survives a restart in the middle", async () => {
    const { world } = bot;
    const pending = await cardAbout("Sweden");
    world.notion.faults.add({ route: /./, effect: { kind: "status", status: 503 } });
    await click("dana", pending, "decision_approve");
    await eventually(world, () => /recording/i.test(now(pending).text), "recording");
    await bot.restart();
    world.notion.faults.clear();
    await eventually(world, () => /approved/i.test(now(pending).text), "the decided card");
    await bot.idle();
    expect(trainingRows("Sweden")).toHaveLength(1);
  });
});

describe("one failing write", () => {
  const kinds = [
    { name: "saved but 503", subject: "Norway", effect: { kind: "committed-error", status: 503 } },
    { name: "lost with 502", subject: "Finland", effect: { kind: "status", status: 502 } },
    { name: "cut after saving", subject: "Iceland", effect: { kind: "reset", committed: true } },
    { name: "cut before saving", subject: "Estonia", effect: { kind: "reset", committed: false } },
    // Each of these is a second of waiting, as Notion asks for.
    {
      name: "429",
      subject: "Latvia",
      effect: { kind: "status", status: 429, retryAfterSeconds: 1 },
      apart: 7,
    },
  ] as const;

  it.each(kinds)("$name at any create: each record once", async ({ effect, subject, ...kind }) => {
    const { world } = bot;
    const logged = world.notion.rows("Execution Log").length;
    // Every second request that makes a page, on the whole way.
    for (let nth = 0; nth < 14; nth += "apart" in kind ? kind.apart : 2)
      world.notion.faults.add({ route: "POST /v1/pages", times: 1, after: nth, effect });
    const pending = await cardAbout(subject);
    await click("dana", pending, "decision_approve");
    await bot.idle();
    for (const database of ["Executive Intents", "Action Pipes", "Training Data", "Projects"])
      expect(rowsAbout(database, subject), database).toHaveLength(1);
    expect(world.notion.rows("Execution Log")).toHaveLength(logged + 2);
    const tasks = tasksOf(subject).map((row) => cell(row, "Name"));
    expect(tasks.length).toBeGreaterThanOrEqual(3);
    expect(new Set(tasks).size).toBe(tasks.length);
    expect(cardsAbout(subject)).toHaveLength(1);
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
    ask("Malta");
    await settle();
    expect(cardsAbout("Malta")).toHaveLength(1);
    expect(cell(pipeOf("Malta"), "Slack_Message")).toMatch(/^https/);
  });

  it("still records the decision, and repairs the card afterwards", async () => {
    const { world } = bot;
    const pending = await cardAbout("Cyprus");
    world.slack.faults.add({ route: "chat.update", effect: { kind: "status", status: 503 } });
    await click("dana", pending, "decision_approve");
    await eventually(world, () => trainingRows("Cyprus").length === 1, "the training row");
    world.slack.faults.clear();
    await eventually(world, () => /approved/i.test(now(pending).text), "the repaired card");
  });
});

describe("Claude", () => {
  it("refusing three times makes a failed item with the reason and one card; Retry brings it through", async () => {
    const { world } = bot;
    world.claude.faults.add({ route: "/v1/messages", effect: { kind: "stop", reason: "refusal" } });
    const id = ask("Portugal");
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await settle();
      bot.moveClock(60_000);
    }
    expect(cell(inboxRow(id), "Status")).toBe("Failed");
    expect(cell(inboxRow(id), "Last_Error")).toMatch(/refus|declin/i);
    expect(rowsAbout("Executive Intents", "Portugal")).toEqual([]);
    const letters = world.slack.messages(ALERTS).filter((m) => buttonsOf(m).includes("deadletter_retry"));
    expect(letters).toHaveLength(1);
    const letter = letters[0] as SlackMessage;
    expect(wordsOf(letter)).toMatch(/Portugal/);

    world.claude.faults.clear();
    await click("dana", letter, "deadletter_retry");
    await eventually(world, () => cardsAbout("Portugal")[0], "the card after Retry");
    await bot.idle();
    expect(cell(inboxRow(id), "Status")).toBe("Triaged_to_Intent");
    expect(cell(inboxRow(id), "Last_Error")).toBe("");
    expect(buttonsOf(now(letter))).toEqual([]);
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
    const pending = await cardAbout("Spain");
    expect(wordsOf(pending)).toMatch(/Not heard: The (Entrepreneur|Quant|Auditor)/);
    expect(JSON.parse(cell(pipeOf("Spain"), "AI_Raw_Output")).missing).toHaveLength(1);
  });

  it("answering garbage once is repaired; it is never stored as an analysis", async () => {
    const { world } = bot;
    world.claude.faults.add({
      route: "/v1/messages",
      times: 1,
      effect: { kind: "garbage", body: "I would rather not say." },
    });
    const pending = await cardAbout("Serbia");
    expect(wordsOf(pending)).not.toContain("rather not");
    expect(cell(pipeOf("Serbia"), "AI_Raw_Output")).not.toContain("rather not");
  });
});

describe("nobody decides in time", () => {
  it("is expired, which is not rejected, and nothing is carried out", async () => {
    const carriedOut = bot.world.notion.rows("Tasks").length;
    const pending = await cardAbout("Croatia");
    bot.moveClock(2 * 3_600_000);
    await settle();
    expect(cell(pipeOf("Croatia"), "Approval_Status")).toBe("Expired");
    expect(trainingRows("Croatia").map((row) => cell(row, "Outcome"))).toEqual(["expired"]);
    expect(bot.world.notion.rows("Tasks")).toHaveLength(carriedOut);
    expect(now(pending).text).toMatch(/expired/i);
    expect(await click("dana", pending, "decision_approve")).toMatchObject({ status: 0 });
  });
});
