/** What people get from `/emm incident` and `/emm slo`. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeAll(async () => {
  at = await openOffice();
});
afterAll(() => at.close());
beforeEach(() => {
  for (const list of [at.books.incidents.incidents, at.books.incidents.acts, at.books.audit]) list.length = 0;
});

/** Sam is an operator, Dana is not. */
async function emm(text: string, user: string = people.sam): Promise<string> {
  const told = () => at.slack.messages(channels.general).filter((one) => one.visibleTo === user);
  const before = told().length;
  const delivery = await at.slack.command({ user, channel: channels.general, command: "/emm", text });
  expect(delivery).toMatchObject({ status: 200, error: null });
  await at.settled(() => told().length > before);
  return JSON.stringify(told().at(-1));
}

const { incidents, acts } = {
  incidents: () => at.books.incidents.incidents,
  acts: () => at.books.incidents.acts,
};

describe("/emm incident", () => {
  test("opens one with its severity and title, and writes that down", async () => {
    const told = await emm("incident open p1 Cards do not appear");
    expect(told).toContain("*P1 incident #1* is open: Cards do not appear");
    expect(told).toContain(`<#${channels.alerts}>`);
    expect(incidents()).toMatchObject([{ severity: "P1", title: "Cards do not appear" }]);
    expect(at.books.audit).toMatchObject([
      { actor: people.sam, action: "incident.open", subject: "1", outcome: "done", detail: "P1" },
    ]);
    expect(await emm("incident")).toContain("1 open incident");
  });

  test("is for operators: others are refused, and that is written down", async () => {
    for (const text of ["incident open P1 Mischief", "incident", "incident close"]) {
      expect(await emm(text, people.dana), text).toContain("You may not do this");
    }
    expect(incidents()).toEqual([]);
    expect(at.books.audit.map(({ action, outcome }) => ({ action, outcome }))).toEqual([
      { action: "incident.open", outcome: "refused" },
      { action: "incident.list", outcome: "refused" },
      { action: "incident.close", outcome: "refused" },
    ]);
  });

  test.each([
    ["incident opne P1 x", "Did you mean `/emm incident open`?"],
    ["incident open everything is down", "P1, P2, P3 or P4 comes first."],
    ["incident open P1", "The title is missing"],
    ["incident update still looking", "No incident is open"],
    ["incident close #7", "There is no incident #7"],
    ["incident <!channel> now", "I do not know `/emm incident @channel`"],
  ])("%j does nothing and names the fix", async (text, words) => {
    const told = await emm(text);
    expect(told).toContain(words);
    expect(told).toContain("/emm incident");
    expect([...incidents(), ...acts()]).toEqual([]);
  });

  test("takes updates, the end of the trouble and the closing, each once", async () => {
    await emm("incident open P2 Slow");
    expect(await emm("incident update Notion answers again & <https://x.example|fine>")).toContain("noted.");
    await at.slack.replayLast();
    await emm("incident mitigated restarted");
    expect(await emm("incident close it was Notion")).toContain("post-mortem goes to Notion");
    expect(await emm("incident close #1")).toContain("is closed already");
    expect(acts().map(({ kind, text }) => ({ kind, text }))).toEqual([
      { kind: "update", text: "Notion answers again & https://x.example" },
      { kind: "mitigated", text: "restarted" },
      { kind: "closed", text: "it was Notion" },
    ]);
    expect(new Set(acts().map(({ key }) => key)).size).toBe(3);
  });

  test("knows an owner by the mention, not by a name that anybody can take", async () => {
    await emm("incident open P2 Slow");
    expect(await emm("incident owner @dana")).toContain("the owner is Dana");
    expect(await emm("incident owner me")).toContain("the owner is Sam");
    expect(await emm("incident owner Dana Reyes")).toContain("I need one person");
    expect(await emm("incident owner @dana @lee")).toContain("I need one person");
    expect(await emm(`incident owner <@${people.guest}>`)).toContain("Only full members");
    expect(acts().map(({ owner }) => owner?.slackId)).toEqual([people.dana, people.sam]);
  });

  test("asks which one when several are open", async () => {
    await emm("incident open P2 Slow");
    await emm("incident open P1 Gone");
    expect(await emm("incident update news")).toContain("Which one? Say it with its number");
    expect(await emm("incident update #2 news")).toContain("P1 incident #2");
    expect(acts()).toMatchObject([{ kind: "update", text: "news" }]);
  });

  test("shows a hostile title inert and cut, and keeps it whole for the timeline", async () => {
    const hostile = `<!channel> *bold* \`code\` ${"long ".repeat(300)}`;
    const told = await emm(`incident open P3 ${hostile}`);
    expect(told).not.toContain("<!channel>");
    expect(incidents()[0]?.title.length).toBeLessThanOrEqual(150);
    expect(await emm(`incident open P3 ${"x".repeat(2_900)}`)).toContain("2500 fit");
  });
});

describe("/emm slo", () => {
  test("shows every objective to members, and to nobody else", async () => {
    const told = await emm("slo", people.lee);
    for (const title of [
      "Click or command acknowledged",
      "Item to outcome",
      "Poll on time",
      "Decision recorded",
      "Availability",
    ])
      expect(told).toContain(title);
    expect(told).toContain("Error budget 40 % left");
    expect(told).toMatch(/of [\d,]+ clicks and commands/);
    expect(await emm("slo", people.guest)).toContain("Guests cannot");
    expect(await emm("slo now")).toContain("takes nothing after it");
  });
});
