/** The thread under a card as the record of its decision, and what whoever asked is told. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DecisionRecord, DecisionState } from "../../src/domain/decision.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { createPacing } from "../../src/slack/pacing.ts";
import type { ThreadLine } from "../../src/workflows/thread-ports.ts";
import { outcome } from "../fixtures/decision.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

const under = ({ card }: DecisionRecord) =>
  at.inChannel(card?.channel ?? "").filter((one) => one.threadTs === card?.ts && one.ts !== one.threadTs);

const recorded = (change: Partial<Extract<DecisionState, { kind: "recorded" }>> = {}): DecisionState => ({
  kind: "recorded",
  outcome: outcome(),
  recordedAt: "2026-11-21T12:01:00.000Z",
  taskCount: 3,
  projectUrl: "https://www.notion.so/project1",
  acceptanceRate: 1,
  ...change,
});

describe("the advice", () => {
  test("is posted whole under the card, once, however often it is tried", async () => {
    const card = await at.postCard();
    await at.bot.threadBoard.postAdvice(card, null);
    await at.bot.threadBoard.postAdvice(card, null);
    expect(under(card).map(({ text }) => text)).toEqual([
      "What the advisers say, in full.",
      "The Entrepreneur recommends C. Usage pricing.",
      "The Quant recommends A. Annual plans first.",
    ]);
    expect(at.inChannel(channels.leadership).filter((one) => one.threadTs === null)).toHaveLength(1);
  });

  test("goes on where a lost answer stopped it", async () => {
    const card = await at.postCard();
    at.slack.faults.add({ route: /chat\.postMessage/, times: 1, effect: { kind: "reset", committed: true } });
    const post = () => at.bot.threadBoard.postAdvice(card, null);
    await expect(post()).rejects.toMatchObject({ code: "slack_unavailable", retryable: true });
    await post();
    expect(new Set(under(card).map(({ text }) => text)).size).toBe(3);
    expect(under(card)).toHaveLength(3);
  });

  test("that stands under an earlier card already is not repeated but linked", async () => {
    const first = await at.postCard();
    const next = await at.postCard({ id: "pipe-2", hash: "f".repeat(32) });
    await at.bot.threadBoard.postAdvice(next, { decisionId: first.id, cardUrl: first.cardUrl });
    expect(under(next)).toHaveLength(1);
    expect(under(next)[0]?.text).toContain(`<${first.cardUrl}|the first card>`);
  });

  test("without a channel to go to is given up: it stays under Details", async () => {
    const card = await at.postCard();
    at.slack.faults.add({
      route: /chat\.postMessage/,
      effect: { kind: "status", status: 200, code: "is_archived" },
    });
    await expect(at.bot.threadBoard.postAdvice(card, null)).resolves.toBeUndefined();
  });

  test("waits behind a card that comes later", async () => {
    const pacing = createPacing({ postIntervalMs: 1, sleep: () => Promise.resolve() });
    const order: string[] = [];
    const post = (what: string, canWait: boolean) =>
      pacing.post("C1", async () => void order.push(what), canWait);
    await Promise.all([
      post("under way", true),
      post("advice", true),
      post("card", false),
      post("note", false),
    ]);
    expect(order).toEqual(["under way", "card", "note", "advice"]);
  });
});

describe("what happens while it is open", () => {
  const say = (key: string, card: DecisionRecord, line: ThreadLine) =>
    at.bot.threadBoard.postLine(key, card, line);
  const dana = { slackId: people.dana, name: "Dana Reyes" };

  test("without a channel to go to is given up: it stays on the record", async () => {
    const card = await at.postCard();
    at.slack.faults.add({
      route: /chat\.postMessage/,
      effect: { kind: "status", status: 200, code: "is_archived" },
    });
    const line = { kind: "undone", by: dana, was: "approval" } as const;
    await expect(say("undone:1", card, line)).resolves.toBeUndefined();
  });

  test("is said under the card, once, calling nobody, for whom a deputy acts", async () => {
    const card = await at.postCard();
    const sam = {
      slackId: people.sam,
      name: "Sam Okafor",
      for: { slackId: people.dana, name: "Dana Reyes" },
    };
    const voted = { kind: "voted", given: 1, needed: 2, isChanged: false } as const;
    await say("vote:1", card, { ...voted, by: dana });
    await say("vote:1", card, { ...voted, by: dana });
    await say("vote:2", card, { ...voted, by: sam, isChanged: true });
    await say("undone:3", card, { kind: "undone", by: dana, was: "approval" });
    await say("undone:4", card, { kind: "undone", by: dana, was: "rejected" });
    expect(under(card).map(({ text }) => text)).toEqual([
      "Dana Reyes approved. That makes 1 of 2 approvals.",
      "Sam Okafor for Dana Reyes changed the plan and approved it; approvals of the plan before that no longer count. That makes 1 of 2 approvals.",
      "Dana Reyes took their approval back.",
      "Dana Reyes took the rejection back. Nothing had been carried out, and it is open again.",
    ]);
  });
});

describe("the outcome", () => {
  test("is the last word under the card, with the ways to Notion, and calls nobody", async () => {
    const card = await at.postCard({ state: recorded() });
    await at.bot.board.say("decided:pipe-1", { kind: "decided", decision: card });
    const [note] = under(card);
    expect(note?.text).toMatch(/^Annual billing\n\*Approved\* by Dana Reyes/);
    expect(note?.text).toContain("3 tasks created in a project.");
    expect(note?.text).toContain("<https://www.notion.so/pipe1|Plan in Notion>");
    expect(note?.text).toContain("<https://www.notion.so/intent1|Intent in Notion>");
    expect(note?.text).toContain("<https://www.notion.so/project1|Project in Notion>");
    expect(note?.text).not.toContain("<@");
  });

  const direct = () => at.slack.messages(at.slack.directMessage(people.lee));
  const tell = async (decision: DecisionRecord, to: { channel: string; ts: string } | null) =>
    at.bot.board.say("outcome:pipe-1", { kind: "outcome", to, requestedBy: people.lee, decision });

  test("is told to whoever asked directly, once", async () => {
    const card = await at.postCard({ state: recorded() });
    await tell(card, null);
    await tell(card, null);
    expect(direct()).toHaveLength(1);
    expect(direct()[0]?.text).toMatch(/^<https?:.+\|Annual billing>\n\*Approved\* by Dana Reyes/);
    expect(direct()[0]?.text).toContain("|The card> · <https://www.notion.so/pipe1|Plan in Notion>");
  });

  test("is told where they asked, by name; directly when that place is closed to us", async () => {
    const card = await at.postCard({
      state: recorded({ outcome: outcome({ verdict: "rejected", final: null }) }),
    });
    const asked = at.slack.type({ user: people.lee, channel: channels.general, text: "Annual billing?" });
    await tell(card, { channel: channels.general, ts: asked.ts });
    const [reply] = at
      .inChannel(channels.general)
      .filter((one) => one.threadTs === asked.ts && one.ts !== asked.ts);
    expect(reply?.text).toMatch(new RegExp(`^<@${people.lee}>: .+\\n\\*Rejected\\* by Dana Reyes`));
    expect(reply?.text).not.toContain("task");
    await at.bot.board.say("outcome:pipe-9", {
      ...{ kind: "outcome", requestedBy: people.lee, decision: card },
      to: { channel: "C0CLOSED01", ts: "1.000001" },
    });
    expect(direct()).toHaveLength(1);
  });

  test("does not call somebody who ended it themselves", async () => {
    const own = outcome({ by: { slackId: people.lee, name: "Lee Park" } });
    const card = await at.postCard({ state: recorded({ outcome: own }) });
    const asked = at.slack.type({ user: people.lee, channel: channels.general, text: "Annual billing?" });
    await tell(card, { channel: channels.general, ts: asked.ts });
    const [reply] = at
      .inChannel(channels.general)
      .filter((one) => one.threadTs === asked.ts && one.ts !== asked.ts);
    expect(reply?.text).not.toContain(`<@${people.lee}>`);
  });
});
