/** Whatever Slack signs: answered in time, understood or put aside, and nothing is decided that nobody may decide. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { toFailure } from "../../src/errors.ts";
import { people } from "../../src/sandbox/slack/workspace-seed.ts";
import {
  decodeDecisionValue,
  decodeItemValue,
  decodeMoreValue,
  decodeOptionValue,
} from "../../src/slack/ids.ts";
import { FUZZ_PATIENCE_MS, fuzzed } from "../fixtures/fuzz.ts";
import { encoded, type SlackRequest, slackRequest, target } from "../fixtures/slack-requests.ts";
import { openOffice, type SlackOffice, seed } from "./slack-office.ts";

let office: SlackOffice;
let card: DecisionRecord;
const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);

beforeAll(async () => {
  office = await openOffice();
  office.slack.hasRateLimits = false;
  card = await office.postCard();
  const { id, hash } = card;
  Object.assign(target, { id, hash, ts: card.card?.ts, responseUrl: `${office.slack.url}/commands/none` });
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
});
afterAll(async () => {
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
  await office.close();
});

async function deliver(sent: SlackRequest): Promise<{ status: number; text: string }> {
  const { body, contentType } = encoded(sent);
  const stamp = String(Math.floor(Date.now() / 1_000));
  const mac = createHmac("sha256", seed.signingSecret).update(`v0:${stamp}:${body}`).digest("hex");
  const answer = await fetch(office.endpoint, {
    method: "POST",
    headers: {
      "content-type": contentType,
      "x-slack-request-timestamp": stamp,
      "x-slack-signature": `v0=${mac}`,
    },
    body,
    signal: AbortSignal.timeout(3_000),
  });
  return { status: answer.status, text: await answer.text() };
}

async function atRest(): Promise<void> {
  while (office.bot.inFlight() > 0) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Slack's answers about people, places and triggers that do not exist. Anything else is a fault of ours. */
const MADE_UP =
  /: (invalid_trigger_id|user_not_in_channel|user_not_found|thread_not_found|channel_not_found)$/;
const ours = (faults: unknown[]) => faults.filter((fault) => !MADE_UP.test(toFailure(fault).message));

describe("anything that Slack could send, with something wrong in it", () => {
  it(
    "is acknowledged, breaks nothing, and decides nothing that this person may not decide",
    async () => {
      await fc.assert(
        fc.asyncProperty(slackRequest, async (sent) => {
          const { books } = office;
          books.decisions.set(card.id, card);
          Object.assign(books, { faults: [], clicks: [], audit: [] });
          expect(await deliver(sent)).toMatchObject({ status: 200 });
          await atRest();
          expect(ours(books.faults)).toEqual([]);
          expect(uncaught).toEqual([]);
          for (const click of books.clicks) {
            expect([people.dana, people.sam]).toContain(click.by.slackId);
            expect(sent.body).toMatchObject({ user: { id: click.by.slackId } });
          }
          // Whatever was done beside decisions and captures takes an operator.
          const done = books.audit.filter((entry) => entry.outcome === "done");
          expect(done.filter(({ actor }) => actor !== people.sam)).toEqual([]);
        }),
        fuzzed(120),
      );
    },
    FUZZ_PATIENCE_MS,
  );

  const who = {
    user: { id: people.dana, team_id: "T0ACME0001" },
    team: { id: "T0ACME0001" },
    trigger_id: "t",
  };
  const click = {
    type: "block_actions",
    ...who,
    actions: [{ type: "button", action_id: "decision_approve" }],
  };
  const form = {
    type: "view_submission",
    ...who,
    view: { id: "V1", type: "modal", callback_id: "gone_view" },
  };
  const said = {
    type: "event_callback",
    event: { type: "app_mention", channel: "C1", ts: "1.1", user: null },
  };

  it.each<[string, SlackRequest]>([
    ["nothing", { kind: "payload", body: null }],
    ["a list", { kind: "payload", body: [] }],
    ["a click without a person", { kind: "payload", body: { ...click, user: null } }],
    ["a click without an action", { kind: "payload", body: { ...click, actions: [] } }],
    ["a click in no channel at all", { kind: "payload", body: { ...click, channel: null } }],
    ["a kind of its own", { kind: "payload", body: { ...click, type: "new_kind", actions: undefined } }],
    ["an event by nobody", { kind: "event", body: said }],
    ["a command with two texts", { kind: "command", body: { command: "/emm", text: ["a", "b"] } }],
  ])("puts %s aside, answered", async (_, sent) => {
    office.books.faults = [];
    expect(await deliver(sent)).toEqual({ status: 200, text: "" });
    await atRest();
    expect(office.books.faults).toEqual([]);
  });

  it.each([
    ["that it does not know", { ...form.view, private_metadata: "", state: { values: {} } }],
    ["that is not whole", { ...form.view, callback_id: "decision_edit_view", state: null }],
  ])("answers a form %s with what to do", async (_, broken) => {
    const answer = await deliver({ kind: "payload", body: { ...form, view: broken } });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ response_action: "update", view: { type: "modal" } });
    expect(answer.text).toContain("Please open it again");
  });

  it("hands nothing on that the store cannot hold: an id from a button, words after a command", async () => {
    expect(decodeDecisionValue('{"id":"a\\u0000b","hash":"c"}')).toBeNull();
    expect(decodeItemValue('{"id":"\\ud800"}')).toBeNull();
    expect(decodeOptionValue("A h\u0000 id")).toBeNull();
    expect(decodeMoreValue("d h id\u0000")).toBeNull();
    // Polls may be paused by what was sent before.
    await office.restart();
    office.books.audit = [];
    const text = "poll pause be\u0000cause";
    const body = {
      command: "/emm",
      text,
      user_id: people.sam,
      team_id: "T0ACME0001",
      channel_id: "C0LEADERS1",
    };
    await deliver({ kind: "command", body });
    await atRest();
    expect(office.books.audit).toMatchObject([{ action: "poll.pause", outcome: "done", detail: "because" }]);
  });
});
