/** Operators close the bot for a while; the team reads its digest and what it all costs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import {
  ALERTS,
  type Bot,
  bootBot,
  cardsIn,
  DECISIONS,
  emptyInbox,
  eventually,
  userId,
  wordsOf,
} from "./bot.ts";

const MINUTE_MS = 60_000;
let bot: Bot;
let sam: string;

beforeAll(async () => {
  bot = await bootBot({
    env: {
      DIGEST_CRON: "0 8 * * *",
      TIMEZONE: "Europe/Berlin",
      DAILY_BUDGET_USD: "5",
      API_KEY: "knock-knock",
    },
  });
  emptyInbox(bot.world);
  sam = userId(bot.world, "sam");
});
afterAll(() => bot.stop());

/** What the person alone is told. */
async function emm(text: string, user = sam): Promise<SlackMessage> {
  const { slack } = bot.world;
  const told = () => slack.messages(DECISIONS).filter((one) => one.visibleTo === user);
  const before = told().length;
  await slack.command({ user, channel: DECISIONS, command: "/emm", text });
  return eventually(bot.world, () => told()[before], `an answer to /emm ${text}`);
}

const get = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${bot.app.httpPort()}${path}`, init);

const inChannel = (channel: string, words: string) =>
  bot.world.slack.messages(channel).filter((one) => one.visibleTo === null && wordsOf(one).includes(words));

const oneIn = (channel: string, words: string) =>
  eventually(bot.world, () => inChannel(channel, words)[0], `"${words}" in ${channel}`);

// The stories follow each other in time.
describe("maintenance", () => {
  it("holds polls, closes the HTTP side, and is shown everywhere", async () => {
    expect((await emm("maintenance 30m moving the <databases>")).text).toContain("Maintenance has begun");
    expect(wordsOf(await oneIn(ALERTS, "moving the &lt;databases&gt;"))).toContain("Sam Okafor");

    await expect(bot.poll()).rejects.toMatchObject({ code: "polls_paused" });
    const closed = await get("/api/status");
    expect(closed.status).toBe(503);
    expect(Number(closed.headers.get("retry-after"))).toBeGreaterThan(29 * 60);
    expect(await closed.json()).toMatchObject({
      error: "maintenance",
      message: expect.stringMatching(/^Maintenance until 20.*Z: moving the <databases>$/),
    });
    const poll = await get("/trigger-poll", { method: "POST", headers: { "X-API-Key": "knock-knock" } });
    expect(poll.status).toBe(503);

    expect(await (await get("/health")).json()).toMatchObject({
      poller_active: false,
      maintenance: { message: "moving the <databases>" },
    });
    expect((await get("/ready")).status).toBe(200);
    expect((await get("/metrics")).status).toBe(200);
    expect((await emm("maintenance")).text).toContain("moving the &lt;databases&gt;");
    expect((await emm("health")).text).toMatch(/Needs attention: \W*maintenance/);
    await bot.world.slack.openHome(sam);
    const home = () => JSON.stringify(bot.world.slack.home(sam)?.view ?? "");
    await eventually(bot.world, () => home().includes("Maintenance until"), "the Home tab says so");
  });

  it("takes decisions and notes all the same, but begins nothing new, and keeps alerts to itself", async () => {
    await emm("add Should we move billing to annual plans? It is a strategic question about revenue.");
    await bot.app.alarm.raise({
      ...{ key: "in-maintenance", severity: "critical", title: "The lights went out" },
      ...{ detail: "All of them.", source: "test", url: null },
    });
    await bot.idle();
    expect(cardsIn(bot.world)).toEqual([]);
    expect((await emm("alerts")).text).toContain("1");
    expect(inChannel(ALERTS, "The lights went out")).toEqual([]);
  });

  it("survives a restart and ends by itself, on its card too; then everything goes on", async () => {
    await bot.restart();
    expect((await get("/")).status).toBe(503);
    bot.moveClock(31 * MINUTE_MS);
    expect((await get("/")).status).toBe(200);
    await oneIn(ALERTS, "Maintenance is over");
    expect(inChannel(ALERTS, "moving the &lt;databases&gt;")).toHaveLength(1);
    expect((await bot.poll()).started).toBe(1);
    await bot.idle();
    expect(cardsIn(bot.world)).toHaveLength(1);
    await bot.app.alarm.raise({
      ...{ key: "after-maintenance", severity: "info", title: "Back" },
      ...{ detail: "Somebody looks again.", source: "test", url: null },
    });
    await oneIn(ALERTS, "The lights went out");
  });

  it("is for operators", async () => {
    expect((await emm("maintenance 30m mischief", userId(bot.world, "lee"))).text).toContain(
      "You may not do this",
    );
    expect((await get("/")).status).toBe(200);
  });
});

describe("figures", () => {
  it("of the budget say what was spent, on whom and what for, and what is left", async () => {
    const told = await emm("budget");
    expect(told.text).toMatch(
      /^Claude today: \$0\.\d+ of \$5\.00 in \d+ calls\. Left today: \*\$4\.\d\d\*\.$/,
    );
    for (const name of ["The Entrepreneur", "Sorting", "Decisions", "Whole month: no data yet"])
      expect(wordsOf(told)).toContain(name);
  });

  it("of the last weeks are no data where there are few", async () => {
    const words = wordsOf(await emm("stats"));
    expect(words).toContain("Analysed for a decision: 1 / 1");
    expect(words).toContain("Time to decide, median: no data / no data");
  });

  it("come on demand, for one person, and count for no digest", async () => {
    const words = wordsOf(await emm("digest"));
    expect(words).toContain("Daily digest");
    expect(words).toContain("Waiting for a decision: 1");
  });
});

describe("the digest", () => {
  it("that was due while nobody was there is posted at the start, once", async () => {
    const now = new Date(Date.now() + 31 * MINUTE_MS);
    const hour = new Intl.DateTimeFormat("en-GB", {
      timeZone: "Europe/Berlin",
      hour: "numeric",
      hourCycle: "h23",
    });
    // To between nine and ten, tomorrow if need be.
    bot.moveClock(((24 + 9 - Number(hour.format(now))) % 24 || 24) * 60 * MINUTE_MS);
    await bot.restart();
    const digest = wordsOf(await oneIn(DECISIONS, "Daily digest"));
    expect(digest).toContain("Waiting for a decision: 1");
    expect(digest).toContain("New in the inbox: 1");
    await bot.restart();
    await bot.idle();
    expect(inChannel(DECISIONS, "Daily digest")).toHaveLength(1);
  });
});
