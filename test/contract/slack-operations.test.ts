/** `/emm maintenance`, `digest`, `budget` and `stats`, as people and the audit see them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeAll(async () => {
  at = await openOffice();
});
afterAll(() => at.close());

async function emm(text: string, user: string = people.sam): Promise<string> {
  const told = () => at.slack.messages(channels.general).filter((one) => one.visibleTo === user);
  const before = told().length;
  const delivery = await at.slack.command({ user, channel: channels.general, command: "/emm", text });
  expect(delivery).toMatchObject({ status: 200, error: null });
  await at.settled(() => told().length > before);
  const [answer] = told().slice(before);
  return `${answer?.text}\n${JSON.stringify(answer?.blocks)}`;
}

const audited = () => at.books.audit.map(({ actor, action, outcome }) => [actor, action, outcome]);

describe("/emm maintenance", () => {
  test("by somebody who is no operator is refused, and on record", async () => {
    expect(await emm("maintenance 30m fun", people.dana)).toContain("Operators:");
    expect(await emm("maintenance off", people.dana)).toContain("Operators:");
    expect(audited()).toEqual([
      [people.dana, "maintenance.begin", "refused"],
      [people.dana, "maintenance.end", "refused"],
    ]);
    at.books.audit.length = 0;
  });

  test("with a bad time names the fix and changes nothing", async () => {
    expect(await emm("maintenance 30 moving")).toContain('"30" has no unit: write 30m or 30h');
    expect(await emm("maintenance 30m")).toContain("a reason is missing");
    expect(await emm("maintenance")).toContain("there was none yet");
    expect(audited()).toEqual([]);
  });

  test("begins, is changed, shown to everybody, and ends; each on record with its reason", async () => {
    expect(await emm("maintenance 30m moving <@U0DANA0001|dana>")).toContain("Maintenance has begun");
    expect(await emm("maintenance 2h still moving")).toContain("now goes on until");
    expect(await emm("maintenance status", people.lee)).toContain("still moving");
    await at.slack.openHome(people.lee);
    await at.settled(() =>
      JSON.stringify(at.slack.home(people.lee)?.view ?? "").includes("🔧 Maintenance until"),
    );
    expect(await emm("maintenance off")).toContain("Maintenance is over");
    expect(await emm("maintenance off")).toContain("There is no maintenance to end");
    expect(audited()).toEqual([
      [people.sam, "maintenance.begin", "done"],
      [people.sam, "maintenance.begin", "done"],
      [people.sam, "maintenance.end", "done"],
    ]);
    expect(at.books.audit[0]?.detail).toMatch(/^begun: 30 min, until .*: moving @dana$/);
    expect(at.books.audit[1]?.detail).toMatch(/^changed: 2 h, until .*: still moving$/);
  });
});

describe("figures", () => {
  test.each(["digest", "digest weekly", "budget", "stats"])(
    "%s is for members, told privately",
    async (text) => {
      expect(await emm(text, people.guest)).toContain("Guests cannot");
      expect(at.inChannel(channels.general)).toEqual([]);
    },
  );

  test("of nothing are no data", async () => {
    expect(await emm("digest")).toContain("Daily digest: nothing happened, nothing waits.");
    expect(await emm("digest WEEKLY")).toContain("Weekly digest");
    expect(await emm("budget")).toContain("no data (Claude was not asked)");
    expect(await emm("stats")).toContain("no data");
  });

  test("say what they take when there is more", async () => {
    expect(await emm("digest monthly")).toContain('does not know \\"monthly\\": it takes daily or weekly');
    expect(await emm("budget `now`")).toContain("it takes nothing after it");
  });
});
