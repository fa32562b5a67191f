/** The ways from Slack into the inbox: shortcuts, `/emm add` without text, and the bot's name in a thread. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { AT } from "./poll-desk.ts";
import { openOffice, type SlackOffice, seed } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

const bot = `<@${seed.bot.userId}>`;
const say = (user: string, text: string, threadTs?: string) =>
  at.slack.type({ user, channel: channels.general, text, ...(threadTs ? { threadTs } : {}) });

/** The message shortcut, until something is in front of the person. */
const sendToInbox = async (ts: string, user: string = people.lee) => {
  const use = { user, callbackId: "emm_capture", channel: channels.general, ts };
  expect(await at.slack.shortcut(use)).toMatchObject({ status: 200, error: null });
  await at.settled(() => at.slack.modals(user).length > 0);
};

const submit = async (fields: Record<string, string>, user: string = people.lee, urgency = "normal") => {
  const typed = Object.fromEntries(
    Object.entries(fields).map(([block, value]) => {
      const action = block.replace("capture_", "").replace(/_\d+$/, "");
      return [block, { [action]: { type: "plain_text_input", value } }];
    }),
  );
  const selected = { type: "static_select", selected_option: { value: urgency } };
  const values = { ...typed, capture_urgency: { urgency: selected } };
  return at.slack.submit({ user, viewId: at.viewIdOf(user), values });
};

describe("the message shortcut", () => {
  test("opens the form filled with the message, names in the place of ids, and keeps who, where and the link", async () => {
    const { ts } = say(people.sam, "Should @dana sign &lt;this&gt; in #general?");
    await sendToInbox(ts);
    const form = at.modalOf(people.lee);
    expect(form).toContain('"initial_value":"Should @Dana Reyes sign <this> in #general?"');
    expect(form).toContain("Said by Sam Okafor in #general");
    await submit({ capture_context: "It costs 5,000." }, people.lee, "today");
    expect(at.modalOf(people.lee)).toContain("I look at it right away.");
    const [added] = at.books.added;
    expect(added?.item).toMatchObject({
      title: "Should @Dana Reyes sign <this> in #general?",
      source: "Slack",
      requestedBy: people.lee,
    });
    const link = `https://acme-example.slack.com/archives/${channels.general}/p${ts.replace(".", "")}`;
    expect(added?.item.content).toBe(
      "Should @Dana Reyes sign <this> in #general?\n\nContext: It costs 5,000.\n\n" +
        `Urgency: it has to be settled today.\n\nSaid by Sam Okafor in #general: ${link}`,
    );
  });

  test("says that polling is paused", async () => {
    const { ts } = say(people.sam, "Buy chairs");
    await at.slack.command({
      ...{ user: people.sam, channel: channels.general },
      ...{ command: "/emm", text: "poll pause moving the inbox" },
    });
    await at.toldTo(people.sam, channels.general);
    await sendToInbox(ts);
    await submit({});
    expect(at.modalOf(people.lee)).toMatch(/paused by Sam Okafor.*moving the inbox.*when polling goes on/);
  });

  test("links a message that is in the inbox already, before the form and after it", async () => {
    const { ts } = say(people.sam, "Buy chairs");
    const both = [sendToInbox(ts, people.lee), sendToInbox(ts, people.dana)];
    await Promise.all(both);
    await submit({}, people.lee);
    await submit({}, people.dana);
    expect(at.modalOf(people.dana)).toContain(
      "Already in the inbox: <https://app.notion.com/p/page1|Buy chairs>",
    );
    await at.slack.closeModal(people.sam);
    await sendToInbox(ts, people.sam);
    expect(at.modalOf(people.sam)).toContain(`sent by <@${people.lee}>`);
    expect(at.books.added).toHaveLength(1);
  });

  test("keeps the form open with a word at the field when everything was deleted from it", async () => {
    const { ts } = say(people.sam, "Buy chairs");
    await sendToInbox(ts);
    await submit({ capture_text: " \u2028 " });
    expect(at.slack.modals(people.lee).at(-1)?.errors["capture_text"]).toContain("Please write");
    expect(at.books.added).toEqual([]);
  });

  test("keeps what was written while Slack cannot tell who writes", async () => {
    const { ts } = say(people.sam, "Buy chairs");
    await sendToInbox(ts);
    // What was looked up for the form is forgotten.
    await at.restart();
    at.slack.faults.add({ route: "users.info", effect: { kind: "status", status: 503 } });
    await submit({ capture_text: "Buy forty chairs" });
    expect(at.slack.modals(people.lee).at(-1)?.errors["capture_text"]).toContain("Slack did not answer me");
    at.slack.faults.clear();
    await submit({ capture_text: "Buy forty chairs" });
    expect(at.books.added).toHaveLength(1);
  });

  test.each([
    ["guest", people.guest, "Guests cannot", "guest"],
    ["stranger", people.stranger, "another Slack workspace", "other-team"],
  ])("is refused to a %s, who alone is told, and audited", async (_who, user, words, detail) => {
    const { ts } = say(people.sam, "Buy chairs");
    await sendToInbox(ts, user);
    expect(at.modalOf(user)).toContain(words);
    expect(at.modalOf(user)).not.toContain("capture_view");
    expect(at.books.audit).toEqual([
      expect.objectContaining({ actor: user, action: "inbox.capture", outcome: "refused", detail }),
    ]);
    expect(at.inChannel(channels.general)).toHaveLength(1);
  });

  test("opens in time although Slack's directory is slow", async () => {
    const { ts } = say(people.sam, "Buy chairs");
    at.slack.faults.add({ route: "users.info", effect: { kind: "delay", ms: 900 } });
    await sendToInbox(ts);
    expect(at.modalOf(people.lee)).toContain("One moment");
    await at.settled(() => at.modalOf(people.lee).includes("capture_view"));
  });
});

test("the global shortcut opens the empty form, and what is written there is added once", async () => {
  await at.slack.shortcut({ user: people.lee, callbackId: "emm_new" });
  await at.settled(() => at.slack.modals(people.lee).length > 0);
  await submit({ capture_text: "Should we hire?\nSoon." });
  await at.slack.replayLast();
  expect(at.books.added).toHaveLength(1);
  expect(at.books.added[0]?.item).toEqual({
    ...{
      title: "Should we hire?",
      content: "Should we hire?\nSoon.",
      source: "Slack",
      requestedBy: people.lee,
    },
  });
});

describe("the bot's name in a channel", () => {
  test("sends the thread it was written in", async () => {
    const root = say(people.sam, "The supplier is late again");
    const { ts } = say(people.lee, `${bot} should we switch?`, root.ts);
    await at.settled(() => at.books.mentions.length > 0);
    expect(at.books.mentions).toEqual([
      {
        message: { channel: channels.general, ts },
        rootTs: root.ts,
        userId: people.lee,
        text: `${bot} should we switch?`,
      },
    ]);
  });

  test("is refused to guests, who alone are told, and to bots, who are not even told", async () => {
    say(people.guest, `${bot} buy chairs`);
    expect(await at.toldTo(people.guest, channels.general)).toContain("Guests cannot");
    const fromBot = { type: "app_mention", bot_id: "B0OTHER001", user: "U0OTHERBOT", text: bot, ts: "1.1" };
    await mentionEvent({ ...fromBot, channel: channels.general });
    await at.settled(() => at.books.audit.length === 2);
    expect(at.books.audit.map(({ actor, detail }) => [actor, detail])).toEqual([
      [people.guest, "guest"],
      ["U0OTHERBOT", "bot"],
    ]);
    expect(at.books.mentions).toEqual([]);
    expect(at.slack.messages(channels.general)).toHaveLength(2);
  });

  const mentionEvent = (event: Record<string, unknown>) =>
    at.slack.send(
      JSON.stringify({
        ...{ type: "event_callback", team_id: seed.team.id, api_app_id: "A0ACME0001", token: "x" },
        ...{ event_id: "Ev0000001", event_time: 1, authorizations: [], event },
      }),
      { contentType: "application/json" },
    );
});

describe("a thread", () => {
  const mentionOf = (ts: string, rootTs: string, text: string) => ({
    ...{ message: { channel: channels.general, ts }, rootTs, userId: people.lee, text },
  });

  test("is read whole, in order, with names, without the bot's own words", async () => {
    const root = say(people.sam, "The supplier is late.\nLee: I sign");
    for (let n = 0; n < 230; n += 1) say(people.dana, `@lee reason ${n}`, root.ts);
    const { ts } = say(people.lee, `${bot} should we switch?`, root.ts);
    await at.bot.captureWall.tell(mentionOf(ts, root.ts, bot), { kind: "wordless" });
    const reading = await at.bot.captureWall.readThread(mentionOf(ts, root.ts, `${bot} should we switch?`));
    expect(reading).toMatchObject({
      kind: "read",
      item: { title: "should we switch?", requestedBy: people.lee },
    });
    const content = reading.kind === "read" ? reading.item.content : "";
    expect(content).toContain(
      "should we switch?\n\nThread in #general (231 messages):\n\n" +
        "Sam Okafor: The supplier is late.\n  Lee: I sign\n\nDana Reyes: @Lee Park reason 0\n\n",
    );
    expect(content).toContain("reason 229\n\nSaid by Lee Park in #general: https://");
    expect(content).not.toContain("mention me");
  });

  test("counts as the message that opens it when the mention is a mere call, else as the mention", async () => {
    const root = say(people.sam, "The supplier is late");
    const { ts } = say(people.lee, `${bot} please`, root.ts);
    const called = await at.bot.captureWall.readThread(mentionOf(ts, root.ts, `${bot} this one please`));
    expect(called).toMatchObject({
      item: { title: "The supplier is late", content: expect.stringContaining("Said by Sam Okafor") },
      said: { message: { ts: root.ts } },
    });
    const asked = await at.bot.captureWall.readThread(mentionOf(ts, root.ts, `${bot} switch?`));
    expect(asked).toMatchObject({ item: { title: "switch?" }, said: { message: { ts }, rootTs: root.ts } });
  });

  test("may be a single message; the bot's name alone is none", async () => {
    const asked = say(people.lee, `${bot} should we hire?`);
    const reading = await at.bot.captureWall.readThread(mentionOf(asked.ts, asked.ts, asked.text));
    expect(reading).toMatchObject({ kind: "read", item: { title: "should we hire?" } });
    const alone = await at.bot.captureWall.readThread(mentionOf(asked.ts, asked.ts, `${bot} `));
    expect(alone).toEqual({ kind: "wordless" });
  });

  test("that the bot cannot read is admitted in a direct message, with the way to invite it", async () => {
    at.slack.faults.add({
      route: "conversations.replies",
      effect: { kind: "garbage", body: '{"ok":false,"error":"not_in_channel"}' },
    });
    const mention = mentionOf("2.2", "1.1", `${bot} this`);
    const reading = await at.bot.captureWall.readThread(mention);
    expect(reading).toEqual({ kind: "closed" });
    await at.bot.captureWall.tell(mention, { kind: "closed" });
    const [told] = at.slack.messages(at.slack.directMessage(people.lee));
    expect(told?.text).toContain("`/invite`");
    expect(at.inChannel(channels.general)).toEqual([]);
  });

  test("is answered in the thread, once", async () => {
    const root = say(people.sam, "Late again");
    const mention = mentionOf("2.2", root.ts, bot);
    const held = { by: "Sam Okafor", since: AT, reason: "moving", until: null };
    const end = { kind: "added", title: "Late <!here>", held } as const;
    await at.bot.captureWall.tell(mention, end);
    await at.bot.captureWall.tell(mention, end);
    const replies = at.inChannel(channels.general).filter((one) => one.threadTs === root.ts);
    expect(replies).toHaveLength(1);
    expect(replies[0]?.text).toMatch(/^<@U0LEE00001> Added.*&lt;!here&gt;.*paused by Sam Okafor/s);
  });
});
