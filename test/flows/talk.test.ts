/** Before they decide, people ask: whoever wanted it, an adviser, or all three. The card shows what came of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { type Bot, bootBot, buttonsOf, cell, emptyInbox, eventually, userId, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot();
  emptyInbox(bot.world);
});

afterEach(() => {
  bot.world.slack.faults.clear();
  bot.world.claude.faults.clear();
  bot.world.notion.faults.clear();
});

afterAll(() => bot.stop());

const stories = storiesOf(() => bot);
const { cardsAbout, click, emm, modalOf, now, rowsAbout, settle, thread, whispersTo } = stories;

const lastWhisper = (handle: string) => whispersTo(handle).at(-1)?.text ?? "";
const mentionOf = (handle: string) => `<@${userId(bot.world, handle)}>`;

/** Strategic, and so small that one adviser is heard; asked for by `handle`. */
async function smallCard(handle: string, team: string): Promise<SlackMessage> {
  await emm(handle, `add Should we move the weekly meeting of the ${team} team to Tuesdays?`);
  await bot.idle();
  return eventually(bot.world, () => cardsAbout(team)[0], `a card about ${team}`);
}

interface Options {
  text: { text: string };
  value: string;
}

interface Asked {
  /** What the form calls the one who is to answer. */
  to: RegExp;
  text: string;
  /** Waits for everything that comes of it. */
  settle?: boolean;
}

/** Chooses by the words that the form shows. */
async function ask(handle: string, card: SlackMessage, question: Asked) {
  const before = modalOf(handle)?.id;
  await click(handle, card, "decision_more_info");
  const isNew = () => modalOf(handle)?.id !== before && modalOf(handle);
  const form = await eventually(bot.world, isNew, "the form");
  const found = JSON.stringify(form.view).match(/"options":(\[.*?\])(?=,"initial_option"|\})/);
  const options = JSON.parse(found?.[1] ?? "[]") as Options[];
  const selected = options.find(({ text }) => question.to.test(text.text));
  const values = {
    question_text: { text: { type: "plain_text_input", value: question.text } },
    question_to: { to: { type: "static_select", selected_option: selected ?? null } },
  };
  const delivery = await bot.world.slack.submit({ user: userId(bot.world, handle), viewId: form.id, values });
  if (question.settle !== false) await bot.idle();
  return { delivery, options: options.map(({ text }) => text.text) };
}

const auditOf = async (handle: string, words: string) => {
  await emm(handle, `audit ${words}`);
  await bot.idle();
  return lastWhisper(handle);
};

describe("a question to whoever asked for the decision", () => {
  let card: SlackMessage;

  it("calls them into the thread, and stands on the card until it is answered", async () => {
    card = await smallCard("lee", "Lisbon");
    const { options } = await ask("dana", card, {
      to: /^Lee Park, who asked/,
      text: "Who would have to come in <!channel> on Mondays instead?",
    });
    expect(options).toEqual([
      "Lee Park, who asked for this",
      expect.stringMatching(/^The /),
      expect.stringMatching(/^The /),
      expect.stringMatching(/^The /),
    ]);
    const called = thread(card).at(-1);
    expect(called?.text).toContain(mentionOf("lee"));
    expect(called?.text).not.toContain("<!channel>");
    expect(buttonsOf(called as SlackMessage)).toEqual(["decision_answer"]);
    expect(wordsOf(now(card))).toMatch(/Dana Reyes.*asks.*No answer yet/);
  });

  it("is answered once; who comes second is told, and so is who may not", async () => {
    const called = thread(card).at(-1) as SlackMessage;
    await click("gale", called, "decision_answer");
    await bot.idle();
    expect(lastWhisper("gale")).toContain("Guests cannot decide");
    const before = now(card);
    await click("lee", called, "decision_answer");
    await click("dana", called, "decision_answer");
    await stories.submit("lee", { answer_text: "Nobody: the *Monday* slot is free & quiet." });
    await stories.submit("dana", { answer_text: "Two people." });
    await bot.idle();
    expect(JSON.stringify(modalOf("dana")?.view)).toContain("Already answered by Lee Park");
    const answers = thread(card).filter((one) => one.text.includes("answers:"));
    expect(answers).toHaveLength(1);
    expect(wordsOf(answers[0] as SlackMessage)).toContain("Nobody: the *Monday* slot is free & quiet.");
    expect(wordsOf(now(card))).toContain("Lee Park*: Nobody");
    expect(now(card)).not.toEqual(before);
    const told = await auditOf("dana", "Lisbon");
    expect(told).toContain("question: to whoever asked for it: Who would have to come in");
    expect(told).toContain("answer: Nobody: the");
    expect(told).toContain("answer *refused*: it was answered already");
  });

  it("makes a click stale that saw the card without the answer", async () => {
    const fresh = await smallCard("lee", "Oslo");
    bot.world.slack.faults.add({ route: "chat.update", effect: { kind: "status", status: 500 } });
    await ask("dana", fresh, { to: /^The Quant/, text: "What does it cost?", settle: false });
    const isAnswered = () => thread(fresh).some((one) => /^\*The Quant\* answers/.test(one.text));
    await eventually(bot.world, isAnswered, "an answer");
    expect(wordsOf(now(fresh))).not.toContain("What does it cost?");
    await click("dana", fresh, "decision_approve");
    await eventually(bot.world, () => lastWhisper("dana").includes("Nothing was decided"), "a refusal");
    bot.world.slack.faults.clear();
    await bot.idle();
    expect(cell(stories.pipeOf("Oslo"), "Approval_Status")).toBe("Pending");
    await click("dana", fresh, "decision_approve");
    await bot.idle();
    expect(cell(stories.pipeOf("Oslo"), "Approval_Status")).toBe("Approved");
  });
});

describe("a question to an adviser", () => {
  it("is answered in the thread and on the card, after a restart in the middle too", async () => {
    const card = await smallCard("lee", "Madrid");
    bot.world.claude.faults.add({ route: "messages", times: 1, effect: { kind: "delay", ms: 300 } });
    await click("lee", card, "decision_more_info");
    const form = await eventually(bot.world, () => modalOf("lee"), "the form");
    const words = JSON.stringify(form.view);
    expect(words).not.toContain("Lee Park, who asked");
    const { options } = await ask("lee", card, { to: /^The Auditor/, text: "What is the worst case?" });
    expect(options).toHaveLength(3);
    await bot.restart();
    await bot.idle();
    const said = thread(card).map((one) => one.text);
    expect(said.filter((text) => /^\*The Auditor\* answers/.test(text))).toHaveLength(1);
    expect(wordsOf(now(card))).toMatch(/\*Lee Park\* asks The Auditor: What is the worst case\?/);
    expect(wordsOf(now(card))).not.toContain("No answer yet");
  });

  it("that cannot be answered is said with the reason, can be asked again, and the card stays decidable", async () => {
    const card = await smallCard("lee", "Vienna");
    bot.world.claude.faults.add({ route: "messages", times: 1, effect: { kind: "stop", reason: "refusal" } });
    await ask("dana", card, { to: /^The Quant/, text: "How much is it?" });
    const failed = await eventually(
      bot.world,
      () => thread(card).find((one) => one.text.includes("could not answer")),
      "the reason",
    );
    expect(failed.text).toContain("Claude declined to answer");
    expect(buttonsOf(now(card))).toContain("decision_approve");
    await click("dana", failed, "decision_ask_again");
    await click("dana", failed, "decision_ask_again");
    await bot.idle();
    expect(lastWhisper("dana")).toMatch(/The Quant is asked again|Already answered by The Quant/);
    expect(thread(card).filter((one) => /^\*The Quant\* answers/.test(one.text))).toHaveLength(1);
  });

  it("waits while somebody has paused the bot, and says who", async () => {
    const card = await smallCard("lee", "Geneva");
    await emm("dana", "poll pause moving house");
    await ask("dana", card, { to: /^The Quant/, text: "How much is it?" });
    await emm("dana", "poll resume");
    await bot.idle();
    expect(thread(card).map((one) => one.text)).toContainEqual(
      expect.stringMatching(/could not answer: Dana Reyes has paused polls \(moving house\)/),
    );
  });
});

describe("all three advisers on demand", () => {
  it("replace the card by one with their judgement, once, whoever asks for it twice", async () => {
    const card = await smallCard("lee", "Prague");
    expect(wordsOf(card)).toContain("one was asked");
    await ask("dana", card, { to: /^The Quant/, text: "Who gains by it?" });
    const conflict = () => cell(rowsAbout("Executive Intents", "Prague")[0], "Conflict_Level");
    expect(conflict()).toMatch(/^None/);
    const asked = bot.world.claude.requests.length;
    await Promise.all([emm("dana", "dialectic prague"), emm("sam", "dialectic Prague")]);
    await bot.idle();
    const told = [lastWhisper("dana"), lastWhisper("sam")].join("\n");
    expect(told).toMatch(/All three advisers are asked about/);
    expect(bot.world.claude.requests.length - asked).toBe(4);
    const [old, fresh, ...more] = cardsAbout("Prague").map(now);
    expect(more).toEqual([]);
    expect(wordsOf(old as SlackMessage)).toContain("All three advisers were asked by");
    expect(wordsOf(old as SlackMessage)).toContain("|the new card>");
    expect(buttonsOf(old as SlackMessage)).not.toContain("decision_approve");
    expect(wordsOf(fresh as SlackMessage)).not.toContain("one was asked");
    expect(await stories.askedOn("sam", fresh as SlackMessage)).toMatch(
      /What was asked.*Should we move the weekly meeting of the Prague team to Tuesdays\?/,
    );
    for (const name of ["Entrepreneur", "Quant", "Auditor"])
      expect(wordsOf(fresh as SlackMessage)).toContain(name);
    expect(wordsOf(fresh as SlackMessage)).toContain("Who gains by it?");
    expect(
      rowsAbout("Action Pipes", "Prague")
        .map((row) => cell(row, "Approval_Status"))
        .toSorted(),
    ).toEqual(["Pending", "Superseded"]);
    expect(conflict()).toMatch(/^(Low|Medium|High)/);
    await click("dana", card, "decision_approve");
    await click("dana", fresh as SlackMessage, "decision_approve");
    await bot.idle();
    expect(
      rowsAbout("Action Pipes", "Prague")
        .map((row) => cell(row, "Approval_Status"))
        .toSorted(),
    ).toEqual(["Approved", "Superseded"]);
    expect(await auditOf("dana", "Prague")).toContain("replaced by a new analysis");
    await emm("dana", "dialectic prague");
    await bot.idle();
    expect(lastWhisper("dana")).toContain("I know no open decision");
  });

  it("whom nobody can reach leave the card as it is, and can be asked again", async () => {
    const card = await smallCard("lee", "Warsaw");
    bot.world.claude.faults.add({ route: "messages", effect: { kind: "stop", reason: "refusal" } });
    await emm("lee", "dialectic Warsaw");
    await bot.idle();
    expect(thread(card).at(-1)?.text).toMatch(/could not be heard: Claude declined/);
    expect(cardsAbout("Warsaw")).toHaveLength(1);
    expect(buttonsOf(now(card))).toContain("decision_approve");
    bot.world.claude.faults.clear();
    await emm("lee", "dialectic Warsaw");
    await bot.idle();
    expect(cardsAbout("Warsaw")).toHaveLength(2);
  });

  it("who speak after the decision was made are not listened to", async () => {
    const card = await smallCard("lee", "Zagreb");
    const { calls, faults } = bot.world.notion;
    const answered = calls.length;
    // They have spoken once the plan is read again; before them, the item is read.
    faults.add({ route: /^GET .v1.pages.:id$/, after: 1, effect: { kind: "status", status: 503 } });
    await emm("dana", "dialectic Zagreb");
    await eventually(bot.world, () => calls.slice(answered).some(({ status }) => status === 503), "an end");
    await click("dana", card, "decision_approve");
    await eventually(bot.world, () => wordsOf(now(card)).includes("Recording Dana"), "the decision");
    faults.clear();
    await bot.idle();
    expect(thread(card).map((one) => one.text)).toContainEqual(
      expect.stringMatching(/It was decided meanwhile\..* is dropped, and nothing changes/),
    );
    expect(cardsAbout("Zagreb")).toHaveLength(1);
    expect(rowsAbout("Action Pipes", "Zagreb").map((row) => cell(row, "Approval_Status"))).toEqual([
      "Approved",
    ]);
  });

  it("are heard on a new question, however small it is", async () => {
    await emm("lee", "dialectic Please water the plants in Dublin on Friday");
    await settle();
    const [card] = cardsAbout("Dublin");
    expect(wordsOf(card as SlackMessage)).toContain("Auditor");
    expect(wordsOf(card as SlackMessage)).not.toContain("one was asked");
  });

  it("are not sent for, nor asked, by people who may not", async () => {
    const card = await smallCard("dana", "Bergen");
    const before = bot.world.claude.requests.length;
    for (const handle of ["lee", "gale", "robin", "kim"]) {
      await emm(handle, "dialectic Bergen");
      await click(handle, card, "decision_more_info");
      await bot.idle();
      expect(modalOf(handle)).toBeUndefined();
    }
    expect(lastWhisper("lee")).toMatch(/Questions come from whoever asked.*Approvers: /);
    expect(bot.world.claude.requests).toHaveLength(before);
    expect(await auditOf("dana", "Bergen")).toMatch(/question \*refused\*: not an approver/);
  });
});
