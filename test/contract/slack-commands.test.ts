/** What people get from `/emm` and the Home tab. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

describe("/emm", () => {
  const emm = async (text: string, user: string = people.lee) => {
    const delivery = await at.slack.command({ user, channel: channels.general, command: "/emm", text });
    expect(delivery).toMatchObject({ status: 200, error: null });
    return at.toldTo(user, channels.general);
  };

  test("help lists what works; empty text is help", async () => {
    const told = await emm("");
    for (const name of ["add", "health", "doctor", "poll", "pending", "dialectic", "help"])
      expect(told).toContain(`/emm ${name}`);
  });

  test("a mistyped subcommand gets the nearest one", async () => {
    expect(await emm("pendign")).toContain("Did you mean `/emm pending`?");
  });

  test("add keeps the whole text, with a short title, and says what happens next", async () => {
    const long = `Should we hire? ${"because ".repeat(900)}`.trim();
    expect(await emm(`add ${long}`)).toContain(`comes to <#${channels.leadership}> as a card`);
    expect(at.books.added).toHaveLength(1);
    const [added] = at.books.added;
    expect(added?.item).toMatchObject({ content: long, source: "Slack", requestedBy: people.lee });
    expect(added?.item.title.length).toBeLessThanOrEqual(120);
  });

  test("add without text opens the form and says nothing besides", async () => {
    const said = { user: people.lee, channel: channels.general, command: "/emm", text: "add" };
    expect(await at.slack.command(said)).toMatchObject({ status: 200, error: null });
    await at.settled(() => at.modalOf(people.lee).includes("capture_view"));
    expect(at.slack.messages(channels.general)).toEqual([]);
    expect(at.books.added).toEqual([]);
  });

  test("a replayed command adds once", async () => {
    await emm("add Buy chairs");
    await at.slack.replayLast();
    await at.bot.stop();
    expect(at.books.added).toHaveLength(1);
  });

  test("guests may not add or look", async () => {
    expect(await emm("add Buy chairs", people.guest)).toContain("Guests cannot");
    expect(at.books.added).toEqual([]);
  });

  test("health names what is wrong", async () => {
    const told = await emm("health");
    expect(told).toContain("Degraded");
    expect(told).toContain("Down: *notion*. No answer.");
  });

  test("pending links the open cards with their age", async () => {
    const card = await at.postCard();
    const told = await emm("pending");
    expect(told).toContain("*1 open decision*");
    expect(told).toContain(`<${card.cardUrl}|Annual billing>, open for`);
  });
});

test("the home tab shows what is open and how the bot is", async () => {
  await at.postCard();
  await at.slack.openHome(people.lee);
  await at.settled(() => at.slack.home(people.lee) !== null);
  const shown = JSON.stringify(at.slack.home(people.lee)?.view);
  expect(shown).toContain("Annual billing");
  expect(shown).toContain("notion (down)");
});
