/** Asking, answering and calling for all three advisers: who may, what reaches the desk, and what people are told. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import type { talkMessage } from "../../src/slack/cards/question-card.ts";
import { encodeMoreValue, encodeQuestionValue } from "../../src/slack/ids.ts";
import { analysis, decision } from "../fixtures/decision.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeAll(async () => {
  at = await openOffice();
});
beforeEach(() => {
  at.slack.faults.clear();
  at.books.audit.length = 0;
  at.books.decisions.clear();
});
afterAll(() => at.close());

const [first] = analysis.advice;
/** One adviser was asked, and it never expires. */
const OPEN: Partial<DecisionRecord> = {
  expiresAt: null,
  analysis: {
    ...analysis,
    triage: { ...analysis.triage, impact: 4, risk: "Low" },
    advice: first ? [first] : [],
    missing: [],
  },
};
const ASKED = { id: "q1", text: "Who pays?", by: { slackId: people.dana, name: "Dana Reyes" } };

let count = 0;
/** A card of its own for each test. */
function openCard(change: Partial<DecisionRecord> = {}): Promise<DecisionRecord> {
  count += 1;
  return at.postCard({ ...OPEN, id: `pipe-${count}`, requestedBy: people.lee, ...change });
}

const withQuestion = (): Promise<DecisionRecord> =>
  openCard({
    questions: [{ ...ASKED, at: "2026-11-21T10:00:00.000Z", to: "requester", answer: null }],
  });

/** The thread message of the question, as the bot posts it. */
async function threadOf(card: DecisionRecord, note: Parameters<typeof talkMessage>[1]): Promise<string> {
  await at.bot.talkBoard.say(`test:${card.id}:${note.kind}`, card, note);
  const posted = at.inChannel(channels.leadership).findLast((one) => one.threadTs === card.card?.ts);
  return posted?.ts ?? "";
}

const refusals = () =>
  at.books.audit.map(({ actor, action, outcome, detail }) => ({ actor, action, outcome, detail }));

const lastTold = async (user: string, words: string | RegExp) => {
  const whispers = () => at.slack.messages(channels.leadership).filter((one) => one.visibleTo === user);
  await at.settled(() => whispers().some((one) => one.text.match(words) !== null));
  return whispers().at(-1)?.text ?? "";
};

const ASK = {
  question_text: { text: { type: "plain_text_input", value: "Who pays?" } },
  question_to: { to: { type: "static_select", selected_option: { value: "requester" } } },
};

describe("people who may not", () => {
  test.each([
    [people.guest, "guest"],
    [people.stranger, "other-team"],
    [people.former, "deleted"],
  ])("%s are sent away from every way to ask (%s), and it is audited", async (user, detail) => {
    const card = await withQuestion();
    const { id } = card;
    const question = card.questions[0];
    if (!question || !card.card) throw new Error("no card");
    const asked = await threadOf(card, { kind: "asked", question });
    const failed = await threadOf(card, { kind: "not-answered", question, reason: "down", attempt: 1 });
    const channel = card.card.channel;
    const selected = encodeMoreValue({ entry: "dialectic", id, hash: card.hash });
    await at.clickOn(card, user, "decision_more_info");
    await at.slack.click({ user, channel, ts: card.card.ts, actionId: "decision_more", selected });
    await at.slack.click({ user, channel, ts: asked, actionId: "decision_answer" });
    await at.slack.click({ user, channel, ts: failed, actionId: "decision_ask_again" });
    await at.settled(() => at.books.audit.length === 4);
    expect(refusals()).toEqual(
      ["decision.question", "decision.dialectic", "decision.answer", "decision.question"].map((action) => ({
        ...{ actor: user, action, outcome: "refused", detail },
      })),
    );
    expect(at.books.dialectics).not.toContain(id);
    expect(at.books.decisions.get(id)?.questions).toEqual(card.questions);
  });

  test("a member who neither asked for it nor decides is told who may", async () => {
    const card = await openCard({ requestedBy: people.dana });
    await at.clickOn(card, people.lee, "decision_more_info");
    const told = await lastTold(people.lee, "Questions come from whoever asked");
    expect(told).toContain("Approvers: ");
    expect(at.modalOf(people.lee)).toBe("null");
  });

  test("who lost the right while the form was open is refused, and the question is not asked", async () => {
    const card = await openCard();
    await at.clickOn(card, people.sam, "decision_more_info");
    await at.settled(() => at.modalOf(people.sam).includes("decision_question_view"));
    await at.restart({ approvers: [people.dana] });
    await at.slack.submit({ user: people.sam, viewId: at.viewIdOf(people.sam), values: ASK });
    expect(at.modalOf(people.sam)).toMatch(/Nothing was changed.*Questions come from whoever asked/);
    expect(at.books.decisions.get(card.id)?.questions).toEqual([]);
    await at.restart();
  });
});

describe("a question", () => {
  test("by whoever asked for the decision needs no other right, and cannot be put to themselves", async () => {
    const card = await openCard();
    await at.clickOn(card, people.lee, "decision_more_info");
    await at.settled(() => at.modalOf(people.lee).includes("decision_question_view"));
    expect(at.modalOf(people.lee)).not.toContain("who asked for this");
    await at.clickOn(card, people.dana, "decision_more_info");
    await at.settled(() => at.modalOf(people.dana).includes("decision_question_view"));
    expect(at.modalOf(people.dana)).toContain("Lee Park, who asked for this");
    await at.slack.submit({ user: people.dana, viewId: at.viewIdOf(people.dana), values: ASK });
    expect(at.books.decisions.get(card.id)?.questions).toMatchObject([
      { ...ASKED, id: expect.stringMatching(/^[0-9a-f]{12}$/), to: "requester", answer: null },
    ]);
  });

  test("keeps what was typed when something is missing or Slack cannot tell who asks", async () => {
    const card = await openCard();
    await at.clickOn(card, people.sam, "decision_more_info");
    await at.settled(() => at.modalOf(people.sam).includes("decision_question_view"));
    const viewId = at.viewIdOf(people.sam);
    const errors = () => at.slack.modals(people.sam).at(-1)?.errors;
    const blank = { ...ASK, question_text: { text: { type: "plain_text_input", value: "  " } } };
    await at.slack.submit({ user: people.sam, viewId, values: blank });
    expect(errors()).toEqual({ question_text: "Please write a question." });
    at.slack.faults.add({ route: /users\.info/, effect: { kind: "status", status: 503 } });
    await at.slack.submit({ user: people.sam, viewId, values: ASK });
    expect(errors()).toEqual({ question_text: expect.stringContaining("Slack did not answer me") });
    at.slack.faults.clear();
    await at.slack.submit({ user: people.sam, viewId, values: ASK });
    await at.slack.replayLast();
    expect(at.books.decisions.get(card.id)?.questions).toHaveLength(1);
  });

  test("about what was decided meanwhile is refused with who decided", async () => {
    const card = await openCard();
    await at.clickOn(card, people.sam, "decision_more_info");
    await at.settled(() => at.modalOf(people.sam).includes("decision_question_view"));
    await at.clickOn(card, people.dana, "decision_approve");
    await at.settled(() => at.books.decisions.get(card.id)?.state.kind === "recording");
    await at.slack.submit({ user: people.sam, viewId: at.viewIdOf(people.sam), values: ASK });
    expect(at.modalOf(people.sam)).toContain("Already decided: this was approved by Dana Reyes");
    expect(refusals()).toContainEqual(
      expect.objectContaining({ action: "decision.question", detail: "already-decided" }),
    );
  });

  test("that nobody knows any more is answered with a sentence", async () => {
    const card = await openCard();
    const question = { ...ASKED, at: "", to: "requester" as const, answer: null };
    const ts = await threadOf(card, { kind: "asked", question });
    await at.slack.click({ user: people.lee, channel: channels.leadership, ts, actionId: "decision_answer" });
    expect(await lastTold(people.lee, "I do not know this question")).toContain("/emm pending");
  });

  test("to the requester is put to them directly as well, with the same button", async () => {
    const card = await withQuestion();
    const [question] = card.questions;
    if (!question) throw new Error("no question");
    await threadOf(card, { kind: "asked", question });
    const direct = at.slack.messages(`D${people.lee.slice(1)}`).at(-1);
    const value = encodeQuestionValue({ id: card.id, question: "q1" });
    expect(direct?.text).toContain("Dana Reyes* has a question about what you asked for");
    expect(JSON.stringify(direct?.blocks)).toContain(JSON.stringify(value));
  });
});

describe("all three advisers", () => {
  const command = (user: string, text: string) =>
    at.slack.command({ user, channel: channels.leadership, command: "/emm", text: `dialectic ${text}` });

  test("are ordered from the menu of the card", async () => {
    const card = await openCard();
    const selected = encodeMoreValue({ entry: "dialectic", id: card.id, hash: card.hash });
    const ts = card.card?.ts ?? "";
    await at.slack.click({
      user: people.lee,
      channel: channels.leadership,
      ts,
      actionId: "decision_more",
      selected,
    });
    await lastTold(people.lee, "All three advisers are asked about");
    expect(at.books.dialectics.at(-1)).toBe(card.id);
  });

  test("are ordered by words of a title that one open decision alone has", async () => {
    const card = await openCard({ title: "Rent in Utrecht" });
    await openCard({ title: "Rent in Ghent" });
    await command(people.dana, "utrecht rent");
    await lastTold(people.dana, "asked about “Rent in Utrecht");
    expect(at.books.dialectics.at(-1)).toBe(card.id);
    await command(people.dana, "rent");
    expect(await lastTold(people.dana, "Which one")).toMatch(/Utrecht[\s\S]*Ghent/);
  });

  test("are not ordered by words that name nothing, and a question becomes a new item", async () => {
    const before = at.books.added.length;
    await command(people.dana, "atlantis");
    await lastTold(people.dana, "I know no open decision by");
    await command(people.dana, "https://www.notion.so/Plan-0123456789abcdef0123456789abcdef");
    await lastTold(people.dana, "I know no open decision by .https");
    await command(people.guest, "Should we water the plants?");
    await lastTold(people.guest, "Guests cannot");
    await command(people.dana, "");
    await lastTold(people.dana, "asks all three advisers about an open decision");
    expect(at.books.added).toHaveLength(before);
    await command(people.lee, "Should we water the plants?");
    await lastTold(people.lee, "All three advisers will be heard on it");
    expect(JSON.stringify(at.books.added.at(-1))).toMatch(/slack-dialectic:.*Should we water the plants/);
  });

  test("who have all spoken are not asked again", async () => {
    const [one] = analysis.advice;
    const advice = one ? [one, one, one] : [];
    const card = await openCard({
      title: "Heard",
      analysis: { ...decision().analysis, advice, missing: [] },
    });
    await command(people.dana, "heard");
    await lastTold(people.dana, "All three advisers have spoken");
    expect(at.books.dialectics).not.toContain(card.id);
  });
});
