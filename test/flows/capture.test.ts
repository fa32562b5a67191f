/** What was said in Slack goes into the inbox with a shortcut or a mention, once, and its outcome is told where it was said. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { type Bot, bootBot, cell, emptyInbox, eventually, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;
beforeAll(async () => {
  bot = await bootBot();
  emptyInbox(bot.world);
});
afterAll(() => bot.stop());

const { cardsAbout, modalOf, rowsAbout } = storiesOf(() => bot);
const { general } = channels;

const say = (user: string, text: string, threadTs?: string) =>
  bot.world.slack.type({ user, channel: general, text, ...(threadTs ? { threadTs } : {}) });
const repliesTo = (ts: string) =>
  bot.world.slack
    .messages(general)
    .filter((one) => one.threadTs === ts && one.user === bot.world.slack.seed.bot.userId);
const shortcut = (user: string, ts: string) =>
  bot.world.slack.shortcut({ user, callbackId: "emm_capture", channel: general, ts });
const formOf = (handle: string, words: string) =>
  eventually(
    bot.world,
    () => {
      const form = modalOf(handle);
      return JSON.stringify(form?.view ?? null).includes(words) && form;
    },
    `${words} in front of ${handle}`,
  );
const rows = (subject: string) => rowsAbout("System Inbox", subject);

describe("a message sent to the inbox", () => {
  it("becomes one item that keeps who sent it and where it was said, a card, and an answer in its thread", async () => {
    const { slack } = bot.world;
    const { ts } = say(people.sam, "Should we expand to Portugal? It would cost 3 million euros.");
    // Two people at the same moment: one item.
    await Promise.all([shortcut(people.lee, ts), shortcut(people.dana, ts)]);
    const forms = await Promise.all([formOf("lee", "capture_view"), formOf("dana", "capture_view")]);
    await Promise.all(forms.map(({ id, userId: user }) => slack.submit({ user, viewId: id, values: {} })));
    const answers = forms.map(({ userId }) => JSON.stringify(slack.modals(userId).at(-1)?.view));
    expect(answers.filter((words) => words.includes("Added to the inbox"))).toHaveLength(1);
    expect(answers.filter((words) => words.includes("Already in the inbox"))).toHaveLength(1);
    await bot.idle();

    const winner = answers[0]?.includes("Added") ? people.lee : people.dana;
    const [row, ...others] = rows("Portugal");
    expect(others).toEqual([]);
    expect(cell(row, "Requested_By")).toBe(winner);
    expect(cell(row, "Source")).toBe("Slack");
    expect(cell(row, "Content")).toMatch(/Said by Sam Okafor in #general: https:\/\/\S+\/p\d+$/);
    const [card] = cardsAbout("Portugal");
    expect(card).toBeDefined();
    const told = repliesTo(ts);
    expect(told).toHaveLength(1);
    expect(told[0] && wordsOf(told[0])).toMatch(new RegExp(`<@${winner}>.*up for decision`));
  });

  it("is linked, and not added again, when somebody sends it once more", async () => {
    const message = bot.world.slack.messages(general).find(({ text }) => text.includes("Portugal"));
    await shortcut(people.sam, message?.ts ?? "");
    const { view } = await formOf("sam", "Already in the inbox");
    expect(JSON.stringify(view)).toContain(
      `https://app.notion.com/p/${rows("Portugal")[0]?.id.replaceAll("-", "")}`,
    );
    say(people.sam, `<@${bot.world.slack.seed.bot.userId}> this one`, message?.ts);
    await eventually(
      bot.world,
      () => repliesTo(message?.ts ?? "").some((one) => one.text.includes("Already in the inbox")),
      "the answer to the mention",
    );
    expect(rows("Portugal")).toHaveLength(1);
  });
});

it("a thread in which the bot is mentioned becomes one item, and the outcome is told there", async () => {
  const root = say(people.sam, "The caterer of the summer party cancelled.");
  say(people.dana, "Then @lee has to book another one by Friday.", root.ts);
  say(people.lee, "@emm Book a caterer for the summer party", root.ts);
  await eventually(bot.world, () => repliesTo(root.ts).length >= 2, "both answers");
  await bot.idle();
  const [row] = rows("caterer");
  expect(cell(row, "Input_Title")).toBe("Book a caterer for the summer party");
  expect(cell(row, "Content")).toContain(
    "Sam Okafor: The caterer of the summer party cancelled.\n\nDana Reyes: Then @Lee Park has to book another one by Friday.",
  );
  expect(cell(row, "Status")).toBe("Triaged_to_Task");
  const told = repliesTo(root.ts).map(({ text }) => text);
  expect(told).toHaveLength(2);
  expect(told.join("\n")).toMatch(/Added to the inbox/);
  expect(told.join("\n")).toMatch(/<@U0LEE00001>.*\nIt became a task/);
});

it("a guest is refused on every way, told alone, and leaves nothing but lines in the audit", async () => {
  const before = bot.world.notion.rows("System Inbox").length;
  const { ts } = say(people.sam, "Buy chairs");
  await shortcut(people.guest, ts);
  await formOf("gale", "Guests cannot");
  say(people.guest, "@emm buy chairs", ts);
  const whisper = () => bot.world.slack.messages(general).filter((one) => one.visibleTo === people.guest);
  await eventually(bot.world, () => whisper().length === 1, "the whisper");
  await bot.idle();
  expect(bot.world.notion.rows("System Inbox")).toHaveLength(before);
  expect(repliesTo(ts).filter((one) => one.visibleTo === null)).toEqual([]);
});

it("a thread that cannot be read for want of a permission is admitted, and taken when the permission is there", async () => {
  const { slack } = bot.world;
  const body = '{"ok":false,"error":"missing_scope"}';
  slack.faults.add({ route: "conversations.replies", effect: { kind: "garbage", body } });
  const root = say(people.sam, "The printer on the second floor is broken.");
  say(people.lee, "@emm order toner for the printer", root.ts);
  await eventually(bot.world, () => repliesTo(root.ts)[0], "the admission");
  expect(repliesTo(root.ts)[0]?.text).toContain("could not take this into the inbox");
  await bot.idle();
  slack.faults.clear();
  bot.moveClock(61_000);
  await bot.poll();
  await eventually(bot.world, () => rows("printer")[0], "the item");
  await bot.idle();
  expect(rows("printer")).toHaveLength(1);
  expect(repliesTo(root.ts)[1]?.text).toContain("Added to the inbox");
});
