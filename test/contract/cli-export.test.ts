/** `emm export` and `/emm export`: decisions made by people in the real bot, as lines a model can be trained with. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { TrainingExampleSchema } from "../../src/domain/training-examples.ts";
import { createLog } from "../../src/log.ts";
import { openStore } from "../../src/store/store.ts";
import { emm } from "../fixtures/cli.ts";
import { emptyFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { type Bot, bootBot, cardsIn, cell, DECISIONS, emptyInbox, eventually, userId } from "../flows/bot.ts";

let bot: Bot;

const QUESTIONS = {
  approved: "Should we enter the German market this year?",
  edited: "Should we open a second office in Lisbon?",
  rejected: "Should we sell the billing product?",
};

beforeAll(async () => {
  bot = await bootBot();
  emptyInbox(bot.world);
  for (const title of Object.values(QUESTIONS)) {
    const content = `${title} It costs EUR 600,000 and binds us for three years. High risk.`;
    bot.world.notion.create({
      user: "dana@acme.example",
      database: "System Inbox",
      values: { Input_Title: title, Content: content, Status: "Unprocessed", Source: "Manual" },
    });
  }
  await bot.poll();
  await bot.idle();
  await decideInNotion();
  // A row as the earlier version wrote it.
  bot.world.notion.create({
    user: "dana@acme.example",
    database: "Training Data",
    values: { Title: "Old", Outcome: "approved", Original_Plan: "{}", Final_Plan: "{}" },
  });
}, 60_000);

// The last test has stopped the bot to look into its store.
afterAll(async () => {
  await bot.world.close();
  removeDataFolder(bot.dataDir);
});

/** One untouched on the card, one with edited tasks and one rejected in Notion. */
async function decideInNotion(): Promise<void> {
  const { world } = bot;
  const pipeOf = (title: string) => {
    const item = world.notion.rows("System Inbox").find((row) => cell(row, "Input_Title") === title);
    const intent = world.notion
      .rows("Executive Intents")
      .find((row) => row.id === cell(item, "Routed_to_Intent"));
    const pipe = world.notion.rows("Action Pipes").find((row) => cell(row, "Intent") === intent?.id);
    if (!pipe) throw new Error(`no Action Pipe for "${title}"`);
    return pipe;
  };
  const approved = pipeOf(QUESTIONS.approved);
  const card = cardsIn(world).find((message) => JSON.stringify(message.blocks).includes(approved.id));
  if (!card) throw new Error("no card");
  const user = userId(world, "dana");
  await world.slack.click({ user, channel: DECISIONS, ts: card.ts, actionId: "decision_approve" });
  const edit = (id: string, values: Record<string, string>) =>
    world.notion.edit({ user: "dana@acme.example", pageId: id, values });
  edit(pipeOf(QUESTIONS.edited).id, {
    Task_Generation_Template: "Ask three landlords in Lisbon for an offer",
    Approval_Status: "Approved",
  });
  edit(pipeOf(QUESTIONS.rejected).id, { Approval_Status: "Rejected", Decision_Reason: "Not this year" });
  await bot.idle();
  await bot.poll();
  await bot.idle();
  await eventually(world, () => world.notion.rows("Training Data").length === 3, "three training rows");
}

const Answer = z.object({ tasks: z.array(z.string()), rationale: z.string() });

describe("export", () => {
  it("writes every line in the agreed form, with counts of what was left out and why", async () => {
    const folder = emptyFolder();
    const { code, out, err } = await emm(["export", "--out", "training.jsonl"], {
      env: bot.world.env,
      folder,
    });
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(err).toContain("4 rows of Training Data: 2 supervised examples, 1 preference pair in ");
    expect(err).toContain("Left out: 2");
    expect(err).toContain("1 × rejected: nothing was accepted that a model could learn to write");
    expect(err).toContain("1 × written by hand or by an earlier version");
    const lines = readFileSync(join(folder, "training.jsonl"), "utf8").trimEnd().split("\n");
    const examples = lines.map((line) => TrainingExampleSchema.parse(JSON.parse(line)));
    expect(examples.map(({ type, outcome }) => `${type} ${outcome}`).toSorted()).toEqual([
      "preference edited",
      "supervised approved",
      "supervised edited",
    ]);
    expect(existsSync(join(folder, "training.jsonl.new"))).toBe(false);
  });

  it("holds the prompts that were sent to Claude, to the letter", async () => {
    const { out } = await emm(["export"], { env: bot.world.env });
    const sent = new Set(bot.world.claude.requests.map(({ system, prompt }) => `${system}\n---\n${prompt}`));
    const examples = out
      .trimEnd()
      .split("\n")
      .map((line) => TrainingExampleSchema.parse(JSON.parse(line)));
    expect(examples).toHaveLength(3);
    for (const example of examples) {
      const [system, user] = example.type === "supervised" ? example.messages : example.prompt;
      expect(sent).toContain(`${system.content}\n---\n${user.content}`);
    }
  });

  it("sets what people made of it above what was proposed", async () => {
    const { out } = await emm(["export", "--only", "preference"], { env: bot.world.env });
    const example = TrainingExampleSchema.parse(JSON.parse(out));
    if (example.type !== "preference") throw new Error("not a pair");
    const chosen = Answer.parse(JSON.parse(example.chosen[0].content));
    const rejected = Answer.parse(JSON.parse(example.rejected[0].content));
    expect(chosen.tasks).toEqual(["Ask three landlords in Lisbon for an offer"]);
    expect(rejected.tasks).not.toEqual(chosen.tasks);
    expect(chosen.rationale).toBe(rejected.rationale);
  });

  it("learns nothing from a decision of which people said later that it was wrong", async () => {
    const { notion } = bot.world;
    const settled = notion.rows("Training Data").find((row) => cell(row, "Outcome") === "approved");
    const row = notion.create({
      user: "dana@acme.example",
      database: "Training Data",
      values: {
        Title: "Review after 30 days",
        Outcome: "review: wrong",
        Intent_ID: cell(settled, "Intent_ID"),
        Key: `${cell(settled, "Key").replace("training:", "review:")}:30`,
        Timestamp: "2027-01-04T12:00:00.000Z",
      },
    });
    const { err } = await emm(["export"], { env: bot.world.env });
    notion.trash(row.id);
    expect(err).toContain("5 rows of Training Data: 1 supervised example, 1 preference pair");
    expect(err).toContain("1 × reviewed as wrong: what turned out badly is nothing to learn");
    expect(err).toContain("1 × a review: it counts for the row of its decision");
  });

  it("names nobody who decided", async () => {
    const { out } = await emm(["export"], { env: bot.world.env });
    expect(out).not.toMatch(/Dana|U0DANA/);
  });

  it("leaves out a row whose plan was broken by hand, and says so", async () => {
    const row = bot.world.notion
      .rows("Training Data")
      .find((one) => cell(one, "Outcome") === "approved" && cell(one, "Key"));
    if (!row) throw new Error("no row");
    const whole = cell(row, "Final_Plan");
    const set = (text: string) =>
      bot.world.notion.edit({ user: "dana@acme.example", pageId: row.id, values: { Final_Plan: text } });
    set(whole.slice(0, 200));
    const { out } = await emm(["export", "--json"], { env: bot.world.env });
    set(whole);
    expect(JSON.parse(out)).toMatchObject({
      rows: 4,
      supervised: 1,
      leftOut: expect.arrayContaining([
        { reason: "Original_Plan or Final_Plan is not a plan in JSON", count: 1 },
      ]),
    });
  });
});

describe("/emm export", () => {
  const ask = (handle: string, text: string) =>
    bot.world.slack.command({ user: userId(bot.world, handle), channel: DECISIONS, command: "/emm", text });
  const inDm = (handle: string) =>
    bot.world.slack.messages(bot.world.slack.directMessage(userId(bot.world, handle)));

  it("hands the same file to whoever asked, privately, with the counts", async () => {
    await ask("dana", "export");
    await bot.idle();
    const { out } = await emm(["export"], { env: bot.world.env });
    expect(bot.world.slack.files().map(({ content }) => content)).toEqual([out]);
    const message = inDm("dana").at(-1);
    expect(message?.files).toMatchObject([
      { title: expect.stringMatching(/^training-data-\d{4}-\d\d-\d\d\.jsonl$/) },
    ]);
    expect(message?.text).toContain("4 rows of Training Data: 2 supervised examples, 1 preference pair.");
    expect(message?.text).toMatch(/^Left out: 2\n(• 1 × .+\n){2}The file holds/m);
  });

  it("is one kind of line when asked for one, and says what Notion refuses", async () => {
    const { notion, slack } = bot.world;
    const files = slack.files().length;
    await ask("sam", "export preference");
    await bot.idle();
    expect(slack.files().slice(files)).toMatchObject([
      { title: expect.stringMatching(/-preference\.jsonl$/) },
    ]);
    expect(inDm("sam").filter((message) => message.files.length > 0)).toHaveLength(1);

    const refusal = { kind: "status", status: 401, code: "unauthorized" } as const;
    notion.faults.add({ route: "POST /v1/data_sources/:id/query", effect: refusal });
    await ask("sam", "export");
    await bot.idle();
    notion.faults.clear();
    expect(inDm("sam").at(-1)?.text).toMatch(/^The export of Training Data did not work: Notion /);
    expect(slack.files()).toHaveLength(files + 1);
  });

  it("leaves a row in the audit for each", async () => {
    await bot.app.stop();
    const log = createLog({ level: "ERROR", json: true });
    const store = await openStore({ databaseUrl: null, dataDir: bot.dataDir, log });
    const rows = await store.db
      .selectFrom("audit")
      .select(["actor", "subject", "outcome", "detail"])
      .where("action", "=", "training.export")
      .orderBy("id")
      .execute();
    await store.close();
    const [dana, sam] = [userId(bot.world, "dana"), userId(bot.world, "sam")];
    const both = "supervised and preference";
    expect(rows).toEqual([
      { actor: dana, subject: both, outcome: "done", detail: "4 rows, 2 supervised, 1 preference" },
      { actor: sam, subject: "preference", outcome: "done", detail: "4 rows, 0 supervised, 1 preference" },
      { actor: sam, subject: both, outcome: "failed", detail: "notion_unauthorized" },
    ]);
  });
});
