/** Second thoughts: a decision taken back before it is carried out, two approvals, a request that is withdrawn. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { type Bot, bootBot, buttonsOf, cell, emptyInbox, eventually, userId, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;
/** Long enough for a second click on a busy machine. */
const UNDO_SECONDS = 3;

beforeAll(async () => {
  bot = await bootBot({ env: { UNDO_SECONDS: String(UNDO_SECONDS), APPROVALS_REQUIRED_HIGH: "2" } });
  emptyInbox(bot.world);
});

afterAll(() => bot.stop());

const stories = storiesOf(() => bot);
const { cardAbout, cardsAbout, click, edit, emm, modalOf, now, pipeOf, put, rowsAbout, settle } = stories;
const { submit, tasksOf, thread, trainingRows, whispersTo } = stories;

/** Strategic, with so little at stake that one adviser is heard and one approval is enough. */
async function smallCard(place: string): Promise<SlackMessage> {
  put(`Should we hold the next offsite in ${place}?`, "One team would go there for a weekend.");
  await settle();
  return eventually(bot.world, () => cardsAbout(place)[0], `a card about ${place}`);
}

const says = (card: SlackMessage, words: string | RegExp) =>
  eventually(bot.world, () => wordsOf(now(card)).match(words) !== null, `"${words}" on the card`);
const statusOf = (subject: string) => cell(pipeOf(subject), "Approval_Status");
const written = (subject: string) => [
  statusOf(subject),
  trainingRows(subject).length,
  tasksOf(subject).length > 0,
  rowsAbout("Execution Log", subject).length,
];

describe("Undo", () => {
  it("takes a decision back before anything is written; then it can be decided otherwise", async () => {
    const card = await smallCard("Oslo");
    await click("dana", card, "decision_approve");
    await says(card, /Approved\*? by Dana Reyes/);
    expect(buttonsOf(now(card))).toEqual(["decision_undo", "decision_details"]);
    expect(written("Oslo")).toEqual(["Pending", 0, false, 1]);
    await click("sam", card, "decision_undo");
    await eventually(
      bot.world,
      () => whispersTo("sam").at(-1)?.text.includes("Only Dana Reyes"),
      "a refusal",
    );
    await click("dana", card, "decision_undo");
    await says(card, "decision_approve");
    await bot.idle();
    expect(written("Oslo")).toEqual(["Pending", 0, false, 1]);

    await click("sam", card, "decision_reject");
    await submit("sam", { reject_reason: "Too far." });
    await says(card, /Rejected\*? by Sam/);
    await bot.idle();
    expect(written("Oslo")).toEqual(["Rejected", 1, false, 2]);
    await emm("dana", `audit ${pipeOf("Oslo")?.id}`);
    const life = await eventually(bot.world, () => whispersTo("dana").at(-1)?.text, "its history");
    for (const line of [": approved", ": took back: approved", "Undo *refused*: somebody else", ": rejected"])
      expect(life).toContain(line);
  });

  it("makes room for what somebody else decided in Notion meanwhile", async () => {
    const card = await smallCard("Narvik");
    await click("dana", card, "decision_reject");
    await submit("dana", { reject_reason: "Too far." });
    await says(card, "decision_undo");
    edit("sam", pipeOf("Narvik")?.id, { Approval_Status: "Approved" });
    await click("dana", card, "decision_undo");
    await says(card, /Approved\*? by Sam Okafor, in Notion/);
    await bot.idle();
    expect(written("Narvik")).toEqual(["Approved", 1, true, 2]);
  });
});

describe("Two approvals", () => {
  it("are counted on the card, can be taken back, and both people are named in Notion", async () => {
    const card = await cardAbout("Chile");
    expect(wordsOf(card)).toContain("2 approvals are needed");
    await click("dana", card, "decision_approve");
    await says(card, "1 of 2 approvals");
    expect(wordsOf(now(card))).toContain(`Waiting for <@${userId(bot.world, "sam")}>`);
    await click("dana", card, "decision_approve");
    await eventually(bot.world, () => whispersTo("dana").at(-1)?.text.includes("counts already"), "a note");
    await click("dana", card, "decision_undo");
    await says(card, "There is none yet");
    expect(wordsOf(now(card))).toContain("Taken back.");
    await click("dana", card, "decision_approve");
    await says(card, "1 of 2 approvals");
    await click("sam", card, "decision_approve");
    await says(card, /Approved\*? by Dana Reyes and Sam/);
    await bot.idle();
    expect(written("Chile")).toEqual(["Approved", 1, true, 2]);
    const intent = rowsAbout("Executive Intents", "Chile")[0];
    expect(cell(intent, "Decision_Made")).toMatch(/^Approved by Dana Reyes and Sam/);
    const both = `Dana Reyes (${userId(bot.world, "dana")}) and Sam Okafor (${userId(bot.world, "sam")})`;
    const log = rowsAbout("Execution Log", "Chile").at(-1);
    const named = [cell(pipeOf("Chile"), "Decided_By"), cell(trainingRows("Chile")[0], "Decided_By")];
    expect([...named, cell(log, "Actor")]).toEqual([both, both, both]);
    await emm("sam", `audit ${pipeOf("Chile")?.id}`);
    const life = () => whispersTo("sam").at(-1)?.text ?? "";
    await eventually(bot.world, () => life().includes("2 of 2 approvals: Dana Reyes and Sam"), "its history");
    expect(life()).toContain("Approved by Dana Reyes and Sam Okafor, ");
  });

  it("begin anew with a changed plan; given in Notion, one counts and the status is put back", async () => {
    const card = await cardAbout("Ghana");
    await click("dana", card, "decision_approve");
    await says(card, "1 of 2 approvals");
    await click("sam", card, "decision_edit");
    await submit("sam", { edit_tasks: "Ask three customers", edit_reason: "Smaller first" });
    await says(card, "As edited by Sam");
    expect(wordsOf(now(card))).toContain("No longer counts: Dana Reyes's approval.");
    expect(wordsOf(now(card))).toContain("Ask three customers");

    // Notion holds the plan as proposed.
    edit("dana", pipeOf("Ghana")?.id, { Approval_Status: "Approved" });
    await settle();
    expect(statusOf("Ghana")).toBe("Pending");
    expect(thread(card).at(-1)?.text).toContain("the plan was changed on the card");

    await click("dana", card, "decision_approve");
    await says(card, /Approved with changes\* by Sam Okafor and Dana Reyes/);
    await bot.idle();
    expect(tasksOf("Ghana").map((task) => cell(task, "Name"))).toEqual(["Ask three customers"]);
    expect(cell(trainingRows("Ghana")[0], "Outcome")).toBe("edited");
  });

  it("of a plan that was changed in Notion are asked for on a new card", async () => {
    const card = await cardAbout("Korea");
    const before = pipeOf("Korea")?.id;
    edit("dana", before, { Task_Generation_Template: "Ask three customers", Approval_Status: "Approved" });
    await settle();
    expect(wordsOf(now(card))).toContain(
      "Dana Reyes approved a changed plan in Notion. It needs 2 approvals",
    );
    const next = await eventually(bot.world, () => cardsAbout("Korea")[1], "a new card");
    expect(wordsOf(next)).toContain("Ask three customers");
    expect(wordsOf(next)).toContain("2 approvals are needed");
    expect(trainingRows("Korea")).toEqual([]);
  });

  it("do not count of somebody who may no longer decide; the card and the history say why, and who is waited for", async () => {
    const card = await cardAbout("Nepal");
    const soon = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    await emm("dana", `deputy @lee until ${soon}`);
    await bot.idle();
    await click("lee", card, "decision_approve");
    await says(card, /1 of 2 approvals\*: Lee Park for Dana Reyes/);
    await emm("dana", "deputy off");
    await bot.idle();
    await click("sam", card, "decision_approve");
    const lost = "No longer counts: Lee Park for Dana Reyes's approval. Lee Park is no longer the deputy of";
    await says(card, lost);
    const dana = userId(bot.world, "dana");
    expect(wordsOf(now(card))).toContain(`1 of 2 approvals*: Sam Okafor. Waiting for <@${dana}>`);
    await bot.idle();
    expect(written("Nepal").slice(0, 3)).toEqual(["Pending", 0, false]);
    expect(thread(card).some(({ text }) => text.startsWith(lost))).toBe(true);
    await emm("sam", `audit ${pipeOf("Nepal")?.id}`);
    await eventually(
      bot.world,
      () =>
        whispersTo("sam")
          .at(-1)
          ?.text.includes(`: no longer counts: ${lost.slice(18)}`),
      "the history",
    );

    await click("dana", card, "decision_approve");
    await says(card, /Approved\*? by Sam Okafor and Dana Reyes/);
  });

  it("one of them in Notion", async () => {
    const card = await cardAbout("Japan");
    edit("dana", pipeOf("Japan")?.id, { Approval_Status: "Approved" });
    await settle();
    await says(card, "1 of 2 approvals");
    expect(statusOf("Japan")).toBe("Pending");
    expect(thread(card).at(-1)?.text).toContain("1 of 2 approvals");
    edit("dana", pipeOf("Japan")?.id, { Approval_Status: "Approved" });
    await settle();
    expect(statusOf("Japan")).toBe("Pending");
    edit("sam", pipeOf("Japan")?.id, { Approval_Status: "Approved" });
    await settle();
    expect(written("Japan")).toEqual(["Approved", 1, true, 2]);
    await says(card, /Approved\*? by Dana Reyes and Sam/);
  });
});

describe("Withdraw request", () => {
  const chooseWithdraw = (handle: string, card: SlackMessage) => {
    const value = /"value":"(w [^"]+)"/.exec(wordsOf(now(card)))?.[1] ?? "";
    return bot.world.slack.click({
      ...{ user: userId(bot.world, handle), channel: card.channel, ts: card.ts, actionId: "decision_more" },
      selected: value,
    });
  };

  it("stays withdrawn when somebody changes the plan in Notion before that is written", async () => {
    await emm("lee", "add Should we hold the winter party in Turku?");
    await bot.idle();
    const card = await eventually(bot.world, () => cardsAbout("Turku")[0], "a card");
    await chooseWithdraw("lee", card);
    await submit("lee", {});
    await says(card, /Withdrawn\*? by Lee/);
    edit("sam", pipeOf("Turku")?.id, { Task_Generation_Template: "Ask three hotels" });
    await bot.idle();
    expect(written("Turku")).toEqual(["Withdrawn", 1, false, 2]);
    expect(cardsAbout("Turku")).toHaveLength(1);
  });

  it("is for whoever asked; it ends the decision and carries nothing out", async () => {
    await emm("lee", "add Should we hold the summer party in Malmo?");
    await bot.idle();
    const card = await eventually(bot.world, () => cardsAbout("Malmo")[0], "a card");
    const choose = (handle: string) => chooseWithdraw(handle, card);
    await choose("dana");
    await eventually(
      bot.world,
      () => whispersTo("dana").at(-1)?.text.includes("Only whoever asked"),
      "a refusal",
    );
    await choose("lee");
    await submit("lee", { withdraw_reason: "We found a sponsor." });
    await says(card, /Withdrawn\*? by Lee/);
    await bot.idle();
    expect(written("Malmo")).toEqual(["Withdrawn", 1, false, 2]);
    expect(cell(trainingRows("Malmo")[0], "Acceptance_Rate")).toBe("0");
    expect(cell(rowsAbout("Executive Intents", "Malmo")[0], "Status")).toBe("Withdrawn");
    expect(modalOf("lee")).toBeUndefined();
  });
});
