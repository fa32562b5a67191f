/**
 * The doors of the whole bot, with its store, its workflows and its limits behind them: what `test/contract/fuzz-*` throws
 * at one adapter goes through all of it here. FUZZ_RUNS is how often (500).
 */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { FUZZ_PATIENCE_MS, fuzzed, garbled, junk } from "../fixtures/fuzz.ts";
import { encoded, slackRequest, target } from "../fixtures/slack-requests.ts";
import { type Bot, bootBot, cell, emptyInbox, wordsOf } from "../flows/bot.ts";
import { storiesOf } from "../flows/stories.ts";

const API_KEY = "the-right-key";
/** Slack's refusals of people, places and triggers that are made up; which ones is checked against the adapter alone. */
const MADE_UP = /"code":"slack_(rejected|channel_gone)"/;

let bot: Bot;
const logged: string[] = [];
const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);
const { cardAbout, pipeOf, trainingRows, put, settle, inboxRow } = storiesOf(() => bot);

beforeAll(async () => {
  const destination = { write: (line: string) => void logged.push(line) };
  const log = createLog({ level: "WARNING", json: true, destination });
  bot = await bootBot({ env: { API_KEY, RATE_LIMIT_ENABLED: "false", SLACK_OPERATORS: "U0LEE00001" }, log });
  emptyInbox(bot.world);
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
});
afterAll(async () => {
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
  await bot.stop();
});

const faultsIn = (lines: string[]) =>
  lines.filter((line) => /"level":"(error|fatal)"/.test(line) && !MADE_UP.test(line)).slice(0, 3);

async function deliver(body: string, contentType: string): Promise<number> {
  const stamp = String(Math.floor(Date.now() / 1_000));
  const secret = bot.world.slack.seed.signingSecret;
  const mac = createHmac("sha256", secret).update(`v0:${stamp}:${body}`).digest("hex");
  const answer = await fetch(`http://127.0.0.1:${bot.app.httpPort()}/slack/events`, {
    method: "POST",
    headers: {
      "content-type": contentType,
      "x-slack-request-timestamp": stamp,
      "x-slack-signature": `v0=${mac}`,
    },
    body,
  });
  await answer.text();
  return answer.status;
}

it(
  "takes whatever Slack signs, and decides only what an approver clicked",
  async () => {
    const card = await cardAbout("Estonia");
    const carried = /"value":"((?:[^"\\]|\\.)*)"/.exec(wordsOf(card))?.[1]?.replaceAll('\\"', '"') ?? "{}";
    const shown: { id: string; hash: string } = JSON.parse(carried);
    const strangers = slackRequest.filter(
      ({ body }) => !/U0DANA0001|U0SAM00001/.test(JSON.stringify(body) ?? ""),
    );
    Object.assign(target, { ...shown, ts: card.ts, responseUrl: `${bot.world.slack.url}/commands/none` });
    await fc.assert(
      fc.asyncProperty(strangers, async (sent) => {
        logged.length = 0;
        const { body, contentType } = encoded(sent);
        expect(await deliver(body, contentType)).toBe(200);
        await bot.idle();
        expect(faultsIn(logged)).toEqual([]);
        expect(uncaught).toEqual([]);
        expect([cell(pipeOf("Estonia"), "Approval_Status"), trainingRows("Estonia")]).toEqual([
          "Pending",
          [],
        ]);
      }),
      fuzzed(500),
    );
  },
  FUZZ_PATIENCE_MS,
);

it(
  "takes whatever is posted to the inbox, and keeps what it accepts",
  async () => {
    const post = {
      title: "Should we?",
      content: "A text",
      source: "Form",
      requested_by: "U0LEE00001",
      key: "k",
    };
    const bodies = fc.oneof(garbled(post), junk);
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        logged.length = 0;
        const answer = await fetch(`http://127.0.0.1:${bot.app.httpPort()}/webhooks/inbox`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-api-key": API_KEY },
          body: JSON.stringify(body),
        });
        expect([202, 400, 409]).toContain(answer.status);
        expect(faultsIn(logged)).toEqual([]);
      }),
      fuzzed(500),
    );
    await bot.idle();
    expect(uncaught).toEqual([]);
  },
  FUZZ_PATIENCE_MS,
);

it("goes on with the other items when one of them is beyond reading", async () => {
  emptyInbox(bot.world);
  const bad = put("\uD800 half", `${"x".repeat(100_000)}\u0000\uDC00`);
  const good = put("Order new chairs", "Please order six chairs for the meeting room.");
  logged.length = 0;
  await settle();
  expect(cell(inboxRow(good), "Status")).toBe("Triaged_to_Task");
  expect(cell(inboxRow(bad), "Status")).toMatch(/^(Triaged_to|Unprocessed|Failed)/);
  expect(faultsIn(logged)).toEqual([]);
});
