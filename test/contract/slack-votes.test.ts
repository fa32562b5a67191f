/** Rights while others vote: whether an approval still counts, and for whom a deputy of several acts. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DecisionRecord, Person } from "../../src/domain/decision.ts";
import { leadershipGroup, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { decision } from "../fixtures/decision.ts";
import { named, rated, standsIn } from "./deputy-desk.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

const postCard = (id: string, change: Partial<DecisionRecord> = {}) =>
  at.postCard({ id, title: id, requestedBy: null, expiresAt: null, ...change });
const approve = (card: DecisionRecord, user: string) => at.clickOn(card, user, "decision_approve");

describe("whether somebody who approved may still decide", () => {
  const LENT = { ...named(people.lee), for: named(people.dana) };
  const ask = async (by: Person, change: Partial<DecisionRecord> = {}) =>
    at.bot.people.stillMay(by, (await postCard("one", change)).id);

  test("is asked of the right they had: listed, in a group, or lent by the principal named", async () => {
    await at.restart({ approvers: [people.dana], approversHigh: [leadershipGroup] });
    at.books.deputyships = [standsIn(people.lee, people.dana)];
    expect(await ask(named(people.dana), { analysis: rated(3) })).toEqual({ kind: "may" });
    expect(await ask(named(people.sam), { analysis: rated(9) })).toEqual({ kind: "may" });
    expect(await ask(LENT)).toEqual({ kind: "may" });
    const escalation = { at: new Date().toISOString(), to: [people.lee] };
    expect(await ask(named(people.lee), { escalation })).toEqual({ kind: "may" });
  });

  test("is denied with the reason once that right is gone, whatever other right they have", async () => {
    await at.restart({ approvers: [people.sam, people.lee] });
    at.books.deputyships = [standsIn(people.dana, people.sam), standsIn(people.lee, people.dana)];
    const lost = (why: string) => ({ kind: "lost", why });
    const notListed = "Dana Reyes may no longer decide, not being in SLACK_APPROVERS.";
    expect(await ask(named(people.dana), { analysis: rated(3) })).toEqual(lost(notListed));
    expect(await ask(LENT)).toEqual(lost(notListed));
    at.books.deputyships = [standsIn(people.lee, people.sam)];
    expect(await ask(LENT)).toEqual(lost("Lee Park is no longer the deputy of Dana Reyes."));
    expect(await ask({ slackId: people.former, name: "Kim" })).toEqual(
      lost("The Slack account of Kim is deactivated."),
    );
  });

  test("is open while nobody can tell", async () => {
    await at.restart({ approvers: [people.sam, leadershipGroup] });
    at.slack.faults.add({ route: /usergroups/, effect: { kind: "status", status: 503 } });
    const unsure = { kind: "unsure", why: "Slack did not answer me", isPassing: true };
    expect(await ask(named(people.dana))).toEqual(unsure);
    expect(await ask(named(people.sam))).toEqual({ kind: "may" });
  });
});

test("a deputy of several acts for one whose approval counts: no voter, and no requester where that is forbidden", async () => {
  const both = [standsIn(people.lee, people.dana), standsIn(people.lee, people.sam)];
  const actsFor = async (id: string, change: Partial<DecisionRecord>) => {
    const clicks = at.books.clicks.length;
    await approve(await postCard(id, change), people.lee);
    await at.settled(() => at.books.clicks.length > clicks);
    return at.books.clicks.at(-1)?.by.for;
  };
  const voted = (by: Person) => {
    const { hash } = decision({ title: "voted" });
    return { title: "voted", approvals: [{ by, at: "2026-11-21T12:00:00.000Z", planHash: hash }] };
  };
  at.books.deputyships = both;
  expect(await actsFor("voted", voted(named(people.dana)))).toEqual(named(people.sam));
  expect(await actsFor("other", voted(named(people.sam)))).toEqual(named(people.dana));
  await at.restart({ selfApproval: "forbid" });
  expect(await actsFor("asked", { requestedBy: people.dana })).toEqual(named(people.sam));
  at.books.deputyships = both.toReversed();
  expect(await actsFor("asked-first", { requestedBy: people.sam })).toEqual(named(people.dana));
  // One who may not decide this one is passed over, of use or not.
  await at.restart({ approvers: [people.sam], selfApproval: "forbid" });
  expect(await actsFor("no-right", { requestedBy: people.sam })).toEqual(named(people.sam));
  // Nobody can tell whether the one of use may: that is no reason to act for the other.
  await at.restart({ approvers: [people.dana, leadershipGroup] });
  at.slack.faults.add({ route: /usergroups/, effect: { kind: "status", status: 503 } });
  await approve(await postCard("unsure", voted(named(people.dana))), people.lee);
  expect(await at.toldTo(people.lee)).toContain("Slack did not answer me. Nothing was changed.");
});

test("who cannot be told whether an earlier approval still counts is told so, and keeps what they typed", async () => {
  at.books.answer = {
    ...{ kind: "votes-unchecked", by: { ...named(people.lee), for: named(people.sam) } },
    ...{ why: "Slack did not answer me", isPassing: true },
  };
  const card = await postCard("one");
  await approve(card, people.dana);
  const words = "I could not check whether Lee Park for Sam Okafor may still decide, who approved before you";
  expect(await at.toldTo(people.dana)).toContain(words);
  await at.clickOn(card, people.dana, "decision_edit");
  await at.settled(() => at.modalOf(people.dana).includes("decision_edit_view"));
  const values = { edit_reason: { reason: { type: "plain_text_input", value: "I looked twice" } } };
  await at.slack.submit({ user: people.dana, viewId: at.viewIdOf(people.dana), values });
  const errors = at.slack.modals(people.dana).at(-1)?.errors;
  expect(JSON.stringify(errors)).toContain(words);
  expect(at.books.audit.map(({ action, detail }) => [action, detail])).toEqual([
    ["decision.approve", "votes-unchecked"],
    ["decision.edit", "votes-unchecked"],
  ]);
});
