/** Forged, altered and stolen requests: nobody decides who may not, and nothing is decided that was not shown. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { type Bot, bootBot, cell, DECISIONS, emptyInbox, eventually, userId, wordsOf } from "./bot.ts";
import { forgerOf } from "./forged.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

beforeAll(async () => {
  // Dana by name, Sam through the group.
  bot = await bootBot({ env: { SLACK_APPROVERS: "U0DANA0001,S0LEADERS1", SELF_APPROVAL: "forbid" } });
  emptyInbox(bot.world);
});

afterAll(() => bot.stop());

const { cardAbout, cardsAbout, click, edit, emm, modalOf, pipeOf, submit, tasksOf, trainingRows } = storiesOf(
  () => bot,
);
const slackSide = () => bot.world.slack;

interface Value {
  id: string;
  hash: string;
}

function valueOn(card: SlackMessage): Value {
  return JSON.parse(/"value":"((?:[^"\\]|\\.)*)"/.exec(wordsOf(card))?.[1]?.replaceAll('\\"', '"') ?? "{}");
}

const forged = forgerOf(() => bot);

/** A click with any value, as anybody. */
const forgedClick = (
  card: SlackMessage,
  click: { user: string; teamId?: string; value: string; actionId?: string },
) => forged.click({ actionId: "decision_approve", ...click, card });
const forgedSubmission = forged.submit;

const text = (value: string) => ({ type: "plain_text_input", value });
const notesTo = (id: string) =>
  slackSide()
    .messages(DECISIONS)
    .filter((m) => m.visibleTo === id);

async function stillPending(subject: string): Promise<void> {
  await bot.idle();
  expect(cell(pipeOf(subject), "Approval_Status")).toBe("Pending");
  expect(trainingRows(subject)).toEqual([]);
}

describe("a request that Slack did not sign so", () => {
  it("is refused without detail: wrong, old, future, altered or missing signature", async () => {
    const card = await cardAbout("Denmark");
    const body = new URLSearchParams({ payload: JSON.stringify({ type: "block_actions" }) }).toString();
    const now = Math.floor(Date.now() / 1000);
    const side = bot.world.slack;
    const refused = [
      await side.send(body, { signature: `v0=${"0".repeat(64)}` }),
      await side.send(body, { signature: "v0=" }),
      await side.send(body, { signature: "" }),
      await side.send(body, { timestamp: now - 400 }),
      await side.send(body, { timestamp: now + 400 }),
      await side.send(body, { timestamp: now * 1000 }),
      await side.send(body, { timestamp: Number.NaN }),
    ];
    expect(refused.map((answer) => answer.status)).toEqual(refused.map(() => 401));
    const url = `http://127.0.0.1:${bot.app.httpPort()}/slack/events`;
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const bare = await fetch(url, { method: "POST", headers: form, body });
    expect(bare.status).toBe(401);
    expect((await bare.text()).length).toBeLessThan(40);
    // Signed for another body.
    const stamp = String(now);
    const { createHmac } = await import("node:crypto");
    const mac = createHmac("sha256", side.seed.signingSecret).update(`v0:${stamp}:${body}`).digest("hex");
    const swapped = await fetch(url, {
      method: "POST",
      headers: { ...form, "x-slack-request-timestamp": stamp, "x-slack-signature": `v0=${mac}` },
      body: `${body}x`,
    });
    expect(swapped.status).toBe(401);
    const huge = await side.send(`payload=${"x".repeat(2_000_000)}`);
    expect(huge.status).toBe(413);
    expect(cell(pipeOf("Denmark"), "Approval_Status")).toBe("Pending");
    expect(card.text).toContain("Denmark");
  });
});

describe("a forged button", () => {
  it("with another hash, id or garbage decides nothing", async () => {
    const dana = userId(bot.world, "dana");
    const card = await cardAbout("Finland");
    const other = await cardAbout("Sweden");
    const mine = valueOn(card);
    const values = [
      JSON.stringify({ id: mine.id, hash: "0".repeat(32) }),
      JSON.stringify({ id: mine.id, hash: valueOn(other).hash }),
      JSON.stringify({ id: "00000000-0000-0000-0000-000000000000", hash: mine.hash }),
      JSON.stringify({ id: "'; drop table emm.decisions; --", hash: mine.hash }),
      JSON.stringify({ id: { $ne: 1 }, hash: mine.hash }),
      "not json",
      "",
      "null",
    ];
    for (const value of values) {
      const before = notesTo(dana).length;
      expect(await forgedClick(card, { user: dana, value })).toMatchObject({ status: 200 });
      await eventually(bot.world, () => notesTo(dana).length > before, `a note about ${value}`);
    }
    await stillPending("Finland");
    await stillPending("Sweden");
  });

  it("by guest, stranger, somebody who left, the bot, a ghost or in another team's name decides nothing", async () => {
    const card = await cardAbout("Norway");
    const value = JSON.stringify(valueOn(card));
    const users = [
      "U0GUEST001",
      "U0STRANGE1",
      "U0FORMER01",
      "U0EMMBOT01",
      "U0NOBODY99",
      "USLACKBOT",
      "U0LEE00001",
    ];
    for (const user of users) await forgedClick(card, { user, value });
    await forgedClick(card, { user: userId(bot.world, "dana"), teamId: "T0PARTNER1", value });
    await stillPending("Norway");
  });
});

describe("a forged form", () => {
  it("with an option that is not among the options does not get it approved", async () => {
    const card = await cardAbout("Iceland");
    const plan = JSON.parse(cell(pipeOf("Iceland"), "AI_Raw_Output"));
    const offered: string[] = plan.frame.options.map((option: { id: string }) => option.id);
    const foreign = ["D", "C"].find((id) => !offered.includes(id));
    expect(foreign).toBeDefined();
    await forgedSubmission({
      user: userId(bot.world, "dana"),
      metadata: JSON.stringify(valueOn(card)),
      callbackId: "decision_edit_view",
      values: {
        edit_option: { decision_option: { type: "static_select", selected_option: { value: foreign } } },
      },
    });
    await bot.idle();
    const final = trainingRows("Iceland").map((row) => JSON.parse(cell(row, "Final_Plan")).recommendedOption);
    for (const option of final) expect(offered).toContain(option);
  });

  it("with another decision's hash, or nobody's metadata, decides nothing", async () => {
    const card = await cardAbout("Greenland");
    const { id } = valueOn(card);
    for (const metadata of [
      JSON.stringify({ id, hash: "f".repeat(32) }),
      "{}",
      "",
      '{"id":"x","hash":"y"}',
    ]) {
      const user = userId(bot.world, "dana");
      const values = { reject_reason: { reason: text("No") } };
      expect(
        await forgedSubmission({ user, metadata, callbackId: "decision_reject_view", values }),
      ).toMatchObject({ status: 200 });
    }
    await stillPending("Greenland");
  });

  it("whose reason holds NUL, half an emoji and <!channel> is recorded once, and shown inert", async () => {
    const card = await cardAbout("Portugal");
    await forgedSubmission({
      user: userId(bot.world, "dana"),
      metadata: JSON.stringify(valueOn(card)),
      callbackId: "decision_reject_view",
      values: { reject_reason: { reason: text("No \u0000 and \ud83d <!channel> <@U0SAM00001> no") } },
    });
    await bot.idle();
    expect(cell(pipeOf("Portugal"), "Approval_Status")).toBe("Rejected");
    expect(trainingRows("Portugal")).toHaveLength(1);
    const now = slackSide()
      .messages(DECISIONS)
      .filter((m) => m.ts === card.ts || m.threadTs === card.ts);
    for (const message of now) expect(wordsOf(message) + message.text).not.toMatch(/<!channel>|<@U0SAM/);
    expect(JSON.stringify(now)).toContain("&lt;!channel&gt;");
  });

  it("with 51 tasks is refused at the field, with 50 makes each of them once", async () => {
    const card = await cardAbout("Spain");
    const lines = (count: number) => text(Array.from({ length: count }, (_, n) => `t${n}`).join("\n"));
    const submitted = (count: number) =>
      forgedSubmission({
        user: userId(bot.world, "dana"),
        metadata: JSON.stringify(valueOn(card)),
        callbackId: "decision_edit_view",
        values: { edit_tasks: { tasks: lines(count) } },
      });
    await submitted(51);
    await bot.idle();
    const tasks = () => tasksOf("Spain");
    expect(tasks()).toEqual([]);
    await submitted(50);
    await bot.idle();
    expect(new Set(tasks().map((row) => cell(row, "Name"))).size).toBe(50);
    expect(tasks()).toHaveLength(50);
  });
});

describe("rights that end", () => {
  it("an approver taken out of the group while the form is open cannot submit it", async () => {
    const card = await cardAbout("Latvia");
    const sam = userId(bot.world, "sam");
    await click("sam", card, "decision_reject");
    await eventually(bot.world, () => modalOf("sam"), "the form");
    const group = slackSide().seed.groups[0];
    group?.users.splice(group.users.indexOf(sam), 1);
    await submit("sam", { reject_reason: "No" });
    await stillPending("Latvia");
    group?.users.push(sam);
  });
});

describe("SELF_APPROVAL=forbid", () => {
  it("holds for Approve, for Edit and in Notion; rejecting one's own request is allowed", async () => {
    const { world } = bot;
    const dana = userId(world, "dana");
    await emm("dana", "add Should we expand to Malta for 3 million euros?");
    const card = await eventually(world, () => cardsAbout("Malta")[0], "Malta");
    await bot.idle();
    const value = JSON.stringify(valueOn(card));
    await forgedClick(card, { user: dana, value });
    await forgedSubmission({
      user: dana,
      metadata: value,
      callbackId: "decision_edit_view",
      values: { edit_reason: { reason: text("mine") } },
    });
    await stillPending("Malta");
    edit("dana", pipeOf("Malta")?.id, { Approval_Status: "Approved" });
    await bot.poll();
    await stillPending("Malta");
    await forgedSubmission({
      user: dana,
      metadata: value,
      callbackId: "decision_reject_view",
      values: { reject_reason: { reason: text("Changed my mind") } },
    });
    await bot.idle();
    expect(cell(pipeOf("Malta"), "Approval_Status")).toBe("Rejected");
  });
});
