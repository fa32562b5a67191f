/** The bot's Slack side over a socket: how it gets its connection, keeps it and tells that it has none. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;

beforeEach(async () => {
  at = await openOffice();
});

afterEach(() => at.close());

const overSocket = () => at.restart({ appToken: at.slack.appToken, signingSecret: null });
const help = () =>
  at.slack.command({ user: people.lee, channel: channels.general, command: "/emm", text: "help" });

describe("connecting", () => {
  test("starts without Slack's socket, says so, and is there when Slack answers again", async () => {
    at.slack.faults.add({ route: "apps.connections.open", effect: { kind: "status", status: 503 } });
    await overSocket();
    expect(await at.bot.checks.connection()).toMatchObject({
      status: "down",
      detail: expect.stringContaining("socket"),
    });
    at.slack.faults.clear();
    await at.settled(() => at.slack.sockets.open() === 1);
    expect(await help()).toMatchObject({ status: 200, error: null });
    expect(await at.bot.checks.connection()).toMatchObject({ status: "ok" });
  });

  test("waits as long as Slack asks when it is told to slow down", async () => {
    const effect = { kind: "status", status: 429, retryAfterSeconds: 1 } as const;
    at.slack.faults.add({ route: "apps.connections.open", times: 1, effect });
    await overSocket();
    const opened = at.slack.calls.filter(({ route }) => route.includes("apps.connections.open"));
    await at.settled(() => at.slack.sockets.open() === 1);
    const [refused, granted] = at.slack.calls.filter(({ route }) => route.includes("apps.connections.open"));
    expect(opened).toHaveLength(1);
    expect((granted?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test("a handshake that is cut is tried again", async () => {
    at.slack.faults.add({ route: "/link/", times: 1, effect: { kind: "reset", committed: false } });
    await overSocket();
    await at.settled(() => at.slack.sockets.open() === 1);
    expect(await help()).toMatchObject({ status: 200, error: null });
  });
});

describe("staying connected", () => {
  test("every recycled and every lost connection is replaced by exactly one", async () => {
    await overSocket();
    for (const end of [at.slack.sockets.refresh, at.slack.sockets.cut, at.slack.sockets.refresh]) {
      end();
      await at.settled(() => at.slack.sockets.open() === 0);
      await at.settled(() => at.slack.sockets.open() === 1);
      expect(await help()).toMatchObject({ status: 200, error: null });
    }
    const opened = at.slack.calls.filter(({ route }) => route.includes("apps.connections.open"));
    expect(opened).toHaveLength(4);
  });

  test("a click that comes twice, before and after a reconnect, is one decision", async () => {
    await overSocket();
    const record = await at.postCard();
    await at.clickOn(record, people.dana, "decision_approve");
    at.slack.sockets.cut();
    await at.settled(() => at.slack.sockets.open() === 0);
    await at.settled(() => at.slack.sockets.open() === 1);
    expect(await at.slack.replayLast()).toMatchObject({ status: 200, error: null });
    await at.slack.settled();
    expect(at.books.clicks).toHaveLength(1);
  });

  test("a connection that comes about while the bot stops is closed again", async () => {
    await overSocket();
    at.slack.sockets.cut();
    await at.settled(() => at.slack.sockets.open() === 0);
    // Slack's hello is written in this very moment; the bot has not read it.
    await at.settled(() => at.slack.sockets.open() === 1);
    await at.bot.stop();
    await at.settled(() => at.slack.sockets.open() === 0);
  });
});
