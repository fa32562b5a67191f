/** What health knows of Slack: each channel, and whether the lists of ids let anybody in. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { peopleNeeded } from "../../src/compose/rights.ts";
import { channels, leadershipGroup, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { createSlackChecks } from "../../src/slack/check.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

const status = (code: string) => ({ kind: "status", status: 200, code }) as const;

describe("channels", () => {
  test("each is looked at by itself", async () => {
    expect(await at.bot.checks.decisionsChannel()).toEqual({
      status: "ok",
      detail: "#leadership can be reached.",
    });
    at.slack.faults.add({ route: "conversations.info", times: 1, effect: status("channel_not_found") });
    expect(await at.bot.checks.alertsChannel?.()).toMatchObject({
      status: "down",
      detail: expect.stringContaining("SLACK_ALERTS_CHANNEL"),
    });
    expect(await at.bot.checks.alertsChannel?.()).toMatchObject({ status: "ok" });
  });

  test("one channel for both is looked at once", async () => {
    await at.restart({ alertsChannel: channels.leadership });
    expect(at.bot.checks.alertsChannel).toBeNull();
  });
});

describe("the clock", () => {
  const OFF: [number, string][] = [
    [0, "ok"],
    [59_000, "ok"],
    [-90_000, "degraded"],
    [3_600_000, "down"],
    [-3_600_000, "down"],
  ];
  test.each(OFF)("%i ms off is %s", async (offMs, expected) => {
    const { clock } = createSlackChecks({
      outbound: { ...unused, time: async () => new Date(NOW.getTime() - offMs) },
      settings: { decisionsChannel: "C1", alertsChannel: "C1", approvers: [], operators: [] },
      isReachable: () => true,
      now: () => NOW,
    });
    expect((await clock()).status).toBe(expected);
  });

  test("is compared with Slack's own, whatever else Slack answers", async () => {
    expect(await at.bot.checks.clock()).toMatchObject({
      status: "ok",
      detail: expect.stringContaining("right"),
    });
    at.slack.faults.add({ route: "api.test", effect: { kind: "reset", committed: false } });
    expect(await at.bot.checks.clock()).toMatchObject({ status: "unknown" });
  });
});

describe("approvers", () => {
  const approvers = async (...ids: string[]) => {
    await at.restart({ approvers: ids });
    return at.bot.checks.approvers();
  };

  test("are well when each id is a person of the workspace, or a group with one", async () => {
    expect(await approvers(people.dana, leadershipGroup)).toEqual({
      status: "ok",
      detail: "2 entries in SLACK_APPROVERS, all usable.",
    });
  });

  test("that do not exist are not green, although the list is not empty", async () => {
    expect(await approvers("U0NOBODY01")).toEqual({
      status: "down",
      detail: "Nobody can decide: U0NOBODY01 does not exist in this workspace. Correct SLACK_APPROVERS.",
    });
    expect(await approvers("S0NOBODY01")).toMatchObject({
      status: "down",
      detail: expect.stringContaining("no longer exists"),
    });
    expect(await approvers()).toEqual({
      status: "down",
      detail: "Nobody can decide: SLACK_APPROVERS is empty.",
    });
  });

  test("of whom some are of no use are named one by one", async () => {
    const { former, guest, stranger, dana } = people;
    const found = await approvers(former, guest, stranger, seedBot(), dana);
    expect(found.status).toBe("degraded");
    for (const why of ["has left", "is a guest", "belongs to another workspace", "is a bot"])
      expect(found.detail).toContain(why);
  });

  test("a group of nobody who may decide lets nobody in", async () => {
    const group = at.slack.seed.groups.find(({ id }) => id === leadershipGroup);
    const members = group?.users ?? [];
    if (group) group.users = [people.former, people.guest];
    expect(await approvers(leadershipGroup)).toMatchObject({ status: "down" });
    if (group) group.users = [people.former, people.sam];
    expect(await approvers(leadershipGroup)).toMatchObject({ status: "ok" });
    if (group) group.users = [];
    expect((await approvers(leadershipGroup)).detail).toContain("has no members");
    // The seed is shared with other files of this process.
    if (group) group.users = members;
  });

  test("are not known while Slack does not answer", async () => {
    at.slack.faults.add({ route: "users.info", effect: { kind: "status", status: 503 } });
    expect(await approvers(people.dana)).toMatchObject({ status: "unknown" });
  });

  test("operators are looked at when they are other people", async () => {
    expect(await at.bot.checks.operators?.()).toMatchObject({ status: "ok" });
    await at.restart({ approvers: [people.dana], operators: [people.dana] });
    expect(at.bot.checks.operators).toBeNull();
  });

  test("those who are asked when nobody decides are looked at when there are any", async () => {
    expect(at.bot.checks.escalation).toBeNull();
    await at.restart({ escalation: [people.former] });
    const found = await at.bot.checks.escalation?.();
    expect(found?.status).toBe("down");
    expect(found?.detail).toMatch(/^Nobody can be asked when nobody decides: .*SLACK_ESCALATION/);
  });
});

const NOW = new Date("2026-11-21T12:00:00Z");
const unused = {
  person: () => Promise.reject(new Error("not asked")),
  groupMembers: () => Promise.reject(new Error("not asked")),
  identity: () => Promise.reject(new Error("not asked")),
  channel: () => Promise.reject(new Error("not asked")),
};

function seedBot(): string {
  return at.slack.seed.bot.userId;
}

describe("those who decide", () => {
  test("wants one person more where whoever asked is none of those who approve", () => {
    const needed = (selfApproval: "warn" | "forbid", approvalsRequiredHigh: number) => {
      const { decide, decideHigh } = peopleNeeded({ decisions: { selfApproval, approvalsRequiredHigh } });
      return [decide?.people, decideHigh?.people];
    };
    expect(needed("warn", 1)).toEqual([undefined, undefined]);
    expect(needed("warn", 2)).toEqual([undefined, 2]);
    expect(needed("forbid", 1)).toEqual([2, 2]);
    expect(needed("forbid", 2)).toEqual([2, 3]);
  });

  test("of the stricter list is looked at when there is one", async () => {
    expect(at.bot.checks.approversHigh).toBeNull();
    await at.restart({ approversHigh: [people.former] });
    const found = await at.bot.checks.approversHigh?.();
    expect(found?.status).toBe("down");
    expect(found?.detail).toMatch(/^Nobody can decide what has a high impact: .*SLACK_APPROVERS_HIGH/);
  });

  test("says when there are fewer people than have to agree, counting those of groups once", async () => {
    const two = { people: 2, why: "2 have to approve" };
    const needed = { decide: undefined, decideHigh: two };
    await at.restart({ approvers: [people.dana], needed });
    expect(await at.bot.checks.approvers()).toEqual({
      status: "degraded",
      detail: "Only one person can decide, and 2 have to approve. Add somebody to SLACK_APPROVERS.",
    });
    await at.restart({ approvers: [people.dana, leadershipGroup], needed });
    expect(await at.bot.checks.approvers()).toMatchObject({ status: "ok" });
    await at.restart({ approvers: [people.dana], approversHigh: [leadershipGroup], needed });
    expect(await at.bot.checks.approvers()).toMatchObject({ status: "ok" });
    expect(await at.bot.checks.approversHigh?.()).toMatchObject({ status: "ok" });
    const group = at.slack.seed.groups.find(({ id }) => id === leadershipGroup);
    const members = group?.users ?? [];
    if (group) group.users = [people.dana, people.former];
    expect(await at.bot.checks.approversHigh?.()).toMatchObject({ status: "degraded" });
    // The seed is shared with other files of this process.
    if (group) group.users = members;
  });
});
