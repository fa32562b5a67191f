/** Nobody decides: people are reminded once, others are asked, the time ends, and all of it can be read afterwards. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { people } from "../../src/sandbox/slack/workspace-seed.ts";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { type Bot, bootBot, buttonsOf, cell, DECISIONS, emptyInbox, userId, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

const HOUR_MS = 3_600_000;
const TTL_HOURS = 100;

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot({
    env: { DECISION_TTL_HOURS: String(TTL_HOURS), WORKING_HOURS: "off", SLACK_ESCALATION: people.lee },
  });
  emptyInbox(bot.world);
});

afterEach(() => bot.world.slack.faults.clear());

afterAll(() => bot.stop());

const { cardAbout, click, emm, now, pipeOf, settle, thread, trainingRows, whispersTo } = storiesOf(() => bot);

const hours = (count: number) => bot.moveClock(count * HOUR_MS);
const lastWhisper = (handle: string) => whispersTo(handle).at(-1)?.text ?? "";
const mentionOf = (handle: string) => `<@${userId(bot.world, handle)}>`;

async function audit(handle: string, text: string): Promise<string> {
  await emm(handle, `audit ${text}`);
  await bot.idle();
  return lastWhisper(handle);
}

describe("a decision that waits", () => {
  let card: SlackMessage;

  it("is silent at first, and says at half of its time who may decide, once and without calling anybody", async () => {
    card = await cardAbout("Portugal");
    hours(49);
    await settle();
    expect(thread(card)).toEqual([]);
    hours(1.1);
    await Promise.all([bot.poll(), bot.poll()]);
    await bot.idle();
    await bot.restart();
    await settle();
    const [reminder, ...more] = thread(card);
    expect(more).toEqual([]);
    expect(reminder?.text).toMatch(/^Nobody has decided yet: .*Portugal/);
    expect(reminder?.text).toContain("Dana Reyes or Sam Okafor can decide");
    expect(reminder?.text).not.toMatch(/<@|<!subteam/);
    expect(wordsOf(now(card))).not.toContain("Escalated");
  });

  it("calls the approvers and asks further people at nine tenths, once although Slack's answer was lost", async () => {
    await click("lee", card, "decision_approve");
    await bot.idle();
    expect(lastWhisper("lee")).toContain("You may not decide");
    hours(40);
    const { faults } = bot.world.slack;
    faults.add({ route: "chat.postMessage", times: 1, effect: { kind: "reset", committed: true } });
    await settle();
    await settle();
    const [, last, ...more] = thread(card);
    expect(more).toEqual([]);
    for (const handle of ["dana", "sam", "lee"]) expect(last?.text).toContain(mentionOf(handle));
    expect(last?.text).toContain("from now on you may decide this one");
    expect(wordsOf(now(card))).toContain(`Escalated to ${mentionOf("lee")}`);
  });

  it("may be decided by those from then on, and nothing else may", async () => {
    const other = await cardAbout("Hungary");
    await click("lee", other, "decision_approve");
    await bot.idle();
    expect(lastWhisper("lee")).toContain("You may not decide");
    expect(cell(pipeOf("Hungary"), "Approval_Status")).toBe("Pending");
    await click("lee", card, "decision_approve");
    await bot.idle();
    expect(cell(pipeOf("Portugal"), "Approval_Status")).toBe("Approved");
    expect(cell(pipeOf("Portugal"), "Decided_By")).toContain("Lee Park");
    // Said once, by whoever reminds; a decided card needs no reminder.
    const said = thread(card).length;
    hours(1);
    await settle();
    expect(thread(card)).toHaveLength(said);
    expect(wordsOf(now(card))).not.toContain("Escalated");
  });

  it("has its whole life told to approvers, and to nobody else", async () => {
    const told = await audit("dana", "portugal EXPAND");
    const order = [
      "put up for decision",
      "card posted",
      "reminder: 50 %",
      "Approve *refused*: not an approver",
    ];
    order.push("escalated", "reminder: 90 %", "approved: in Slack", "recorded: in Notion; option");
    // The audit is written by the real clock, the decision by the one that was moved.
    for (const words of order) expect(told).toContain(words);
    expect(told).toContain(`${mentionOf("lee")}: approved`);
    expect(told).toMatch(/\d tasks/);
    const id = pipeOf("Portugal")?.id ?? "";
    expect(await audit("dana", id.replaceAll("-", "").slice(0, 9))).toContain("Portugal");
    expect(await audit("sam", `https://app.notion.com/p/Expand-${id.replaceAll("-", "")}?v=1`)).toContain(
      "Portugal",
    );
    const permalink = `https://acme.slack.com/archives/${DECISIONS}/p${card.ts.replace(".", "")}`;
    expect(await audit("sam", permalink)).toContain("read this history");
    expect(await audit("dana", "expand")).toMatch(/Which one\?[\s\S]*Hungary/);
    expect(await audit("dana", "atlantis")).toMatch(/I know no decision by "atlantis"[\s\S]*Hungary/);
    const refusal = await audit("lee", "portugal");
    expect(refusal).toMatch(/You may not[\s\S]*Approvers and operators: /);
    expect(refusal).toContain("SLACK_APPROVERS or SLACK_OPERATORS");
  });

  it("is handed out as a file", async () => {
    await emm("dana", "audit Portugal file");
    await bot.idle();
    const file = bot.world.slack.files().at(-1);
    expect(file?.name).toMatch(/^decision-[0-9a-f]{8}-audit\.jsonl$/);
    const [head, ...events] = (file?.content ?? "")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(head).toMatchObject({ kind: "decision", id: pipeOf("Portugal")?.id, state: "recorded" });
    expect(events.map((event) => event["action"])).toEqual(
      expect.arrayContaining(["decision.created", "decision.reminded", "decision.approved", "audit.read"]),
    );
    expect(events.find((event) => event["outcome"] === "refused")).toMatchObject({
      action: "decision.approve",
      actor: userId(bot.world, "lee"),
      detail: "not-listed",
    });
  });
});

describe("a decision whose time ends", () => {
  it("is reminded of once when the bot was away for both marks, also while polls are paused", async () => {
    const card = await cardAbout("Slovenia");
    await emm("dana", "poll pause for a while");
    hours(95);
    await settle().catch(() => undefined);
    await bot.app.pollNow().catch(() => undefined);
    await bot.idle();
    const reminders = thread(card);
    expect(reminders).toHaveLength(1);
    expect(reminders[0]?.text).toContain("still undecided");

    hours(6);
    await bot.app.pollNow().catch(() => undefined);
    await bot.idle();
    expect(cell(pipeOf("Slovenia"), "Approval_Status")).toBe("Pending");
    expect(buttonsOf(now(card))).toContain("decision_approve");
    await click("dana", card, "decision_approve");
    await bot.idle();
    expect(lastWhisper("dana")).toMatch(/^Too late: this could be decided until/);
    expect(trainingRows("Slovenia")).toEqual([]);

    await emm("dana", "poll resume");
    await settle();
    expect(cell(pipeOf("Slovenia"), "Approval_Status")).toBe("Expired");
    expect(now(card).text).toMatch(/expired/i);
    expect(wordsOf(now(card))).not.toMatch(/rejected/i);
    expect(trainingRows("Slovenia").map((row) => cell(row, "Outcome"))).toEqual(["expired"]);
    const told = await audit("dana", "slovenia");
    expect(told).toContain("Approve *refused*: its time was over");
    expect(told).toContain("expired: nobody decided in time");
  });
});
