/** Undo and Withdraw request: who may, and what the others are told. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { people } from "../../src/sandbox/slack/workspace-seed.ts";
import { encodeMoreValue } from "../../src/slack/ids.ts";
import { outcome } from "../fixtures/decision.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

const known = (card: DecisionRecord) => at.books.decisions.get(card.id);
const DANA = { slackId: people.dana, name: "Dana Reyes" };
const UNTIL = "2026-11-21T12:00:30.000Z";
const UNDOABLE = { kind: "undoable", outcome: outcome({ by: DANA }), until: UNTIL } as const;

describe("undo", () => {
  test("is for whoever decided, also when they may decide no more", async () => {
    await at.restart({ approvers: [people.sam] });
    const card = await at.postCard({ state: UNDOABLE });
    await at.clickOn(card, people.dana, "decision_undo");
    await at.settled(() => known(card)?.state.kind === "pending");
    expect(at.books.audit).toEqual([]);
  });

  test.each([
    [people.sam, "not-yours", "Only Dana Reyes, who decided"],
    [people.guest, "guest", "Guests cannot"],
    [people.stranger, "other-team", "another Slack workspace"],
  ])("%s is told why not (%s), and it is audited", async (user, detail, words) => {
    const card = await at.postCard({ state: UNDOABLE });
    await at.clickOn(card, user, "decision_undo");
    expect(await at.toldTo(user)).toContain(words);
    expect(known(card)?.state.kind).toBe("undoable");
    expect(at.books.audit).toMatchObject([
      { actor: user, action: "decision.undo", subject: card.id, outcome: "refused", detail },
    ]);
  });

  test("of what is being carried out comes too late", async () => {
    const card = await at.postCard({ state: UNDOABLE });
    at.books.decisions.set(card.id, { ...card, state: { kind: "recording", outcome: UNDOABLE.outcome } });
    await at.clickOn(card, people.dana, "decision_undo");
    expect(await at.toldTo(people.dana)).toContain("Too late");
  });
});

describe("withdrawing", () => {
  const choose = (card: DecisionRecord, user: string) =>
    at.slack.click({
      ...{ user, channel: card.card?.channel ?? "", ts: card.card?.ts ?? "", actionId: "decision_more" },
      selected: encodeMoreValue({ entry: "withdraw", id: card.id, hash: card.hash }),
    });
  const submit = (user: string, reason: string) =>
    at.slack.submit({
      ...{ user, viewId: at.viewIdOf(user) },
      values: { withdraw_reason: { reason: { type: "plain_text_input", value: reason } } },
    });

  test("is for whoever asked, who need not be an approver; the reason may be left out", async () => {
    const card = await at.postCard({ requestedBy: people.lee, expiresAt: null });
    await choose(card, people.lee);
    await at.settled(() => at.slack.modals(people.lee).length === 1);
    await submit(people.lee, "  ");
    expect(known(card)?.state).toMatchObject({
      outcome: { verdict: "withdrawn", reason: null, final: null },
    });
    expect(at.slack.modals(people.lee)).toEqual([]);
  });

  test("somebody else gets no form, and it is audited", async () => {
    const card = await at.postCard({ requestedBy: people.lee });
    await choose(card, people.dana);
    expect(await at.toldTo(people.dana)).toContain("Only whoever asked");
    expect(at.slack.modals(people.dana)).toEqual([]);
    expect(at.books.audit).toMatchObject([{ action: "decision.withdraw", detail: "not-requester" }]);
  });

  test("comes second to a decision that was made while the form was open", async () => {
    const card = await at.postCard({ requestedBy: people.lee, expiresAt: null });
    await choose(card, people.lee);
    await at.settled(() => at.slack.modals(people.lee).length === 1);
    await at.clickOn(card, people.dana, "decision_approve");
    await at.settled(() => at.books.clicks.length === 1);
    await submit(people.lee, "Never mind");
    expect(at.modalOf(people.lee)).toContain("Already decided: this was approved by Dana Reyes");
    expect(known(card)?.state).toMatchObject({ outcome: { verdict: "approved" } });
  });

  test("is not offered where nobody in Slack asked", async () => {
    const card = await at.postCard({ requestedBy: null });
    expect(await choose(card, people.dana)).toMatchObject({ error: "element_not_found" });
  });
});
