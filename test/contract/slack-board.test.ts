/** What the bot posts: once, in the right place, and kept true. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeadLetter } from "../../src/domain/decision.ts";
import type { MessageRef } from "../../src/domain/item.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { decision, outcome } from "../fixtures/decision.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

describe("the board", () => {
  test("posts a card once, however often it is tried", async () => {
    const first = await at.postCard();
    const second = await at.postCard();
    expect(second.card).toEqual(first.card);
    expect(first.cardUrl).toMatch(/^https?:/);
    expect(at.inChannel(channels.leadership)).toHaveLength(1);
  });

  test("finds a post that got through although its answer was lost", async () => {
    at.slack.faults.add({ route: /chat\.postMessage/, times: 1, effect: { kind: "reset", committed: true } });
    await expect(at.bot.board.postDecision(decision())).rejects.toMatchObject({
      code: "slack_unavailable",
      retryable: true,
    });
    const { card } = await at.bot.board.postDecision(decision());
    expect(at.inChannel(channels.leadership).map((one) => one.ts)).toEqual([card.ts]);
  });

  test("finds a lost thread reply too", async () => {
    const card = await at.postCard({ state: { kind: "recording", outcome: outcome() } });
    at.slack.faults.add({ route: /chat\.postMessage/, times: 1, effect: { kind: "reset", committed: true } });
    const say = () => at.bot.board.say("decided:pipe-1", { kind: "decided", decision: card });
    await expect(say()).rejects.toMatchObject({ code: "slack_unavailable" });
    await say();
    const replies = at
      .inChannel(channels.leadership)
      .filter((one) => one.threadTs === card.card?.ts && one.ts !== one.threadTs);
    expect(replies).toHaveLength(1);
    expect(replies[0]?.text).toMatch(/^.+\n\*Approved\* by Dana Reyes/);
  });

  test("says it elsewhere in no thread: a thread is one channel's", async () => {
    const card = await at.postCard({ state: { kind: "recording", outcome: outcome() } });
    const before = at.slack.calls.length;
    const archived = { kind: "status", status: 200, code: "is_archived" } as const;
    at.slack.faults.add({ route: /chat\.postMessage/, times: 1, effect: archived });
    await at.bot.board.say("decided:pipe-1", { kind: "decided", decision: card });
    expect(at.slack.calls.slice(before).map(({ route }) => route)).toHaveLength(2);
    expect(at.inChannel(channels.alerts).map(({ ts, threadTs }) => (threadTs ?? ts) === ts)).toEqual([true]);
  });

  test("waits out a rate limit and posts once", async () => {
    at.slack.faults.add({
      route: /chat\.postMessage/,
      times: 1,
      effect: { kind: "status", status: 429, retryAfterSeconds: 1 },
    });
    await at.postCard();
    expect(at.inChannel(channels.leadership)).toHaveLength(1);
  });

  test("uses the alerts channel when the decisions channel is gone, and says so", async () => {
    at.slack.faults.add({
      route: /chat\.postMessage/,
      times: 1,
      effect: { kind: "status", status: 200, code: "is_archived" },
    });
    const posted = await at.postCard();
    expect(posted.card?.channel).toBe(channels.alerts);
    expect(JSON.stringify(at.inChannel(channels.alerts))).toContain("which I cannot post in");
    await at.clickOn(posted, people.dana, "decision_approve");
    await at.settled(() => at.books.clicks.length === 1);
  });

  test("redraws the card in place, without its buttons", async () => {
    const card = await at.postCard();
    await at.bot.board.updateDecision({ ...card, rev: 2, state: { kind: "recording", outcome: outcome() } });
    const [shown] = at.inChannel(channels.leadership);
    expect(JSON.stringify(shown?.blocks)).toContain("Recording Dana Reyes's approval…");
    expect(JSON.stringify(shown?.blocks)).not.toContain("decision_approve");
  });

  test("many updates at once end with the newest, in few calls", async () => {
    const card = await at.postCard();
    const name = (n: number) => ({ ...outcome(), by: { slackId: null, name: `Person ${n}` } });
    const before = at.slack.calls.length;
    const order = [3, 9, 1, 8, 2];
    await Promise.all(
      order.map((n) =>
        at.bot.board.updateDecision({ ...card, rev: n, state: { kind: "recording", outcome: name(n) } }),
      ),
    );
    expect(at.inChannel(channels.leadership)[0]?.text).toContain("Person 9");
    expect(at.slack.calls.length - before).toBeLessThanOrEqual(2);
  });

  test("a card that was deleted in Slack is no error", async () => {
    const card = await at.postCard();
    const gone = { ...card, rev: 2, card: { channel: channels.leadership, ts: "1.000001" } };
    await expect(at.bot.board.updateDecision(gone)).resolves.toBeUndefined();
  });

  test("tells whoever asked by direct message", async () => {
    const note = {
      kind: "item-triaged" as const,
      to: null,
      requestedBy: people.lee,
      itemTitle: "Buy chairs",
      outcome: "It is a task now.",
      url: "https://www.notion.so/task",
    };
    await at.bot.board.say("triaged:1", note);
    await at.bot.board.say("triaged:1", note);
    const posts = at.slack.calls.filter((call) => call.route.includes("chat.postMessage"));
    expect(posts).toHaveLength(1);
    await expect(
      at.bot.board.say("triaged:2", { ...note, requestedBy: "somebody" }),
    ).resolves.toBeUndefined();
  });

  test("says the other notes in their places", async () => {
    const card = await at.postCard();
    await at.bot.board.say("budget", { kind: "budget-reached", capUsd: 5, day: "2026-11-21" });
    await at.bot.board.say("gone", { kind: "channel-gone", channel: "C0GONE0001", decisionTitle: "Chairs" });
    await at.bot.board.say("refused", {
      kind: "refused-in-notion",
      decision: card,
      by: "Kim",
      reason: "Not an approver.",
    });
    const alerts = at.inChannel(channels.alerts).map((one) => one.text);
    expect(alerts[0]).toContain("budget of $5.00 is used up");
    expect(alerts[1]).toContain("Please invite me there");
    const reply = at.inChannel(channels.leadership).find((one) => one.ts !== card.card?.ts);
    expect(reply?.threadTs).toBe(card.card?.ts);
    expect(reply?.text).toContain("Not an approver.");
  });
});

describe("dead letters", () => {
  const letter: DeadLetter = {
    itemId: "item-9",
    itemUrl: "https://www.notion.so/item9",
    title: "Broken item",
    reason: "Claude did not answer.",
    attempts: 3,
    failedAt: "2026-11-21T11:00:00Z",
    state: { kind: "open" },
    card: null,
  };

  async function postLetter(): Promise<MessageRef> {
    at.books.letters.set(letter.itemId, letter);
    return at.bot.board.postDeadLetter(letter);
  }

  test("an operator retries once; the second is told who did", async () => {
    const ref = await postLetter();
    const press = (actionId: string) => at.slack.click({ user: people.sam, ...ref, actionId });
    await press("deadletter_retry");
    await at.settled(() => at.books.letters.get("item-9")?.state.kind === "retried");
    await press("deadletter_ignore");
    expect(await at.toldTo(people.sam, channels.alerts)).toContain("Already retried by Sam Okafor");
    expect(at.books.letters.get("item-9")?.state.kind).toBe("retried");
  });

  test("somebody who is no operator is refused", async () => {
    const ref = await postLetter();
    await at.slack.click({ user: people.lee, ...ref, actionId: "deadletter_ignore" });
    expect(await at.toldTo(people.lee, channels.alerts)).toContain("SLACK_OPERATORS");
    expect(at.books.letters.get("item-9")?.state.kind).toBe("open");
  });

  test("the card shows who settled it", async () => {
    const card = await postLetter();
    const by = { slackId: people.sam, name: "Sam Okafor" };
    await at.bot.board.updateDeadLetter({
      ...letter,
      card,
      state: { kind: "ignored", by, at: letter.failedAt },
    });
    const [shown] = at.inChannel(channels.alerts);
    expect(shown?.text).toContain("Ignored by Sam Okafor");
    expect(JSON.stringify(shown?.blocks)).not.toContain("deadletter_retry");
  });
});
