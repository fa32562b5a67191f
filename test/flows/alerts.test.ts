/** A problem, from the first sign to the end, as people see it in the alerts channel. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AlertSignal } from "../../src/domain/alert.ts";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import {
  ALERTS,
  type Bot,
  bootBot,
  buttonsOf,
  cardsIn,
  DECISIONS,
  emptyInbox,
  eventually,
  userId,
  wordsOf,
} from "./bot.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const hhmm = (aheadMs: number) => new Date(Date.now() + aheadMs).toISOString().slice(11, 16);

let bot: Bot;

beforeAll(async () => {
  // Quiet from ten hours ahead for one hour: the tests before it move the clock less than that.
  bot = await bootBot({ env: { QUIET_HOURS: `${hhmm(10 * HOUR)}-${hhmm(11 * HOUR)}`, TIMEZONE: "UTC" } });
  emptyInbox(bot.world);
  await bot.poll();
  await bot.idle();
});

afterAll(() => bot.stop());

// Each test has its own minute, in which it may use up the messages that single alerts get.
beforeEach(() => bot.moveClock(2 * MINUTE));

const signal = (change: Partial<AlertSignal>): AlertSignal => ({
  key: "k",
  severity: "warning",
  title: "Something is wrong",
  detail: "It was seen.",
  source: "test",
  url: null,
  ...change,
});

const alertCards = (channel = ALERTS): SlackMessage[] =>
  bot.world.slack
    .messages(channel)
    .filter(
      (m) =>
        m.threadTs === null && JSON.stringify(m.metadata ?? {}).includes('"alert:') && m.visibleTo === null,
    );
const cardAbout = (title: string | RegExp, channel = ALERTS) =>
  alertCards(channel).filter((m) => m.text.match(title) !== null || wordsOf(m).match(title) !== null);
const click = (handle: string, on: SlackMessage, actionId: string) =>
  bot.world.slack.click({ user: userId(bot.world, handle), channel: on.channel, ts: on.ts, actionId });
const toldTo = (handle: string) =>
  bot.world.slack
    .messages(ALERTS)
    .filter((m) => m.visibleTo === userId(bot.world, handle))
    .map((m) => m.text);

describe("a fault", () => {
  it("makes one message, acknowledged by name and resolved in place when it is over", async () => {
    const { world } = bot;
    world.notion.create({
      user: world.notion.users[0]?.id ?? "",
      database: "System Inbox",
      values: {
        Input_Title: "Should we expand to Denmark?",
        Content: "Expanding to Denmark would cost 3 million euros and changes the whole company.",
        Status: "Unprocessed",
      },
    });
    await bot.poll();
    await bot.idle();
    const decision = await eventually(world, () => cardsIn(world)[0], "a decision card");
    world.notion.faults.add({ route: /./, effect: { kind: "status", status: 503 } });
    await click("dana", decision, "decision_approve");
    bot.moveClock(6 * MINUTE);
    await expect(bot.poll()).rejects.toThrow();
    const made = /made but not written to Notion/;
    const card = await eventually(world, () => cardAbout(made)[0], "the alert");
    expect(buttonsOf(card)).toEqual(["alert_ack", "alert_snooze", "alert_resolve"]);

    await click("dana", card, "alert_ack");
    const acknowledged = await eventually(
      world,
      () => cardAbout(made).find((m) => wordsOf(m).includes("Acknowledged by Dana")),
      "the acknowledgement on the card",
    );
    expect(acknowledged.ts).toBe(card.ts);

    world.notion.faults.clear();
    await eventually(world, () => world.notion.rows("Training Data").length === 1, "the training row");
    await bot.idle();
    await bot.poll();
    const over = await eventually(
      world,
      () => cardAbout(made).find((m) => m.text.startsWith("Over")),
      "the resolved alert",
    );
    expect(over.ts).toBe(card.ts);
    expect(buttonsOf(over)).toEqual([]);
    expect(cardAbout(made)).toHaveLength(1);
  });
});

describe("what people can do about it", () => {
  const alarm = () => bot.app.alarm;

  it("is for operators; others are told who may, and it is in the audit", async () => {
    const { world } = bot;
    await alarm().raise(signal({ key: "flow-rights", title: "Rights matter" }));
    const card = await eventually(world, () => cardAbout("Rights matter")[0], "the alert");
    await click("lee", card, "alert_ack");
    await eventually(
      world,
      () => toldTo("lee").some((text) => /You may not do this/.test(text)),
      "a refusal",
    );
    expect(wordsOf(card)).toContain("Firing since");
    await Promise.all([
      click("dana", card, "alert_ack"),
      click("dana", card, "alert_ack"),
      click("sam", card, "alert_ack"),
    ]);
    await eventually(
      world,
      () =>
        [...toldTo("dana"), ...toldTo("sam")].filter((t) => /Already acknowledged by/.test(t)).length === 2,
      "two of three to be told",
    );
    await eventually(
      world,
      () => /Acknowledged by (Dana|Sam)/.test(wordsOf(cardAbout("Rights matter")[0] as SlackMessage)),
      "the name",
    );
  });

  it("snoozes in a form that knows the morning, and refuses a time that is over", async () => {
    const { world } = bot;
    await alarm().raise(signal({ key: "flow-snooze", title: "Let me sleep" }));
    const card = await eventually(world, () => cardAbout("Let me sleep")[0], "the alert");
    await click("dana", card, "alert_snooze");
    const dana = userId(world, "dana");
    const form = await eventually(world, () => world.slack.modals(dana).at(-1), "the form");
    expect(JSON.stringify(form.view)).toMatch(/Until \w+day 09:00 \(UTC\)/);
    const choose = (how: string, until: number | null) => ({
      snooze_how: { how: { type: "radio_buttons", selected_option: { value: how } } },
      snooze_until: { until: { type: "datetimepicker", selected_date_time: until } },
    });
    await world.slack.submit({ user: dana, viewId: form.id, values: choose("chosen", 1_600_000_000) });
    expect(world.slack.modals(dana).at(-1)?.errors).toMatchObject({
      snooze_until: expect.stringContaining("That time is over"),
    });
    await world.slack.submit({ user: dana, viewId: form.id, values: choose("morning", null) });
    await eventually(
      world,
      () => wordsOf(cardAbout("Let me sleep")[0] as SlackMessage).includes("Snoozed by Dana Reyes until"),
      "the snooze on the card",
    );
    await click("dana", card, "alert_resolve");
    const over = await eventually(
      world,
      () => cardAbout("Let me sleep").find((m) => m.text.startsWith("Over")),
      "resolved by hand",
    );
    expect(wordsOf(over)).toContain("Resolved by Dana Reyes");
  });

  it("cannot talk away what is being watched", async () => {
    const { world } = bot;
    await alarm().raise(signal({ key: "flow-watched", title: "Watched", freshForMs: 24 * HOUR }));
    const card = await eventually(world, () => cardAbout("Watched")[0], "the alert");
    await click("sam", card, "alert_resolve");
    await eventually(world, () => toldTo("sam").some((text) => /It ends by itself/.test(text)), "the reason");
    expect(wordsOf(cardAbout("Watched")[0] as SlackMessage)).toContain("Firing since");
    await alarm().resolve({ key: "flow-watched", source: "test", detail: null });
  });

  it("lists what is open on /emm alerts, with a button each", async () => {
    const { world } = bot;
    const lee = userId(world, "lee");
    await alarm().raise(signal({ key: "flow-list", title: "On the <!channel> list", severity: "critical" }));
    await world.slack.command({ user: lee, channel: DECISIONS, command: "/emm", text: "alerts" });
    const list = await eventually(
      world,
      () => world.slack.messages(DECISIONS).find((m) => m.visibleTo === lee && /open alert/.test(m.text)),
      "the list",
    );
    expect(wordsOf(list)).toContain("On the &lt;!channel&gt; list");
    expect(buttonsOf(list)).toContain("alert_ack");
    await alarm().resolve({ key: "flow-list", source: "test", detail: null });
  });
});

describe("Slack is down while it happens, and the bot is restarted", () => {
  it("still makes one message, with how it ended", async () => {
    const { world } = bot;
    world.slack.faults.add({ route: "chat.postMessage", effect: { kind: "status", status: 503 } });
    await bot.app.alarm.raise(signal({ key: "flow-restart", title: "Through a restart" }));
    await eventually(
      world,
      () => world.slack.calls.some((call) => call.route.includes("chat.postMessage") && call.status === 503),
      "a refused post",
    );
    await bot.restart();
    world.slack.faults.clear();
    await eventually(world, () => cardAbout("Through a restart").length === 1, "the message");
    await bot.app.alarm.resolve({ key: "flow-restart", source: "test", detail: "Slack is back." });
    await eventually(world, () => cardAbout("Slack is back.").length === 1, "the end");
    expect(cardAbout("Through a restart")).toHaveLength(1);
  });
});

describe("quiet hours", () => {
  it("hold all but critical alerts and tell at their end what is still there, in one message", async () => {
    const { world } = bot;
    bot.moveClock(10 * HOUR + 10 * MINUTE);
    await bot.app.alarm.raise(signal({ key: "night-1", title: "Night one" }));
    await bot.app.alarm.raise(signal({ key: "night-2", title: "Night two" }));
    await bot.app.alarm.raise(signal({ key: "night-over", title: "Night over" }));
    await bot.app.alarm.raise(signal({ key: "night-loud", title: "Night loud", severity: "critical" }));
    await bot.app.alarm.resolve({ key: "night-over", source: "test", detail: null });
    await eventually(world, () => cardAbout("Night loud")[0], "the critical one");
    expect(JSON.stringify(alertCards())).not.toMatch(/Night (one|two|over)/);
    bot.moveClock(HOUR);
    await bot.app.alarm.raise(signal({ key: "day", title: "It is day" }));
    const summary = await eventually(world, () => cardAbout("during quiet hours")[0], "the summary");
    expect(wordsOf(summary)).toMatch(/Night one[\s\S]*Night two/);
    await eventually(world, () => cardAbout("It is day")[0], "the new one");
    for (const title of ["Night loud", "Night one", "It is day"]) expect(cardAbout(title)).toHaveLength(1);
    expect(JSON.stringify(alertCards())).not.toContain("Night over");
  });
});
