/** What happens when people press the buttons of a decision card and submit its forms. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askedOf } from "../../src/domain/asked.ts";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { people } from "../../src/sandbox/slack/workspace-seed.ts";
import { decision, plan } from "../fixtures/decision.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

describe("approving", () => {
  test("an approver's click reaches the desk once, with the name and the hash of the card", async () => {
    const card = await at.postCard();
    const delivery = await at.clickOn(card, people.dana, "decision_approve");
    expect(delivery).toMatchObject({ status: 200, error: null });
    await at.settled(() => at.books.clicks.length > 0);
    expect(at.books.clicks).toEqual([
      {
        decisionId: card.id,
        hash: card.hash,
        choice: { kind: "approve" },
        by: { slackId: people.dana, name: "Dana Reyes" },
      },
    ]);
  });

  test.each([
    [people.lee, "not-listed", "You may not decide"],
    [people.guest, "guest", "Guests cannot decide"],
    [people.stranger, "other-team", "another Slack workspace"],
  ])("%s is told why not (%s), and it is audited", async (user, kind, words) => {
    const card = await at.postCard();
    await at.clickOn(card, user, "decision_approve");
    expect(await at.toldTo(user)).toContain(words);
    expect(at.books.clicks).toEqual([]);
    expect(at.books.audit).toMatchObject([
      { actor: user, action: "decision.approve", subject: card.id, outcome: "refused", detail: kind },
    ]);
  });

  test("a second person is told who decided", async () => {
    const card = await at.postCard();
    await at.clickOn(card, people.dana, "decision_approve");
    await at.settled(() => at.books.clicks.length === 1);
    await at.clickOn(card, people.sam, "decision_approve");
    expect(await at.toldTo(people.sam)).toContain("Already decided: this was approved by Dana Reyes");
    expect(at.books.clicks).toHaveLength(1);
  });

  test("a click on an outdated card is refused with a way to the new one", async () => {
    const card = await at.postCard();
    at.books.decisions.set(card.id, { ...card, hash: "0".repeat(32) });
    await at.clickOn(card, people.dana, "decision_approve");
    const told = await at.toldTo(people.dana);
    expect(told).toContain("What you saw has changed since");
    expect(told).toContain(`<${card.cardUrl}|the new card>`);
    expect(at.books.clicks).toEqual([]);
  });

  test("a replayed click is acknowledged and does nothing", async () => {
    const card = await at.postCard();
    await at.clickOn(card, people.lee, "decision_approve");
    await at.toldTo(people.lee);
    expect(await at.slack.replayLast()).toMatchObject({ status: 200 });
    expect(await at.slack.replayLast()).toMatchObject({ status: 200 });
    await at.clickOn(card, people.dana, "decision_approve");
    await at.settled(() => at.books.clicks.length === 1);
    expect(at.books.audit).toHaveLength(1);
  });

  test("nobody may decide while Slack cannot be asked who they are", async () => {
    const card = await at.postCard();
    at.slack.faults.add({ route: /users\.info/, effect: { kind: "status", status: 503 } });
    await at.clickOn(card, people.dana, "decision_approve");
    expect(await at.toldTo(people.dana)).toContain("because Slack did not answer me. Nothing was changed.");
    at.slack.faults.clear();
    await at.clickOn(card, people.dana, "decision_approve");
    await at.settled(() => at.books.clicks.length === 1);
  });

  test("a desk that fails is told with a reference, and the click stays acknowledged", async () => {
    const card = await at.postCard();
    at.books.broken = new Error("the store is gone");
    expect(await at.clickOn(card, people.dana, "decision_approve")).toMatchObject({
      status: 200,
      error: null,
    });
    const told = await at.toldTo(people.dana);
    expect(told).toMatch(/did not work.*reference `[0-9a-f]{8}`/);
    expect(told).not.toContain("the store is gone");
  });

  test("the click is acknowledged although the desk takes its time, and stop waits for it", async () => {
    const card = await at.postCard();
    let release = () => {};
    at.books.slowness = new Promise((resolve) => {
      release = resolve;
    });
    const delivery = await at.clickOn(card, people.dana, "decision_approve");
    expect(delivery.error).toBeNull();
    expect(at.bot.inFlight()).toBe(1);
    const stopped = at.bot.stop();
    release();
    await stopped;
    expect(at.books.clicks).toHaveLength(1);
    expect(at.bot.inFlight()).toBe(0);
  });
});

test("with an empty approver list nobody decides", async () => {
  await at.restart({ approvers: [] });
  const card = await at.postCard();
  await at.clickOn(card, people.dana, "decision_approve");
  expect(await at.toldTo(people.dana)).toContain("nobody is named in SLACK_APPROVERS.");
  expect(at.books.clicks).toEqual([]);
});

describe("editing and rejecting", () => {
  test("edits are decided as typed, everything else as proposed", async () => {
    const card = await at.postCard();
    await at.clickOn(card, people.dana, "decision_edit");
    await at.settled(() => at.slack.modals(people.dana).length === 1);
    expect(at.modalOf(people.dana)).toContain("Write the refund policy");
    const delivery = await at.slack.submit({
      user: people.dana,
      viewId: at.viewIdOf(people.dana),
      values: {
        edit_option: {
          decision_option: {
            type: "static_select",
            selected_option: { text: { type: "plain_text", text: "B. Stay monthly" }, value: "B" },
          },
        },
        edit_tasks: { tasks: { type: "plain_text_input", value: "Only this\n\n- And that" } },
        edit_reason: { reason: { type: "plain_text_input", value: "Too early" } },
      },
    });
    expect(delivery).toMatchObject({ status: 200, error: null });
    expect(at.books.clicks.map((click) => click.choice)).toEqual([
      {
        kind: "edit",
        reason: "Too early",
        edits: {
          option: "B",
          riskAssessment: plan.riskAssessment,
          resources: plan.resources,
          tasks: ["Only this", "And that"],
        },
      },
    ]);
    expect(at.slack.modals(people.dana)).toEqual([]);
  });

  test("a rejection carries its reason", async () => {
    const card = await at.postCard();
    await at.clickOn(card, people.sam, "decision_reject");
    await at.settled(() => at.slack.modals(people.sam).length === 1);
    await at.slack.submit({
      user: people.sam,
      viewId: at.viewIdOf(people.sam),
      values: { reject_reason: { reason: { type: "plain_text_input", value: "Not now" } } },
    });
    expect(at.books.clicks.map((click) => click.choice)).toEqual([{ kind: "reject", reason: "Not now" }]);
  });

  test("a reason of blanks is a field error, and the form stays open", async () => {
    const card = await at.postCard();
    await at.clickOn(card, people.sam, "decision_reject");
    await at.settled(() => at.slack.modals(people.sam).length === 1);
    await at.slack.submit({
      user: people.sam,
      viewId: at.viewIdOf(people.sam),
      values: { reject_reason: { reason: { type: "plain_text_input", value: "   " } } },
    });
    expect(at.slack.modals(people.sam).at(-1)?.errors).toEqual({
      reject_reason: "Please say why in a few words.",
    });
    expect(at.books.clicks).toEqual([]);
  });

  test("somebody who may not decide gets no form", async () => {
    const card = await at.postCard();
    await at.clickOn(card, people.lee, "decision_edit");
    expect(await at.toldTo(people.lee)).toContain("You may not decide");
    expect(at.slack.modals(people.lee)).toEqual([]);
    expect(at.books.audit).toMatchObject([{ action: "decision.edit", detail: "not-listed" }]);
  });

  test("a form of a plan that changed meanwhile decides nothing and says why", async () => {
    const card = await at.postCard();
    await at.clickOn(card, people.dana, "decision_edit");
    await at.settled(() => at.slack.modals(people.dana).length === 1);
    at.books.decisions.set(card.id, { ...card, hash: "1".repeat(32) });
    await at.slack.submit({ user: people.dana, viewId: at.viewIdOf(people.dana), values: {} });
    expect(at.modalOf(people.dana)).toContain("What you saw has changed since");
    expect(at.books.clicks).toEqual([]);
  });

  test("a form of a decision that somebody else made meanwhile names them", async () => {
    const card = await at.postCard();
    await at.clickOn(card, people.sam, "decision_edit");
    await at.settled(() => at.slack.modals(people.sam).length === 1);
    await at.clickOn(card, people.dana, "decision_approve");
    await at.settled(() => at.books.clicks.length === 1);
    await at.slack.submit({ user: people.sam, viewId: at.viewIdOf(people.sam), values: {} });
    expect(at.modalOf(people.sam)).toContain("approved by Dana Reyes");
    expect(at.books.clicks).toHaveLength(1);
  });

  test("a failing desk answers the form with a reference instead of a timeout", async () => {
    const card = await at.postCard();
    await at.clickOn(card, people.dana, "decision_edit");
    await at.settled(() => at.slack.modals(people.dana).length === 1);
    at.books.broken = new Error("the store is gone");
    const delivery = await at.slack.submit({
      user: people.dana,
      viewId: at.viewIdOf(people.dana),
      values: {},
    });
    expect(delivery.error).toBeNull();
    expect(at.modalOf(people.dana)).toMatch(/reference `[0-9a-f]{8}`/);
  });

  describe("answered in time although the desk takes longer", () => {
    let release = () => {};
    beforeEach(() => {
      at.books.slowness = new Promise((resolve) => {
        release = resolve;
      });
    });
    const submitEdit = async (user: string) => {
      const { error, acknowledgedMs } = await at.slack.submit({
        ...{ user, viewId: at.viewIdOf(user), values: {} },
      });
      expect(error).toBeNull();
      expect(acknowledgedMs).toBeLessThan(3_000);
      expect(at.modalOf(user)).toContain("takes longer than usual");
    };
    const openEdit = async (user: string, card: DecisionRecord) => {
      await at.clickOn(card, user, "decision_edit");
      await at.settled(() => at.slack.modals(user).length === 1);
    };
    const toldDirectly = (user: string) =>
      at.slack.messages(at.slack.directMessage(user)).map(({ text }) => text);

    test("a form decides once, and who came second is told, wherever the card is", async () => {
      const card = await at.postCard();
      await openEdit(people.dana, card);
      await openEdit(people.sam, card);
      // As for a click in the Home tab while Slack took no card.
      at.books.decisions.set(card.id, { ...card, card: null, cardUrl: null });
      await Promise.all([submitEdit(people.dana), submitEdit(people.sam)]);
      release();
      await at.settled(() => [people.dana, people.sam].some((one) => toldDirectly(one).length > 0));
      expect(at.books.clicks).toHaveLength(1);
      const second = at.books.clicks[0]?.by.slackId === people.dana ? people.sam : people.dana;
      expect(toldDirectly(second)).toEqual([
        expect.stringContaining("Already decided: this was approved (with changes) by"),
      ]);
    });

    test("a form that fails after that is told with a reference, once", async () => {
      const card = await at.postCard();
      await openEdit(people.dana, card);
      await submitEdit(people.dana);
      at.books.broken = new Error("the store is gone");
      release();
      await at.settled(() => toldDirectly(people.dana).length > 0);
      expect(toldDirectly(people.dana)).toEqual([expect.stringMatching(/did not work.*`[0-9a-f]{8}`/)]);
      expect(at.books.faults).toHaveLength(1);
    });
  });

  test("a slow look-up opens a placeholder before the trigger expires and fills it", async () => {
    const card = await at.postCard();
    at.slack.faults.add({ route: /users\.info/, effect: { kind: "delay", ms: 1_200 } });
    await at.clickOn(card, people.dana, "decision_edit");
    await at.settled(() => at.modalOf(people.dana).includes("One moment"));
    await at.settled(() => at.modalOf(people.dana).includes("Write the refund policy"));
    expect(at.slack.modals(people.dana)).toHaveLength(1);
  });
});

test("details show the whole analysis, and pages turn", async () => {
  const base = decision();
  const rationale = "why ".repeat(90_000);
  const synthesis = { ...base.analysis.synthesis, rationale };
  const card = await at.postCard({ analysis: { ...base.analysis, synthesis } });
  const url = "https://www.notion.so/item1";
  at.books.asked.set(card.id, askedOf({ title: "Billing", content: "Lee's <!here> words", url }));
  const isFirstPage = () => /What was asked.*Lee's <!here> words.*Page 1 of/.test(at.modalOf(people.lee));
  await at.clickOn(card, people.lee, "decision_details");
  await at.settled(isFirstPage);
  await at.slack.clickInView({
    user: people.lee,
    viewId: at.viewIdOf(people.lee),
    actionId: "decision_details_page",
  });
  await at.settled(() => at.modalOf(people.lee).includes("Page 2 of"));
  await at.slack.clickInView({
    user: people.lee,
    viewId: at.viewIdOf(people.lee),
    actionId: "decision_details_page_previous",
  });
  await at.settled(isFirstPage);
});
