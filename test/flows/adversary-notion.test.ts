/** Notion and Slack pull at the same decision: one winner, the loser hears of it, and nothing shown is untrue. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { ALERTS, type Bot, bootBot, cell, emptyInbox, rowTitled, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot();
  emptyInbox(bot.world);
});

beforeEach(() => {
  bot.world.notion.faults.clear();
  bot.world.notion.queryLagMs = 0;
});

afterAll(() => bot.stop());

const { cardAbout, cardsAbout, edit, now, pipeOf, rowsAbout, settle, thread, trainingRows, ...people } =
  storiesOf(() => bot);
const approve = (handle: string, card: SlackMessage) => people.click(handle, card, "decision_approve");

describe("a rejection in Notion and an approval in Slack at the same moment", () => {
  it("Slack first: approved, carried out once; the rejection is put back, then and later, and the thread says so", async () => {
    const card = await cardAbout("Denmark");
    const { id } = pipeOf("Denmark") ?? {};
    const tooLate = () => thread(card).filter((m) => /set to Rejected in Notion, too late/.test(m.text));
    await Promise.all([
      approve("dana", card),
      Promise.resolve().then(() => edit("sam", id, { Approval_Status: "Rejected" })),
    ]);
    await bot.idle();
    await settle();
    expect(tooLate()).toHaveLength(1);
    edit("sam", id, { Approval_Status: "Rejected", Risk_Assessment: "Changed later." });
    await settle();
    await settle();
    expect(tooLate()).toHaveLength(2);
    expect(cell(pipeOf("Denmark"), "Approval_Status")).toBe("Approved");
    expect(trainingRows("Denmark")).toHaveLength(1);
    expect(now(card).text).toMatch(/approved by Dana/i);
    expect(cardsAbout("Denmark")).toHaveLength(1);
  });

  it("both in flight: one decision, on the card as in Notion", async () => {
    const card = await cardAbout("Sweden");
    edit("sam", pipeOf("Sweden")?.id, { Approval_Status: "Rejected" });
    await Promise.all([approve("dana", card), bot.poll()]);
    await bot.idle();
    await settle();
    const [row, ...more] = trainingRows("Sweden");
    expect(more).toEqual([]);
    const outcome = cell(row, "Outcome");
    expect(now(card).text.toLowerCase()).toContain(outcome);
    expect(cell(pipeOf("Sweden"), "Approval_Status").toLowerCase()).toBe(outcome);
  });
});

describe("several people set the status in Notion within the same minute", () => {
  it("who is refused twice is put back twice, and does not swallow the approver's decision", async () => {
    const card = await cardAbout("Norway");
    for (let n = 0; n < 2; n += 1) {
      edit("lee", pipeOf("Norway")?.id, { Approval_Status: "Approved" });
      await settle();
      expect(cell(pipeOf("Norway"), "Approval_Status")).toBe("Pending");
    }
    expect(trainingRows("Norway")).toEqual([]);
    edit("dana", pipeOf("Norway")?.id, { Approval_Status: "Approved" });
    await settle();
    expect(trainingRows("Norway")).toHaveLength(1);
    expect(now(card).text).toMatch(/approved by Dana/i);
  });
});

describe("an edit in Notion that a click and a poll notice together", () => {
  it("makes one replacement", async () => {
    const { world } = bot;
    const card = await cardAbout("Portugal");
    world.notion.latencyMs = 60;
    edit("lee", pipeOf("Portugal")?.id, { Risk_Assessment: "A strike was announced." });
    await Promise.all([approve("dana", card), bot.poll(), bot.poll()]);
    await bot.idle();
    world.notion.latencyMs = 0;
    const pipes = world.notion
      .rows("Action Pipes")
      .filter((row) => cell(row, "Action_Title").includes("Portugal"));
    expect(pipes.map((row) => cell(row, "Approval_Status")).sort()).toEqual(["Pending", "Superseded"]);
    expect(cardsAbout("Portugal")).toHaveLength(2);
    expect(trainingRows("Portugal")).toEqual([]);
  });
});

describe("things thrown away in Notion", () => {
  it("a trashed Action Pipe closes the card, which promises no new one; the clicker is told so", async () => {
    const { world } = bot;
    const card = await cardAbout("Spain");
    world.notion.trash(pipeOf("Spain")?.id ?? "");
    await approve("dana", card);
    await bot.idle();
    expect(trainingRows("Spain")).toEqual([]);
    expect(wordsOf(now(card))).toMatch(/trash/);
    expect(wordsOf(now(card)) + now(card).text).not.toMatch(/new card/i);
    expect(wordsOf(now(card))).not.toContain("decision_approve");
    expect(cardsAbout("Spain")).toHaveLength(1);
  });

  it("a trashed intent: the card says that Notion did not take the decision, and the alerts channel why", async () => {
    const { world } = bot;
    const card = await cardAbout("Latvia");
    world.notion.trash(rowTitled(world, "Executive Intents", "Latvia")?.id ?? "");
    await approve("dana", card);
    await bot.idle();
    expect(now(card).text).not.toMatch(/approved by/i);
    expect(wordsOf(now(card))).toMatch(/Notion did not take it yet/);
    const alerts = world.slack.messages(ALERTS).map((m) => m.text);
    expect(alerts.join()).toMatch(/Latvia.*could not be written to Notion/s);
  });
});

describe("an approver who rewrites an option in Notion and approves it there", () => {
  it("gets what they wrote carried out and settled, not what the advisers wrote", async () => {
    const card = await cardAbout("Serbia");
    const options = cell(pipeOf("Serbia"), "Scenario_Options");
    const rewritten = options.replace(/^A\. .*$/m, "A. Send one person for a month");
    expect(rewritten).not.toBe(options);
    edit("dana", pipeOf("Serbia")?.id, { Scenario_Options: rewritten, Approval_Status: "Approved" });
    await settle();
    const [row] = trainingRows("Serbia");
    expect(cell(row, "Final_Plan")).toContain("Send one person for a month");
    expect(cell(row, "Original_Plan")).not.toContain("Send one person for a month");
    expect(cell(row, "Outcome")).toBe("edited");
    expect(Number(cell(row, "Acceptance_Rate"))).toBeLessThan(100);
    expect(now(card).text).toMatch(/approved/i);
  });
});

describe("an approval in Notion just before the time is up, seen just after", () => {
  it("counts: it is not expired", async () => {
    await settle();
    const card = await cardAbout("Cyprus");
    edit("dana", pipeOf("Cyprus")?.id, { Approval_Status: "Approved" });
    bot.moveClock(200 * 3_600_000);
    await settle();
    expect(trainingRows("Cyprus").map((row) => cell(row, "Outcome"))).toEqual(["approved"]);
    expect(now(card).text).toMatch(/approved by Dana/i);
  });
});
