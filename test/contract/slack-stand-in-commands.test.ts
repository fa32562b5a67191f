import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { channels, createSlackSeed, people } from "../../src/sandbox/slack/workspace-seed.ts";
import {
  type BoltOnStandIn,
  card,
  createSignal,
  listen,
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

describe("commands, shortcuts, home and mentions", () => {
  test("a command's answer in the acknowledgement is for the person alone, later ones through respond", async () => {
    const seen: unknown[] = [];
    const answered = createSignal();
    app.command("/emm", async ({ ack, command, respond }) => {
      seen.push(command);
      await ack("Working on it");
      await respond({ response_type: "in_channel", text: "All healthy" });
      answered.reach();
    });
    const delivery = await slack.command({
      user: people.lee,
      channel: channels.general,
      command: "/emm",
      text: "audit @dana and @Sam Okafor, not @danae, in #general ",
    });
    expect(delivery).toMatchObject({ status: 200, error: null });
    await answered.reached;
    expect(seen[0]).toMatchObject({
      command: "/emm",
      text: `audit <@${people.dana}|dana> and <@${people.sam}|sam>, not @danae, in <#${channels.general}|general>`,
      user_id: people.lee,
      channel_id: channels.general,
      channel_name: "general",
      team_id: seed.team.id,
      is_enterprise_install: "false",
    });
    const said = slack.messages(channels.general).map(({ text, visibleTo }) => [text, visibleTo]);
    expect(said).toContainEqual(["Working on it", people.lee]);
    expect(said).toContainEqual(["All healthy", null]);
  });

  test("invalid blocks in the acknowledgement of a command are trouble and nothing is posted", async () => {
    const say = (command: string) =>
      slack.command({ user: people.lee, channel: channels.general, command, text: "" });
    app.command("/emm", async ({ ack }) => ack({ text: "x", blocks: [{ type: "nonsense" }] }));
    expect((await say("/emm")).error).toContain("invalid_blocks");
    expect(slack.messages(channels.general)).toEqual([]);
  });

  test("a message shortcut carries the message", async () => {
    const seen: unknown[] = [];
    app.shortcut("emm_capture", async ({ ack, body }) => {
      seen.push(body);
      await ack();
    });
    const { ts } = slack.type({ user: people.lee, channel: channels.general, text: "We should hire" });
    await slack.shortcut({ user: people.sam, callbackId: "emm_capture", channel: channels.general, ts });
    expect(seen).toMatchObject([
      {
        type: "message_action",
        message_ts: ts,
        message: { user: people.lee, text: "We should hire" },
        user: { id: people.sam },
      },
    ]);
  });

  test("opening the home tab lets the bot publish it; a button in it can be clicked", async () => {
    const clicked: unknown[] = [];
    app.event("app_home_opened", async ({ event, client }) => {
      await client.views.publish({
        user_id: event.user,
        view: { type: "home", blocks: card.map((block) => ({ ...block })) },
      });
      published.reach();
    });
    app.action("decision_approve", async ({ ack, body }) => {
      clicked.push(body);
      await ack();
    });
    const published = createSignal();
    expect(await slack.openHome(people.dana)).toMatchObject({ status: 200, error: null });
    await published.reached;
    const home = slack.home(people.dana);
    expect(home).toMatchObject({ kind: "home", userId: people.dana });
    await slack.clickInView({ user: people.dana, viewId: home?.id ?? "", actionId: "decision_approve" });
    expect(clicked).toMatchObject([
      { container: { type: "view" }, view: { type: "home", hash: home?.hash } },
    ]);
    expect(slack.home(people.sam)).toBeNull();
  });

  test("a mention and a direct message reach the bot; other talk does not", async () => {
    const heard: string[] = [];
    app.event("app_mention", async ({ event }) => {
      heard.push(`mention ${event.text}`);
    });
    app.message(async ({ message }) => {
      heard.push(`message ${"text" in message ? message.text : ""}`);
    });
    slack.type({ user: people.lee, channel: channels.general, text: "just talk" });
    slack.type({ user: people.lee, channel: channels.general, text: `<@${seed.bot.userId}> help` });
    slack.type({ user: people.lee, channel: slack.directMessage(people.lee), text: "hello" });
    await slack.settled();
    await expect.poll(() => heard.sort()).toEqual([`mention <@${seed.bot.userId}> help`, "message hello"]);
  });

  test("an event that is not acknowledged comes again with the retry headers", async () => {
    const seen: (string | undefined)[] = [];
    const twice = createSignal();
    const flaky = createServer((req, res) => {
      const retry = req.headers["x-slack-retry-num"];
      seen.push(
        typeof retry === "string" ? `${retry} ${String(req.headers["x-slack-retry-reason"])}` : undefined,
      );
      res.writeHead(seen.length === 1 ? 500 : 200).end();
      if (seen.length === 2) twice.reach();
    });
    const origin = await listen(flaky);
    slack.deliverTo(`${origin}/`);
    expect(await slack.openHome(people.dana)).toMatchObject({ status: 500 });
    await twice.reached;
    expect(seen).toEqual([undefined, "1 http_error"]);
    await new Promise((resolve) => flaky.close(resolve));
  });
});
