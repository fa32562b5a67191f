/** Who may decide what: the few for what has a high impact, deputies, and one's own request behind glass. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { channels, leadershipGroup, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { offerBreakGlass } from "../../src/slack/actions/break-glass.ts";
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
const refusals = () => at.books.audit.map(({ actor, detail }) => [actor, detail]);

describe("a stricter list for what has a high impact", () => {
  test("decides that alone, and nothing else", async () => {
    await at.restart({ approvers: [people.sam], approversHigh: [people.dana] });
    const high = await postCard("high", { analysis: rated(8) });
    const low = await postCard("low", { analysis: rated(7.9) });
    await approve(high, people.sam);
    const told = await at.toldTo(people.sam);
    expect(told).toContain("You may not decide what has an impact of 8 of 10 or more");
    expect(told).toContain(`<@${people.dana}>`);
    expect(told).toContain("SLACK_APPROVERS_HIGH");
    await approve(low, people.dana);
    expect(await at.toldTo(people.dana)).toContain("put you in SLACK_APPROVERS.");
    expect(refusals()).toEqual([
      [people.sam, "not-listed"],
      [people.dana, "not-listed"],
    ]);
    await approve(low, people.sam);
    await approve(high, people.dana);
    await at.settled(() => at.books.clicks.length === 2);
    expect(at.books.clicks.map(({ by }) => by.name)).toEqual(["Sam Okafor", "Dana Reyes"]);
  });

  test("is asked anew for whom it was escalated to", async () => {
    await at.restart({ approvers: [people.sam], approversHigh: [people.dana] });
    const escalation = { at: new Date().toISOString(), to: [people.lee] };
    await approve(await postCard("high", { analysis: rated(9), escalation }), people.lee);
    await at.settled(() => at.books.clicks.length === 1);
  });
});

describe("a deputy", () => {
  test("decides for whom they stand in, by name or through a group, and is named with them", async () => {
    at.books.deputyships = [standsIn(people.lee, people.dana)];
    await approve(await postCard("one"), people.lee);
    await at.settled(() => at.books.clicks.length === 1);
    expect(at.books.clicks[0]?.by).toEqual({ ...named(people.lee), for: named(people.dana) });
    expect(at.books.audit).toEqual([]);
  });

  test("has no right that the principal has not, or no longer", async () => {
    at.books.deputyships = [standsIn(people.lee, people.sam)];
    await at.restart({ approvers: [people.sam], approversHigh: [people.dana] });
    await approve(await postCard("high", { analysis: rated(9) }), people.lee);
    await at.settled(() => at.books.audit.length === 1);
    await at.restart({ approvers: [people.dana] });
    await approve(await postCard("low", { analysis: rated(3) }), people.lee);
    await at.settled(() => at.books.audit.length === 2);
    expect(at.books.clicks).toEqual([]);
  });

  test("of a deputy is none, and no guest is one, whatever the tables say", async () => {
    await at.restart({ approvers: [people.dana] });
    at.books.deputyships = [standsIn(people.lee, people.dana), standsIn(people.sam, people.lee)];
    const card = await postCard("one");
    await approve(card, people.sam);
    await at.settled(() => at.books.audit.length === 1);
    at.books.deputyships = [standsIn(people.guest, people.dana)];
    await approve(card, people.guest);
    await at.settled(() => at.books.audit.length === 2);
    expect(refusals()).toEqual([
      [people.sam, "not-listed"],
      [people.guest, "guest"],
    ]);
  });

  test("who may decide anyway decides in their own name", async () => {
    at.books.deputyships = [standsIn(people.sam, people.dana)];
    await approve(await postCard("one"), people.sam);
    await at.settled(() => at.books.clicks.length === 1);
    expect(at.books.clicks[0]?.by).toEqual(named(people.sam));
  });

  test("of several stands in for whoever asked, when that is one of them", async () => {
    at.books.deputyships = [standsIn(people.lee, people.dana), standsIn(people.lee, people.sam)];
    await approve(await postCard("one", { requestedBy: people.sam }), people.lee);
    await at.settled(() => at.books.clicks.length === 1);
    expect(at.books.clicks[0]?.by.for).toEqual(named(people.sam));
  });

  test("of somebody listed by name decides while a group cannot be read; of a group's member nobody does", async () => {
    await at.restart({ approvers: [people.dana, leadershipGroup] });
    at.slack.faults.add({ route: /usergroups/, effect: { kind: "status", status: 503 } });
    at.books.deputyships = [standsIn(people.lee, people.sam)];
    const card = await postCard("one");
    await approve(card, people.lee);
    expect(await at.toldTo(people.lee)).toContain("Slack did not answer me. Nothing was changed.");
    at.books.deputyships = [standsIn(people.lee, people.dana)];
    await approve(card, people.lee);
    await at.settled(() => at.books.clicks.length === 1);
    expect(at.books.clicks[0]?.by.for).toEqual(named(people.dana));
  });

  test("loses the right with the principal, also in a form that is open", async () => {
    at.books.deputyships = [standsIn(people.lee, people.sam)];
    const card = await postCard("one");
    await at.clickOn(card, people.lee, "decision_reject");
    await at.settled(() => at.modalOf(people.lee).includes("Why not?"));
    const group = at.slack.seed.groups.find(({ id }) => id === leadershipGroup);
    const members = group?.users ?? [];
    if (group) group.users = [people.dana];
    const values = { reject_reason: { reason: { type: "plain_text_input", value: "No" } } };
    await at.slack.submit({ user: people.lee, viewId: at.viewIdOf(people.lee), values });
    // The seed is shared with other files of this process.
    if (group) group.users = members;
    expect(at.modalOf(people.lee)).toContain("You may not decide");
    expect(at.books.clicks).toEqual([]);
  });

  test("finds what they may decide in the Home tab", async () => {
    await at.restart({ approvers: [people.sam], approversHigh: [people.dana] });
    at.books.deputyships = [standsIn(people.lee, people.sam)];
    const later = new Date(Date.now() + 3_600_000).toISOString();
    await postCard("low", { analysis: rated(2), expiresAt: later });
    await postCard("high", { analysis: rated(9), expiresAt: later });
    await at.slack.openHome(people.lee);
    const home = () => JSON.stringify(at.slack.home(people.lee)?.view ?? "");
    await at.settled(() => home().includes("decision_approve"));
    expect(home().split("decision_approve").length - 1).toBe(1);
    expect(home()).toMatch(/Approve: low/);
  });
});

test("a card waits for those whose approval would count, not for voters, their deputies or the requester", async () => {
  const settings = { approvers: [people.dana, people.sam], approvalsRequiredHigh: 2 };
  await at.restart({ ...settings, selfApproval: "forbid" });
  at.books.deputyships = [standsIn(people.lee, people.dana)];
  const cardWith = async (id: string, requestedBy: string | null) => {
    const fresh = decision({ id, title: id, requestedBy, expiresAt: null, analysis: rated(9) });
    const by = named(people.dana);
    const approvals = [{ by, at: new Date().toISOString(), planHash: fresh.hash }];
    await at.bot.board.postDecision({ ...fresh, approvals });
    return JSON.stringify(at.inChannel(channels.leadership).at(-1)?.blocks);
  };
  const open = await cardWith("open", null);
  expect(open).toContain(`1 of 2 approvals*: Dana Reyes. Waiting for <@${people.sam}>.`);
  expect(open).not.toContain(people.lee);
  expect(await cardWith("own", people.sam)).not.toContain("Waiting for");
  at.books.deputyships = [standsIn(people.lee, people.sam)];
  expect(await cardWith("away", null)).toContain(`Waiting for <@${people.sam}> and <@${people.lee}>.`);
});

describe("a decision made in Notion", () => {
  const ask = async (user: string, change: Partial<DecisionRecord> = {}) => {
    const { id } = await postCard("one", change);
    return at.bot.people.mayDecide(named(user), id);
  };

  test("by a deputy is the principal's; by others it is told to others why not", async () => {
    await at.restart({ approvers: [people.sam], approversHigh: [people.dana] });
    at.books.deputyships = [standsIn(people.lee, people.dana)];
    expect(await ask(people.lee, { analysis: rated(9) })).toEqual({
      ok: true,
      person: { ...named(people.lee), for: named(people.dana) },
    });
    expect(await ask(people.sam, { analysis: rated(9) })).toEqual({
      ok: false,
      refusal: "not-listed",
      reason:
        "Sam Okafor may not decide what has an impact of 8 of 10 or more, not being in SLACK_APPROVERS_HIGH.",
    });
    expect(await ask(people.guest)).toMatchObject({
      refusal: "guest",
      reason: "Gale Moss is a guest, and guests cannot decide.",
    });
  });

  test("is not refused because Slack does not answer: that is asked again", async () => {
    at.slack.faults.add({ route: /users\.info/, effect: { kind: "status", status: 503 } });
    await expect(ask(people.dana)).rejects.toMatchObject({ code: "slack_unavailable", retryable: true });
    at.slack.faults.clear();
    expect(await ask(people.dana)).toMatchObject({ ok: true });
  });
});

test("reminders name those who may decide this one, and their deputies", async () => {
  await at.restart({ approvers: [people.sam], approversHigh: [people.dana] });
  at.books.deputyships = [standsIn(people.lee, people.dana)];
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const remind = async (id: string, impact: number) => {
    const card = await postCard(id, { analysis: rated(impact), expiresAt });
    const reminder = { decision: { ...card, expiresAt }, mark: 50, at: new Date().toISOString() } as const;
    await at.bot.reminderBoard.remind(id, reminder);
    return at.inChannel(channels.leadership).at(-1)?.text ?? "";
  };
  expect(await remind("high", 9)).toContain("Dana Reyes or Lee Park can decide");
  expect(await remind("low", 3)).toContain("Sam Okafor can decide");
});

test("reminders name nobody whose approval counts already, or cannot, whatever group they are in", async () => {
  await at.restart({ approvers: [leadershipGroup, people.lee], selfApproval: "forbid" });
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const card = await postCard("half", { expiresAt, requestedBy: people.lee });
  const by = { slackId: people.dana, name: "Dana Reyes" };
  const approvals = [{ by, at: expiresAt, planHash: card.hash }];
  const half = { ...card, expiresAt, approvals };
  await at.bot.reminderBoard.remind("half", { decision: half, mark: 50, at: new Date().toISOString() });
  const said = at.inChannel(channels.leadership).at(-1)?.text ?? "";
  expect(said).toContain("One approval is still missing");
  expect(said).toContain("\nSam Okafor can decide");
});

describe("/emm deputy", () => {
  const emm = async (user: string, text: string) => {
    const before = at.slack.messages(channels.general).length;
    await at.slack.command({ user, channel: channels.general, command: "/emm", text: `deputy ${text}` });
    await at.settled(() => at.slack.messages(channels.general).length > before);
    return at.slack.messages(channels.general).at(-1)?.text ?? "";
  };
  const soon = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  const pairs = () => at.books.deputyships.map(({ deputy, principal }) => [deputy.name, principal.name]);

  test("names one until the end of a day, shows it to everybody, and ends it", async () => {
    const told = await emm(people.dana, `@lee until ${soon}`);
    expect(told).toContain(`<@${people.lee}> is your deputy until the end of ${soon}`);
    expect(told).toContain("“Lee Park for Dana Reyes”");
    expect(at.books.deputyships).toMatchObject([
      { deputy: named(people.lee), principal: named(people.dana), lastDay: soon },
    ]);
    expect(await emm(people.lee, "")).toContain(`you for <@${people.dana}>, until the end of ${soon}`);
    expect(await emm(people.dana, `@sam ${soon}`)).toContain(`<@${people.lee}> no longer is.`);
    expect(pairs()).toEqual([["Sam Okafor", "Dana Reyes"]]);
    expect(await emm(people.dana, "off")).toContain(`<@${people.sam}> is no longer your deputy`);
    expect(await emm(people.dana, "off")).toContain("nothing to end");
    expect(await emm(people.lee, "")).toContain("Nobody stands in for anybody.");
  });

  test.each([
    ["@lee", "Until when?"],
    ["@lee until 2026-02-30", "no such day"],
    ["@lee until 2020-01-01", "That day is over"],
    ["@lee until 2999-01-01", "at most 366 days"],
    [`@lee until ${soon} or ${soon}`, "I need one day"],
    [`until ${soon}`, "I need one person"],
    [`@lee @sam until ${soon}`, "I need one person"],
    [`@dana until ${soon}`, "your own deputy"],
    [`@gale until ${soon}`, "cannot be a deputy"],
    [`@robin until ${soon}`, "cannot be a deputy"],
    [`@emm until ${soon}`, "cannot be a deputy"],
  ])("%s is refused with the way to do it", async (typed, words) => {
    const told = await emm(people.dana, typed);
    expect(told).toContain(words);
    expect(told).toContain("Nothing was changed.");
    expect(told).toContain("/emm deputy @somebody until");
    expect(at.books.deputyships).toEqual([]);
  });

  test("is for those who may decide; the attempt is audited", async () => {
    expect(await emm(people.lee, `@lee until ${soon}`)).toContain("You may not decide");
    at.books.deputyships = [standsIn(people.lee, people.dana)];
    expect(await emm(people.lee, `@sam until ${soon}`)).toContain("a deputy cannot name another");
    expect(await emm(people.guest, "")).toContain("Guests cannot");
    expect(await emm(people.guest, "off")).toContain("Guests cannot");
    expect(at.books.audit).toMatchObject([
      { actor: people.lee, action: "deputy.name", subject: people.lee, detail: "not-listed" },
      { actor: people.lee, action: "deputy.name", subject: people.sam, detail: "deputy-of-deputy" },
      { actor: people.guest, action: "deputy.end", detail: "guest" },
    ]);
    expect(pairs()).toEqual([["Lee Park", "Dana Reyes"]]);
  });

  test("tells the deputy directly, once", async () => {
    const dm = () => at.slack.messages(`D0${people.lee.slice(2)}`).map(({ text }) => text);
    const named = standsIn(people.lee, people.dana);
    await at.bot.deputyWall.tellNamed(named);
    await at.bot.deputyWall.tellNamed(named);
    await at.bot.deputyWall.tellEnded({ id: "off" }, named);
    expect(dm()).toHaveLength(2);
    expect(dm()[0]).toContain(`<@${people.dana}> made you their deputy until the end of 2099-12-31`);
    expect(dm()[1]).toContain(`You are no longer the deputy of <@${people.dana}>`);
  });
});

describe("one's own request, where nobody may decide on it", () => {
  const glass = () => at.modalOf(people.dana).includes("break the glass");
  const reason = (value: string) => ({
    "break-glass_reason": { reason: { type: "plain_text_input", value } },
  });

  test("is approved with a reason, which the form insists on", async () => {
    at.books.isForbidden = true;
    const card = await postCard("one", { requestedBy: people.dana });
    await approve(card, people.dana);
    await at.settled(glass);
    expect(refusals()).toEqual([[people.dana, "self-approval-forbidden"]]);
    const submit = (value: string) =>
      at.slack.submit({ user: people.dana, viewId: at.viewIdOf(people.dana), values: reason(value) });
    await submit("........ no ........");
    expect(at.books.clicks).toEqual([]);
    expect(at.slack.modals(people.dana).at(-1)?.errors).toMatchObject({
      "break-glass_reason": expect.stringContaining("at least 10 letters"),
    });
    await submit("  Nobody else is here  ");
    await at.settled(() => at.books.clicks.length === 1);
    expect(at.books.clicks[0]).toMatchObject({
      choice: { kind: "approve" },
      breakGlass: { reason: "Nobody else is here" },
      hash: card.hash,
    });
  });

  test("is not put into a form that binds to a plan which they have not seen", async () => {
    const card = await postCard("one", { requestedBy: people.dana });
    const opened: unknown[] = [];
    const told: unknown[] = [];
    const outbound = { openModal: async (...form: unknown[]) => void opened.push(form) };
    const respond = async (words: unknown) => void told.push(words);
    const click = { body: { user: { id: people.dana }, trigger_id: "t", response_url: "https://x.example" } };
    const offer = (hash: string) =>
      offerBreakGlass(
        { desk: { find: async () => card }, outbound } as unknown as Parameters<typeof offerBreakGlass>[0],
        { ...click, respond } as unknown as Parameters<typeof offerBreakGlass>[1],
        { decisionId: card.id, hash, sentence: "A second person has to decide." },
      );
    await offer("0".repeat(32));
    expect([opened.length, told.length]).toEqual([0, 1]);
    await offer(card.hash);
    expect(opened.length).toBe(1);
  });

  test("is answered in words when Slack opens no form any more", async () => {
    at.books.isForbidden = true;
    at.slack.faults.add({ route: /views\.open/, effect: { kind: "status", status: 503 } });
    await approve(await postCard("one", { requestedBy: people.dana }), people.dana);
    expect(await at.toldTo(people.dana)).toMatch(/a second person has to decide.*Click Approve again/s);
  });

  test("of a principal is not for the deputy to break the glass for", async () => {
    at.books.isForbidden = true;
    at.books.deputyships = [standsIn(people.lee, people.dana)];
    await approve(await postCard("one", { requestedBy: people.dana }), people.lee);
    expect(await at.toldTo(people.lee)).toContain("or stand in for whoever did");
    expect(at.slack.modals(people.lee)).toEqual([]);
  });
});
