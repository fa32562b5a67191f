/** Slack over a socket: everything people do works as over HTTP, also around the reconnects that Slack asks for. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { createWorld } from "../../src/sandbox/world.ts";
import { type Bot, bootBot, cell, emptyInbox, eventually, userId, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot({ world: await createWorld({ socketMode: true }) });
  emptyInbox(bot.world);
});

afterAll(() => bot.stop());

const CHANNEL = "C0GENERAL1";
const { cardsAbout, click, modalOf, pipeOf, submit, trainingRows, ...stories } = storiesOf(() => bot);
const command = (handle: string, text: string) => stories.emm(handle, text, CHANNEL);
const whispersTo = (handle: string) => stories.whispersTo(handle, CHANNEL);

/** A pending card about what `/emm add` put into the inbox. */
async function cardFor(subject: string): Promise<SlackMessage> {
  const { world } = bot;
  const added = await command("dana", `add Should we expand to ${subject}? It costs 3 million euros.`);
  expect(added).toMatchObject({ status: 200, error: null });
  await bot.idle();
  await bot.poll();
  const card = await eventually(world, () => cardsAbout(subject)[0], `a card about ${subject}`);
  await bot.idle();
  return card;
}

describe("over the socket", () => {
  it("answers /emm help privately", async () => {
    const before = whispersTo("lee").length;
    expect(await command("lee", "help")).toMatchObject({ status: 200, error: null });
    const help = await eventually(bot.world, () => whispersTo("lee")[before], "the help");
    expect(`${help.text} ${wordsOf(help)}`).toMatch(/\/emm add/);
  });

  it("takes an item from /emm add to a card, and records an Approve once", async () => {
    const card = await cardFor("Denmark");
    expect(await click("dana", card, "decision_approve")).toMatchObject({ status: 200, error: null });
    await bot.idle();
    expect(trainingRows("Denmark")).toHaveLength(1);
    expect(cell(pipeOf("Denmark"), "Approval_Status")).toBe("Approved");
  });

  it("shows the field error of an empty reason, then rejects with a good one", async () => {
    const card = await cardFor("Greenland");
    await click("sam", card, "decision_reject");
    const reject = (reason: string) => submit("sam", { reject_reason: reason });
    expect(await reject("   ")).toMatchObject({ status: 200, error: null });
    expect(Object.values(modalOf("sam")?.errors ?? {}).join()).toMatch(/say why/i);
    expect(await reject("Too far away")).toMatchObject({ status: 200, error: null });
    expect(modalOf("sam")).toBeUndefined();
    await bot.idle();
    expect(cell(pipeOf("Greenland"), "Decision_Reason")).toBe("Too far away");
    expect(trainingRows("Greenland").map((row) => cell(row, "Outcome"))).toEqual(["rejected"]);
  });

  it("publishes the home tab for an event", async () => {
    const { world } = bot;
    expect(await world.slack.openHome(userId(world, "dana"))).toMatchObject({ status: 200, error: null });
    await eventually(world, () => world.slack.home(userId(world, "dana")), "the home tab");
  });

  it("serves its own HTTP routes and no Slack endpoint", async () => {
    const origin = `http://127.0.0.1:${bot.app.httpPort()}`;
    expect((await fetch(`${origin}/ready`)).status).toBe(200);
    expect((await fetch(`${origin}/health`)).status).toBe(200);
    const post = await fetch(`${origin}/slack/events`, { method: "POST", body: "payload={}" });
    expect(post.status).toBe(404);
  });
});

describe("when the connection ends", () => {
  it("a recycled one is replaced at once: the click in between fails visibly, the next one counts, once", async () => {
    const { world } = bot;
    const card = await cardFor("Finland");
    world.slack.sockets.refresh();
    expect(await click("dana", card, "decision_approve")).toMatchObject({ error: "dispatch_failed" });
    await connected("replaced");
    expect(await click("dana", card, "decision_approve")).toMatchObject({ status: 200, error: null });
    world.slack.sockets.cut();
    await eventually(world, () => world.slack.sockets.open() === 0, "the loss of the connection");
    await connected("after a cut");
    expect(await world.slack.replayLast()).toMatchObject({ status: 200, error: null });
    await bot.idle();
    expect(trainingRows("Finland")).toHaveLength(1);
    expect(cell(pipeOf("Finland"), "Decided_By")).toContain("Dana Reyes");
  });

  it("the bot stops within its grace and takes clicks again after the next start", async () => {
    const card = await cardFor("Iceland");
    const startedAt = performance.now();
    await bot.restart();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await connected("of the new one alone");
    expect(await click("dana", card, "decision_approve")).toMatchObject({ status: 200, error: null });
    await bot.idle();
    expect(trainingRows("Iceland")).toHaveLength(1);
  });
});

/** Sooner than the SDK's own reconnecting, which waits five seconds before it begins. */
const connected = (when: string) =>
  eventually(bot.world, () => bot.world.slack.sockets.open() === 1, `a connection, ${when}`, 4_000);
