import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { channels, createSlackSeed, people } from "../../src/sandbox/slack/workspace-seed.ts";
import {
  ACK_LIMIT_MS,
  type BoltOnStandIn,
  card,
  createSignal,
  listen,
  option,
  startBoltOnStandIn,
} from "../fixtures/bolt-on-slack-stand-in.ts";

const seed = createSlackSeed();
let bolt: BoltOnStandIn;
let slack: BoltOnStandIn["slack"];
let app: BoltOnStandIn["app"];

beforeEach(async () => {
  bolt = await startBoltOnStandIn();
  ({ slack, app } = bolt);
});

afterEach(() => bolt.close());

async function postCard(): Promise<string> {
  const posted = await app.client.chat.postMessage({
    channel: channels.leadership,
    text: "Raise prices?",
    blocks: card,
  });
  return posted.ts ?? "";
}

function clickOn(ts: string, user: string = people.dana) {
  return slack.click({ user, channel: channels.leadership, ts, actionId: "decision_approve" });
}

describe("a click", () => {
  test("arrives with the whole payload, and the bot changes the card through response_url", async () => {
    const seen: unknown[] = [];
    const answered = createSignal();
    app.action("decision_approve", async ({ ack, body, action, respond }) => {
      await ack();
      seen.push(body, action);
      await respond({ replace_original: true, text: "Approved by Dana" });
      await respond({ text: "Thank you", replace_original: false });
      answered.reach();
    });
    const ts = await postCard();
    expect(await clickOn(ts)).toMatchObject({ status: 200, error: null });
    await answered.reached;
    expect(seen[0]).toMatchObject({
      type: "block_actions",
      team: { id: seed.team.id, domain: seed.team.domain },
      user: { id: people.dana, username: "dana", team_id: seed.team.id },
      channel: { id: channels.leadership, name: "leadership" },
      container: { type: "message", message_ts: ts, channel_id: channels.leadership, is_ephemeral: false },
      message: { ts, bot_id: seed.bot.botId, text: "Raise prices?" },
      state: { values: { decide: { decision_option: { type: "static_select", selected_option: null } } } },
      api_app_id: expect.any(String),
      token: expect.any(String),
      trigger_id: expect.any(String),
      response_url: expect.stringContaining("/actions/"),
    });
    expect(seen[1]).toMatchObject({
      type: "button",
      block_id: "decide",
      value: "pipe:1",
      text: { text: "Approve" },
    });
    expect(slack.messages(channels.leadership)).toMatchObject([
      { ts, text: "Approved by Dana", blocks: [], visibleTo: null },
      { text: "Thank you", visibleTo: people.dana },
    ]);
    expect(bolt.failures).toEqual([]);
  });

  test("a chosen option is sent, and is in the state of the next click", async () => {
    const states: unknown[] = [];
    app.action(/decision_/, async ({ ack, body }) => {
      states.push("state" in body ? body.state : null);
      await ack();
    });
    const ts = await postCard();
    await slack.click({
      user: people.dana,
      channel: channels.leadership,
      ts,
      actionId: "decision_option",
      selected: "B",
    });
    await clickOn(ts);
    await clickOn(ts, people.sam);
    const chosen = (selected: unknown) => ({
      values: { decide: { decision_option: { selected_option: selected } } },
    });
    expect(states).toMatchObject([chosen(option("B")), chosen(option("B")), chosen(null)]);
  });

  test("is impossible on what is not in the message any more, and nothing is sent", async () => {
    let deliveries = 0;
    app.action(/.*/, async ({ ack }) => {
      deliveries += 1;
      await ack();
    });
    const ts = await postCard();
    await app.client.chat.update({ channel: channels.leadership, ts, text: "Approved" });
    expect(await clickOn(ts)).toEqual({ status: 0, acknowledgedMs: 0, error: "element_not_found" });
    expect(await clickOn("1.000001")).toMatchObject({ error: "message_not_found" });
    const { message_ts: hidden = "" } = await app.client.chat.postEphemeral({
      channel: channels.leadership,
      user: people.sam,
      text: "for Sam",
      blocks: card,
    });
    expect(await clickOn(hidden, people.lee)).toMatchObject({ error: "message_not_found" });
    expect(await clickOn(hidden, people.sam)).toMatchObject({ error: null });
    expect(deliveries).toBe(1);
  });

  test("of a person of another team carries their team", async () => {
    const users: unknown[] = [];
    app.action("decision_approve", async ({ ack, body }) => {
      users.push(body.user, body.team);
      await ack();
    });
    await clickOn(await postCard(), people.stranger);
    expect(users).toMatchObject([{ id: people.stranger, team_id: "T0PARTNER1" }, { id: seed.team.id }]);
  });

  test("without an acknowledgement in time shows operation_timeout", async () => {
    const release = createSignal();
    app.action("decision_approve", async ({ ack }) => {
      await release.reached;
      await ack().catch(() => undefined);
    });
    const delivery = await clickOn(await postCard());
    release.reach();
    expect(delivery).toMatchObject({ status: 0, error: "operation_timeout" });
    expect(delivery.acknowledgedMs).toBeGreaterThanOrEqual(ACK_LIMIT_MS - 5);
  });

  test("on a bot that is gone or fails shows dispatch_failed", async () => {
    const ts = await postCard();
    const broken = createServer((_, res) => res.writeHead(500).end());
    const origin = await listen(broken);
    slack.deliverTo(`${origin}/`);
    expect(await clickOn(ts)).toMatchObject({ status: 500, error: "dispatch_failed" });
    await new Promise((resolve) => broken.close(resolve));
    expect(await clickOn(ts)).toMatchObject({ status: 0, error: "dispatch_failed" });
  });

  test("a response_url works five times, for thirty minutes", async () => {
    const urls: string[] = [];
    app.action("decision_approve", async ({ ack, body }) => {
      urls.push("response_url" in body ? body.response_url : "");
      await ack();
    });
    const ts = await postCard();
    await clickOn(ts);
    await clickOn(ts);
    const say = async (url: string | undefined, body: object) => {
      const response = await fetch(url ?? "", { method: "POST", body: JSON.stringify(body) });
      const answer: { error?: string } = JSON.parse(await response.text());
      return [response.status, answer.error ?? "ok"];
    };
    expect(await say(urls[0], { text: "" })).toEqual([400, "no_text"]);
    for (let n = 0; n < 5; n += 1) expect(await say(urls[0], { text: `${n}` })).toEqual([200, "ok"]);
    expect(await say(urls[0], { text: "6" })).toEqual([404, "used_url"]);
    expect(await say(urls[1], { delete_original: true })).toEqual([200, "ok"]);
    expect(slack.messages(channels.leadership).some((message) => message.ts === ts)).toBe(false);
    bolt.clock.now += 30 * 60_000 + 1;
    expect(await say(urls[1], { text: "late" })).toEqual([404, "expired_url"]);
  });
});

describe("signatures", () => {
  test("the last request can be sent again byte for byte; Bolt runs it again", async () => {
    const triggers: unknown[] = [];
    app.action("decision_approve", async ({ ack, body }) => {
      triggers.push("trigger_id" in body ? body.trigger_id : null);
      await ack();
    });
    await clickOn(await postCard());
    expect(await slack.replayLast()).toMatchObject({ status: 200, error: null });
    expect(triggers).toHaveLength(2);
    expect(triggers[0]).toBe(triggers[1]);
  });

  test("a forged signature and an old timestamp are refused by Bolt", async () => {
    const body = `payload=${encodeURIComponent(JSON.stringify({ type: "block_actions", actions: [] }))}`;
    const forged = await slack.send(body, { signature: "v0=00" });
    expect(forged).toMatchObject({ status: 401, error: "dispatch_failed" });
    const old = await slack.send(body, { timestamp: Math.floor(Date.now() / 1000) - 600 });
    expect(old).toMatchObject({ status: 401 });
  });
});
