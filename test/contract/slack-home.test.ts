/** The Home tab as an inbox of decisions: who sees which buttons, and what a click there leads to. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { outcome } from "../fixtures/decision.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

const HOUR_MS = 3_600_000;
const fromNow = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
const fresh = (change: Partial<DecisionRecord> = {}) =>
  at.postCard({ createdAt: fromNow(-1), expiresAt: fromNow(100), ...change });

const homeOf = (user: string) => JSON.stringify(at.slack.home(user)?.view ?? null);
const homeShows = (user: string, words: string) => at.settled(() => homeOf(user).includes(words));
const open = async (user: string, words: string) => {
  expect(await at.slack.openHome(user)).toMatchObject({ status: 200, error: null });
  await homeShows(user, words);
};
const press = async (user: string, actionId: string, blockId?: string) => {
  const viewId = at.slack.home(user)?.id ?? "";
  const click = { user, viewId, actionId, ...(blockId ? { blockId } : {}) };
  expect(await at.slack.clickInView(click)).toMatchObject({ status: 200, error: null });
};
const modalShows = (user: string, words: string) => at.settled(() => at.modalOf(user).includes(words));
const published = () => at.slack.calls.filter(({ route }) => route.includes("views.publish")).length;

/** The click of an older tab, as the person still sees it, or of a forger. */
const letIn = async (user: string) => {
  await at.restart({ approvers: [user] });
  await open(user, "Waiting for you");
  await at.restart();
};

describe("an approver", () => {
  test("decides as on the card, and the tab shows it decided", async () => {
    const card = await fresh();
    await open(people.dana, "Waiting for you");
    expect(homeOf(people.dana)).toContain(`<${card.cardUrl}|Annual billing>`);
    await press(people.dana, "decision_approve");
    await at.settled(() => at.books.clicks.length === 1);
    expect(at.books.clicks).toMatchObject([
      { decisionId: card.id, hash: card.hash, choice: { kind: "approve" }, by: { slackId: people.dana } },
    ]);
    await homeShows(people.dana, "No decision is open.");
    expect(homeOf(people.dana)).not.toContain("decision_approve");
    expect(at.books.audit).toEqual([]);
  });

  test("rejects with the same form, and the tab is published again", async () => {
    await fresh();
    await open(people.dana, "Waiting for you");
    await press(people.dana, "decision_reject");
    await modalShows(people.dana, "Why not?");
    const value = { type: "plain_text_input", value: "Too early." };
    const values = { reject_reason: { reason: value } };
    await at.slack.submit({ user: people.dana, viewId: at.viewIdOf(people.dana), values });
    await homeShows(people.dana, "No decision is open.");
    expect(at.books.clicks).toMatchObject([{ choice: { kind: "reject", reason: "Too early." } }]);
  });

  test("who is too late is told over the tab, which is brought up to date", async () => {
    const card = await fresh();
    await open(people.dana, "Waiting for you");
    const state = {
      kind: "recording",
      outcome: outcome({ by: { slackId: people.sam, name: "Sam Okafor" } }),
    };
    at.books.decisions.set(card.id, { ...card, state: state as DecisionRecord["state"] });
    await press(people.dana, "decision_approve");
    await modalShows(people.dana, "Already decided: this was approved by Sam Okafor");
    await homeShows(people.dana, "No decision is open.");
    expect(at.books.clicks).toEqual([]);
  });

  test("is told directly when the answer comes too late for a modal", async () => {
    const card = await fresh();
    await open(people.dana, "Waiting for you");
    at.books.decisions.set(card.id, { ...card, hash: "0".repeat(32) });
    at.slack.faults.add({
      route: /views\.open/,
      effect: { kind: "garbage", body: JSON.stringify({ ok: false, error: "expired_trigger_id" }) },
    });
    await press(people.dana, "decision_approve");
    const direct = () => JSON.stringify(at.slack.messages(at.slack.directMessage(people.dana)));
    await at.settled(() => direct().includes("What you saw has changed since"));
  });

  test("a fault is told over the tab with a reference", async () => {
    await fresh();
    await open(people.dana, "Waiting for you");
    at.books.broken = new Error("the store is gone");
    await press(people.dana, "decision_approve");
    await modalShows(people.dana, "reference");
  });

  test("a tab that was published since is left alone", async () => {
    await fresh();
    await open(people.dana, "Waiting for you");
    let release = () => {};
    at.books.slowness = new Promise((resolve) => {
      release = resolve;
    });
    await press(people.dana, "decision_approve");
    const before = published();
    await at.slack.openHome(people.dana);
    await at.settled(() => published() > before);
    const newer = at.slack.home(people.dana)?.hash;
    release();
    await at.settled(() => published() > before + 1);
    expect(at.slack.home(people.dana)?.hash).toBe(newer);
  });

  test("sees a first tab while the look-up takes long, then the decisions", async () => {
    await fresh();
    at.slack.faults.add({ route: /users\.info/, times: 1, effect: { kind: "delay", ms: 900 } });
    await open(people.dana, "Looking up what waits");
    await homeShows(people.dana, "Waiting for you");
  });

  test("sees what is late, and may no longer decide what is past", async () => {
    await fresh({ id: "late", title: "Nearly over", createdAt: fromNow(-95), expiresAt: fromNow(5) });
    await fresh({ id: "past", title: "Over", createdAt: fromNow(-95), expiresAt: fromNow(-1) });
    await open(people.dana, "⏰ *Overdue*: open for 3 days, until ");
    expect(homeOf(people.dana)).toContain("⏰ *Overdue*: its time was over ");
    expect(homeOf(people.dana).match(/decision_approve/g)).toHaveLength(1);
    expect(homeOf(people.dana).match(/decision_details/g)).toHaveLength(2);
  });
});

describe("whoever may not decide", () => {
  test("sees the decisions without the buttons, and may read them", async () => {
    await fresh();
    await open(people.lee, "Waiting for a decision");
    expect(homeOf(people.lee)).not.toMatch(/Waiting for you|decision_(approve|edit|reject)|home_poll/);
    await press(people.lee, "decision_details");
    await modalShows(people.lee, "Full analysis");
  });

  test("decides what was escalated to them, and nothing else", async () => {
    const escalation = { at: fromNow(-1), to: [people.lee] };
    await fresh({ id: "other", title: "Not for Lee" });
    await fresh({ id: "asked", title: "For Lee", escalation });
    await open(people.lee, "Waiting for you");
    expect(homeOf(people.lee).match(/decision_approve/g)).toHaveLength(1);
    await press(people.lee, "decision_approve");
    await at.settled(() => at.books.clicks.length === 1);
    expect(at.books.clicks[0]?.decisionId).toBe("asked");
    await at.settled(() => !homeOf(people.lee).includes("Waiting for you"));
  });

  test.each(["decision_approve", "decision_edit", "decision_reject"])(
    "is refused %s on a tab from before, told why, and audited",
    async (actionId) => {
      const card = await fresh();
      await letIn(people.lee);
      await press(people.lee, actionId);
      await modalShows(people.lee, "You may not decide");
      await homeShows(people.lee, "Waiting for a decision");
      expect(at.books.clicks).toEqual([]);
      expect(at.books.audit).toMatchObject([
        { actor: people.lee, subject: card.id, outcome: "refused", detail: "not-listed" },
      ]);
    },
  );

  test("a guest sees only why", async () => {
    await fresh();
    await open(people.guest, "Guests cannot");
    expect(homeOf(people.guest)).not.toContain("Annual billing");
  });

  test("who may decide is not known while Slack does not tell, and that is said", async () => {
    await fresh();
    at.slack.faults.add({ route: /usergroups\.users\.list/, effect: { kind: "status", status: 503 } });
    await open(people.dana, "because Slack did not answer me");
    expect(homeOf(people.dana)).not.toContain("decision_approve");
  });
});

describe("quick actions", () => {
  test("a new item opens the form", async () => {
    await open(people.lee, "New item");
    await press(people.lee, "home_new");
    await modalShows(people.lee, "capture_text");
  });

  test("the digest is for the reader alone", async () => {
    await open(people.lee, "Digest");
    await press(people.lee, "home_digest");
    await modalShows(people.lee, "Daily digest");
    expect(at.inChannel(channels.leadership)).toEqual([]);
  });

  test("polling is offered to operators, done at once, and answered in place", async () => {
    await open(people.sam, "home_poll");
    await press(people.sam, "home_poll");
    await modalShows(people.sam, "message_view");
    expect(at.books.poll.polls).toBe(1);
    expect(at.books.audit).toMatchObject([{ actor: people.sam, action: "poll.now", outcome: "done" }]);
  });

  test("polling is refused to others, whatever their tab shows", async () => {
    await at.restart({ operators: [people.lee] });
    await open(people.lee, "home_poll");
    await at.restart();
    await press(people.lee, "home_poll");
    await modalShows(people.lee, "You may not");
    expect(at.books.poll.polls).toBe(0);
  });
});
