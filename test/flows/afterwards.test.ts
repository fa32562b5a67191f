/** Long after a decision: people are asked whether it was right, and may decide again. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { type Bot, bootBot, buttonsOf, cell, emptyInbox, eventually, userId, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

const DAY_MS = 86_400_000;

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot({ env: { DECISION_TTL_HOURS: "0", WORKING_HOURS: "off", REVIEW_AFTER_DAYS: "30,90" } });
  emptyInbox(bot.world);
});

afterEach(() => {
  bot.world.slack.faults.clear();
  bot.world.notion.faults.clear();
});

afterAll(() => bot.stop());

const stories = storiesOf(() => bot);
const { cardAbout, cardsAbout, click, emm, modalOf, now, pipeOf, rowsAbout } = stories;
const { settle, submit, tasksOf, thread, trainingRows, whispersTo } = stories;

const days = (count: number) => bot.moveClock(count * DAY_MS);
const lastWhisper = (handle: string) => whispersTo(handle).at(-1)?.text ?? "";
const mentionOf = (handle: string) => `<@${userId(bot.world, handle)}>`;
const isReview = (message: SlackMessage) => JSON.stringify(message.metadata ?? {}).includes('"review:');
const questions = (card: SlackMessage) => thread(card).filter(isReview);

async function approved(subject: string): Promise<SlackMessage> {
  const card = await cardAbout(subject);
  await click("dana", card, "decision_approve");
  await bot.idle();
  return card;
}

/** Chooses one of the three in the form. */
async function answer(handle: string, verdict: string, note: string) {
  const form = await eventually(bot.world, () => modalOf(handle), `a form in front of ${handle}`);
  const values = {
    review_verdict: { verdict: { type: "radio_buttons", selected_option: { value: verdict } } },
    review_note: { note: { type: "plain_text_input", value: note } },
  };
  const delivery = await bot.world.slack.submit({ user: userId(bot.world, handle), viewId: form.id, values });
  await bot.idle();
  return delivery;
}

async function reopen(handle: string, card: SlackMessage, reason: string) {
  await click(handle, card, "decision_reopen");
  // What an earlier form answered may still be open.
  await bot.idle();
  const delivery = await submit(handle, { reopen_reason: reason });
  await bot.idle();
  return delivery;
}

function withdrawOf(card: SlackMessage): string {
  return /"value":"(w [^"]+)"/.exec(wordsOf(card))?.[1] ?? "";
}

async function audit(handle: string, text: string): Promise<string> {
  await emm(handle, `audit ${text}`);
  await bot.idle();
  return lastWhisper(handle);
}

describe("the review of a decision", () => {
  let card: SlackMessage;

  it("is asked for once in its thread when the time has come, whatever dies or is lost in between", async () => {
    card = await approved("Portugal");
    days(29);
    await settle();
    expect(questions(card)).toEqual([]);
    days(1);
    const { faults } = bot.world.slack;
    faults.add({ route: "chat.postMessage", times: 1, effect: { kind: "reset", committed: true } });
    await Promise.all([bot.poll(), bot.poll()]);
    await bot.idle();
    await bot.restart();
    await settle();
    const [question, ...more] = questions(card);
    expect(more).toEqual([]);
    expect(question?.text).toContain("30 days ago Dana Reyes approved");
    expect(question?.text).toContain(mentionOf("dana"));
    expect(buttonsOf(question ?? card)).toEqual([
      "decision_review_right",
      "decision_review_partly",
      "decision_review_wrong",
    ]);
  });

  it("takes the first answer of somebody who had a part in it, and nobody else's", async () => {
    const question = questions(card)[0] ?? card;
    await click("lee", question, "decision_review_wrong");
    await bot.idle();
    expect(lastWhisper("lee")).toContain("Only approvers, whoever decided and whoever asked");
    await click("sam", question, "decision_review_wrong");
    await click("dana", question, "decision_review_right");
    await answer("dana", "partly", "We learned <!channel> to ask *earlier*.");
    await answer("sam", "wrong", "");
    const shown = wordsOf(now(question));
    expect(shown).toContain("Partly right*, said Dana Reyes");
    expect(shown).toContain("&lt;!channel&gt; to ask");
    expect(buttonsOf(now(question))).toEqual([]);
    const [, row, ...more] = trainingRows("Portugal");
    expect(more).toEqual([]);
    expect(cell(row, "Outcome")).toBe("review: partly");
    expect(cell(row, "Reason")).toContain("We learned <!channel>");
    expect(cell(row, "Acceptance_Rate")).toBe("");
    expect(cell(row, "Decided_By")).toContain("Dana Reyes");
    const told = await audit("dana", "portugal");
    for (const words of ["asked whether it was right", "said whether it was right", "partly, after 30 days"])
      expect(told).toContain(words);
    expect(told).toMatch(/an answer to the review \*refused\*: not an approver/);
    expect(told).toMatch(/an answer to the review \*refused\*: it was answered already/);
  });

  it("is asked for again later, and ends without an answer after two weeks", async () => {
    days(60);
    await settle();
    const [, second, ...more] = questions(card);
    expect(more).toEqual([]);
    expect(second?.text).toContain("90 days ago");
    days(15);
    await settle();
    const shown = now(second ?? card);
    expect(wordsOf(shown)).toContain("Not answered");
    expect(buttonsOf(shown)).toEqual([]);
    expect(trainingRows("Portugal")).toHaveLength(2);
    expect(await audit("dana", "portugal")).toContain("the review ended without an answer");
    days(100);
    await settle();
    expect(questions(card)).toHaveLength(2);
  });
});

describe("a decision that is reopened", () => {
  let card: SlackMessage;
  let again: SlackMessage;
  let pipe: string;

  it("is put to the vote on a new card with the reason, while the old one keeps its verdict", async () => {
    card = await approved("Hungary");
    pipe = pipeOf("Hungary")?.id ?? "";
    expect(buttonsOf(now(card))).toContain("decision_reopen");
    await click("lee", card, "decision_reopen");
    await bot.idle();
    expect(lastWhisper("lee")).toContain("You may not decide");
    days(30);
    await settle();
    expect(questions(card)).toHaveLength(1);

    await Promise.all([click("dana", card, "decision_reopen"), click("sam", card, "decision_reopen")]);
    await bot.idle();
    bot.world.notion.faults.add({
      route: "POST /v1/pages",
      times: 1,
      effect: { kind: "reset", committed: true },
    });
    await Promise.all([
      submit("dana", { reopen_reason: "The <!here> market changed." }),
      submit("sam", { reopen_reason: "Me too." }),
    ]);
    await bot.restart();
    await bot.idle();
    const cards = cardsAbout("Hungary");
    expect(cards).toHaveLength(2);
    again = cards.find(({ ts }) => ts !== card.ts) ?? card;
    const shown = wordsOf(now(again));
    expect(shown).toMatch(/\*Reopened\* by (Dana Reyes|Sam Okafor)/);
    expect(shown).toContain("Until it is decided again, this stands: <https://");
    expect(shown).toMatch(/\d tasks made for it stay in <https:/);
    expect(shown).not.toContain("<!here>");
    expect(await stories.askedOn("lee", again)).toMatch(/What was asked.*Should we expand to Hungary\?/);
    expect(wordsOf(now(card))).toMatch(/\*Approved\* by Dana Reyes[\s\S]*\*Reopened\* by /);
    expect(wordsOf(now(card))).toContain(`p${again.ts.replace(".", "")}|the new card`);
    expect(buttonsOf(now(card))).not.toContain("decision_reopen");
    const old = bot.world.notion.rows("Action Pipes").find((row) => row.id === pipe);
    expect(cell(old, "Approval_Status")).toBe("Approved");
    expect(rowsAbout("Execution Log", "Decision reopened: ")).toHaveLength(1);
    await settle();
    expect(wordsOf(now(questions(card)[0] ?? card))).toContain("the decision was reopened");
  });

  it("makes only tasks that are not there yet, and shows its whole life", async () => {
    const before = tasksOf("Hungary").length;
    await click("dana", again, "decision_edit");
    await bot.idle();
    const kept = bot.world.notion.rows("Action Pipes").find((row) => row.id === pipe);
    const [first = ""] = cell(kept, "Task_Generation_Template").split("\n");
    await submit("dana", { edit_tasks: `${first.replace(/^[-•\d.\s]*/, "")}\nTell everybody` });
    await bot.idle();
    expect(tasksOf("Hungary").map((row) => cell(row, "Name"))).toContain("Tell everybody");
    expect(tasksOf("Hungary")).toHaveLength(before + 1);
    expect(wordsOf(now(again))).toContain("1 task created");
    const told = await audit("dana", "hungary");
    expect(told).toContain("reopened: The");
    expect(told).toMatch(/approved[\s\S]*reopened[\s\S]*approved with changes/);
  });

  it("goes on to stand when nobody decides again, or what was to be decided is thrown away", async () => {
    const first = await approved("Slovenia");
    await reopen("sam", first, "Think again.");
    const intent = () => rowsAbout("Executive Intents", "Slovenia")[0];
    expect(cell(intent(), "Status")).toBe("Approved");
    const open = bot.world.notion
      .rows("Action Pipes")
      .find((row) => cell(row, "Approval_Status") === "Pending" && JSON.stringify(row).includes("Slovenia"));
    bot.world.notion.trash(open?.id ?? "");
    await click("dana", cardsAbout("Slovenia").at(-1) ?? first, "decision_approve");
    await bot.idle();
    expect(cell(intent(), "Status")).toBe("Approved");
    expect(wordsOf(now(first))).not.toContain("Reopened");
    expect(buttonsOf(now(first))).toContain("decision_reopen");
    await reopen("sam", first, "Once more.");
    expect(cardsAbout("Slovenia")).toHaveLength(3);
    expect(wordsOf(now(first))).toContain("Once more.");
  });

  it("is asked about again when its reopening came to nothing, also if it was asked about before", async () => {
    const first = await approved("Croatia");
    days(30);
    await settle();
    await reopen("sam", first, "Think again.");
    await settle();
    expect(wordsOf(now(questions(first)[0] ?? first))).toContain("the decision was reopened");
    const open = cardsAbout("Croatia").find(({ ts }) => ts !== first.ts) ?? first;
    await bot.world.slack.click({
      ...{ user: userId(bot.world, "sam"), channel: open.channel, ts: open.ts, actionId: "decision_more" },
      selected: withdrawOf(now(open)),
    });
    await bot.idle();
    await submit("sam", { withdraw_reason: "It was right after all." });
    await bot.idle();
    await settle();
    await settle();
    const [, question, ...more] = questions(first);
    expect(more).toEqual([]);
    expect(question?.text).toContain("30 days ago Dana Reyes approved");
    await click("dana", question ?? first, "decision_review_right");
    await answer("dana", "right", "");
    expect(wordsOf(now(question ?? first))).toContain("Right*, said Dana Reyes");
    expect(await audit("dana", "croatia")).toContain("said whether it was right");
  });
});
