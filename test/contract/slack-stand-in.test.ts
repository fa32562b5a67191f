import { ErrorCode, LogLevel, WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { coverage } from "../../src/sandbox/slack/coverage.ts";
import { createSlackStandIn, type SlackWorkspaceStandIn } from "../../src/sandbox/slack/slack-stand-in.ts";
import { methods } from "../../src/sandbox/slack/web-api.ts";
import {
  channels,
  createSlackSeed,
  leadershipGroup,
  people,
} from "../../src/sandbox/slack/workspace-seed.ts";

const seed = createSlackSeed();
const clock = { now: Date.now() };
let slack: SlackWorkspaceStandIn;
let web: WebClient;

function clientFor(token: string | undefined): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: {
      debug() {},
      info() {},
      warn() {},
      error() {},
      setLevel() {},
      getLevel: () => LogLevel.ERROR,
      setName() {},
    },
  });
}

/** The error code Slack answered with. */
async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => "was answered with ok",
    (thrown: unknown) => thrown,
  );
  if (typeof error === "object" && error !== null && "data" in error) {
    const { data } = error;
    if (typeof data === "object" && data !== null && "error" in data) return String(data.error);
  }
  return String(error);
}

beforeEach(async () => {
  clock.now = Date.now();
  slack = await createSlackStandIn({
    seed: {
      ...seed,
      channels: [
        ...seed.channels,
        { id: "C0CLOSED01", name: "closed", isArchived: true },
        { id: "C0PUBLIC01", name: "elsewhere", botIsMember: false },
        { id: "C0SECRET01", name: "secret", isPrivate: true, botIsMember: false },
      ],
    },
    now: () => clock.now,
  });
  web = clientFor(seed.bot.token);
});

afterEach(() => slack.close());

test("routes and the coverage table agree", () => {
  expect(Object.keys(methods).sort()).toEqual(Object.keys(coverage).sort());
});

describe("who may call", () => {
  test("the bot's token names the bot; another is invalid_auth, none not_authed", async () => {
    expect(await web.auth.test()).toMatchObject({
      ok: true,
      user_id: seed.bot.userId,
      team_id: seed.team.id,
    });
    expect(await refusalOf(clientFor("xoxb-wrong").auth.test())).toBe("invalid_auth");
    expect(await refusalOf(clientFor(undefined).auth.test())).toBe("not_authed");
  });

  test("an unknown method is unknown_method", async () => {
    expect(await refusalOf(web.apiCall("chat.nonsense"))).toBe("unknown_method");
    expect(await refusalOf(web.apiCall("constructor"))).toBe("unknown_method");
  });

  test("a JSON body works with the token in the header only", async () => {
    const post = (headers: Record<string, string>, body: object) =>
      fetch(`${slack.url}auth.test`, {
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8", ...headers },
        body: JSON.stringify(body),
      }).then((response) => response.json());
    expect(await post({ authorization: `Bearer ${seed.bot.token}` }, {})).toMatchObject({ ok: true });
    expect(await post({}, { token: seed.bot.token })).toMatchObject({ ok: false, error: "not_authed" });
  });

  test("a missing scope is named when the token has a list", async () => {
    const narrow = await createSlackStandIn({ seed, scopes: ["chat:write"] });
    const client = new WebClient(seed.bot.token, { slackApiUrl: narrow.url, retryConfig: { retries: 0 } });
    await expect(client.users.info({ user: people.dana })).rejects.toMatchObject({
      data: { error: "missing_scope", needed: "users:read", provided: "chat:write" },
    });
    await narrow.close();
  });

  test("a socket takes the app's token, everything else the bot's", async () => {
    const open = (token: string) => clientFor(token).apps.connections.open();
    expect(await refusalOf(open("xapp-1"))).toBe("invalid_auth");
    expect(await refusalOf(open(seed.bot.token))).toBe("not_allowed_token_type");
    expect(await refusalOf(clientFor(slack.appToken).auth.test())).toBe("not_allowed_token_type");
    expect((await open(slack.appToken)).url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link\/\?ticket=\w+&app_id=A/);
  });
});

describe("messages", () => {
  const blocks = [{ type: "section", text: { type: "mrkdwn", text: "*Raise prices?*" } }];
  const metadata = { event_type: "emm_card", event_payload: { pipe: "p1", version: 2 } };

  test("a posted card is in the channel and in the history, with metadata only when asked for", async () => {
    const posted = await web.chat.postMessage({
      channel: channels.leadership,
      text: "Raise prices?",
      blocks,
      metadata,
    });
    expect(slack.messages(channels.leadership)).toMatchObject([
      {
        ts: posted.ts,
        user: seed.bot.userId,
        text: "Raise prices?",
        metadata,
        threadTs: null,
        edited: false,
      },
    ]);
    const bare = await web.conversations.history({ channel: channels.leadership });
    expect(bare.messages?.[0]).toMatchObject({ ts: posted.ts, bot_id: seed.bot.botId });
    expect(bare.messages?.[0]).not.toHaveProperty("metadata");
    const full = await web.conversations.history({
      channel: channels.leadership,
      include_all_metadata: true,
    });
    expect(full.messages?.[0]?.metadata).toEqual(metadata);
  });

  test("history is newest first, between exclusive bounds, in pages, without thread replies", async () => {
    const posted: string[] = [];
    for (const text of ["one", "two", "three", "four"]) {
      posted.push((await web.chat.postMessage({ channel: channels.general, text })).ts ?? "");
    }
    await web.chat.postMessage({ channel: channels.general, text: "reply", thread_ts: posted[0] });
    const texts = (page: { messages?: { text?: string }[] }) => page.messages?.map((message) => message.text);
    const first = await web.conversations.history({ channel: channels.general, limit: 3 });
    expect(texts(first)).toEqual(["four", "three", "two"]);
    const cursor = first.response_metadata?.next_cursor;
    expect(texts(await web.conversations.history({ channel: channels.general, limit: 3, cursor }))).toEqual([
      "one",
    ]);
    const between = { channel: channels.general, oldest: posted[0], latest: posted[3] };
    expect(texts(await web.conversations.history(between))).toEqual(["three", "two"]);
    expect(texts(await web.conversations.history({ ...between, inclusive: true }))).toHaveLength(4);
    const thread = await web.conversations.replies({ channel: channels.general, ts: posted[0] ?? "" });
    expect(texts(thread)).toEqual(["one", "reply"]);
    expect(thread.messages?.[0]).toMatchObject({ reply_count: 1 });
  });

  test("an update with text and no blocks takes the blocks away", async () => {
    const { ts = "" } = await web.chat.postMessage({
      channel: channels.general,
      text: "a",
      blocks,
      metadata,
    });
    await web.chat.update({ channel: channels.general, ts, text: "b", blocks });
    expect(slack.messages(channels.general)[0]).toMatchObject({ text: "b", edited: false, metadata });
    expect(slack.messages(channels.general)[0]?.blocks).toHaveLength(1);
    await web.chat.update({ channel: channels.general, ts, text: "c" });
    expect(slack.messages(channels.general)[0]).toMatchObject({ text: "c", blocks: [], edited: true });
  });

  test("only the bot's own, existing, public messages can be changed or deleted", async () => {
    const update = (ts: string) => refusalOf(web.chat.update({ channel: channels.general, ts, text: "x" }));
    expect(await update("1.000001")).toBe("message_not_found");
    expect(await update(slack.type({ user: people.lee, channel: channels.general, text: "hi" }).ts)).toBe(
      "cant_update_message",
    );
    const { message_ts: ephemeral = "" } = await web.chat.postEphemeral({
      channel: channels.general,
      user: people.lee,
      text: "psst",
    });
    expect(await update(ephemeral)).toBe("message_not_found");
    const { ts = "" } = await web.chat.postMessage({ channel: channels.general, text: "mine" });
    await web.chat.delete({ channel: channels.general, ts });
    expect(slack.messages(channels.general).map((message) => message.text)).toEqual(["hi", "psst"]);
  });

  test("an ephemeral message is for one person and not in the history", async () => {
    await web.chat.postEphemeral({ channel: channels.general, user: people.lee, text: "psst" });
    expect(slack.messages(channels.general)).toMatchObject([{ text: "psst", visibleTo: people.lee }]);
    expect((await web.conversations.history({ channel: channels.general })).messages).toEqual([]);
    const to = (user: string) =>
      refusalOf(web.chat.postEphemeral({ channel: channels.general, user, text: "x" }));
    expect(await to(people.former)).toBe("user_not_in_channel");
    expect(await to("U0NOBODY")).toBe("user_not_found");
  });

  test("what Slack refuses is refused by name", async () => {
    const post = (channel: string, fields: object = {}) =>
      refusalOf(web.apiCall("chat.postMessage", { channel, text: "x", ...fields }));
    expect(await post("C0NOWHERE1")).toBe("channel_not_found");
    expect(await post("C0SECRET01")).toBe("channel_not_found");
    expect(await post("C0PUBLIC01")).toBe("not_in_channel");
    expect(await post("C0CLOSED01")).toBe("is_archived");
    expect(await post(channels.general, { text: "" })).toBe("no_text");
    expect(await post(channels.general, { blocks: "[{" })).toBe("invalid_blocks_format");
    expect(await post(channels.general, { thread_ts: "1.000001" })).toBe("thread_not_found");
    clock.now += 60_000;
    const long = { type: "section", text: { type: "mrkdwn", text: "x".repeat(2900) } };
    expect(await post(channels.general, { blocks: [long, long, long, long] })).toBe("msg_blocks_too_long");
    expect(await post(channels.general, { metadata: { event_type: "x" } })).toBe("invalid_metadata_format");
    const { ts = "" } = await web.chat.postMessage({ channel: channels.general, text: "x" });
    expect(await refusalOf(web.chat.update({ channel: channels.general, ts, text: "x".repeat(4001) }))).toBe(
      "msg_too_long",
    );
    expect(slack.messages(channels.general)).toHaveLength(1);
  });

  test("invalid blocks come back with JSON pointers and nothing is posted", async () => {
    const bad = [{ type: "section", text: { type: "mrkdwn", text: "x".repeat(3001) } }];
    const pointer = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]";
    await expect(
      web.chat.postMessage({ channel: channels.general, text: "x", blocks: bad }),
    ).rejects.toMatchObject({
      data: {
        error: "invalid_blocks",
        errors: [pointer],
        response_metadata: { messages: [`[ERROR] ${pointer}`] },
      },
    });
    expect(slack.messages(channels.general)).toEqual([]);
    await expect(web.blocks.validate({ blocks: bad })).rejects.toMatchObject({
      data: { error: "invalid_blocks", errors: [{ pointer: "/0/text/text", message: expect.any(String) }] },
    });
  });

  test("a permalink, a reaction, a direct message and a file", async () => {
    const { ts = "" } = await web.chat.postMessage({ channel: channels.general, text: "x" });
    const link = await web.chat.getPermalink({ channel: channels.general, message_ts: ts });
    expect(link.permalink).toBe(
      `https://acme-example.slack.com/archives/${channels.general}/p${ts.replace(".", "")}`,
    );
    const reaction = { channel: channels.general, timestamp: ts, name: "eyes" };
    await web.reactions.add(reaction);
    expect(await refusalOf(web.reactions.add(reaction))).toBe("already_reacted");
    const { channel } = await web.conversations.open({ users: people.dana });
    await web.chat.postMessage({ channel: people.dana, text: "just you" });
    expect(slack.messages(channel?.id ?? "")).toMatchObject([{ text: "just you" }]);
    expect(slack.directMessage(people.dana)).toBe(channel?.id);
    await web.filesUploadV2({
      channel_id: channels.general,
      filename: "stats.csv",
      content: "a,b\n1,2",
      initial_comment: "Here",
    });
    expect(slack.files()).toMatchObject([{ name: "stats.csv", content: "a,b\n1,2" }]);
    expect(slack.messages(channels.general).at(-1)?.text).toBe("Here");
  });
});

describe("people and groups", () => {
  test("guests, strangers and people who left look it", async () => {
    const user = async (id: string) => (await web.users.info({ user: id })).user;
    expect(await user(people.dana)).toMatchObject({
      team_id: seed.team.id,
      is_restricted: false,
      profile: { email: "dana@acme.example" },
    });
    expect(await user(people.guest)).toMatchObject({ is_restricted: true, is_ultra_restricted: false });
    expect(await user(people.stranger)).toMatchObject({ team_id: "T0PARTNER1", is_stranger: true });
    expect((await user(people.stranger))?.profile).not.toHaveProperty("email");
    expect(await user(people.former)).toMatchObject({ deleted: true });
    expect(await refusalOf(web.users.info({ user: "U0NOBODY" }))).toBe("user_not_found");
    expect(await refusalOf(web.users.lookupByEmail({ email: "kim@acme.example" }))).toBe("users_not_found");
    expect((await web.users.lookupByEmail({ email: "Sam@acme.example" })).user?.id).toBe(people.sam);
  });

  test("the group lists its people; an unknown one is no_such_subteam", async () => {
    const { users } = await web.usergroups.users.list({ usergroup: leadershipGroup });
    expect(users).toEqual([people.dana, people.sam]);
    expect(await refusalOf(web.usergroups.users.list({ usergroup: "S0NONE" }))).toBe("no_such_subteam");
  });

  test("channels are listed without private ones the bot is not in; joining works for public ones", async () => {
    const { channels: listed } = await web.conversations.list({
      types: "public_channel,private_channel",
      exclude_archived: true,
    });
    expect(listed?.map((channel) => channel.name)).toEqual([
      "leadership",
      "emm-alerts",
      "general",
      "elsewhere",
    ]);
    await web.conversations.join({ channel: "C0PUBLIC01" });
    await web.chat.postMessage({ channel: "C0PUBLIC01", text: "hello" });
    expect(slack.messages("C0PUBLIC01")).toHaveLength(1);
    const { members } = await web.conversations.members({ channel: channels.general });
    expect(members).toContain(seed.bot.userId);
    expect(members).not.toContain(people.former);
  });
});

describe("limits and faults", () => {
  test("a burst in one channel ends in 429 with Retry-After; another channel and a second later are fine", async () => {
    const post = (channel: string) => web.chat.postMessage({ channel, text: "x" });
    for (let n = 0; n < 5; n += 1) await post(channels.general);
    await expect(post(channels.general)).rejects.toMatchObject({
      code: ErrorCode.RateLimitedError,
      retryAfter: 1,
    });
    expect(slack.messages(channels.general)).toHaveLength(5);
    await post(channels.alerts);
    clock.now += 1_000;
    await post(channels.general);
    expect(slack.calls.filter((call) => call.status === 429)).toMatchObject([
      { route: "POST /api/chat.postMessage" },
    ]);
  });

  test("a tier 2 method takes twenty at once and one more each three seconds", async () => {
    const list = () => web.usergroups.users.list({ usergroup: leadershipGroup });
    for (let n = 0; n < 20; n += 1) await list();
    await expect(list()).rejects.toMatchObject({ retryAfter: 3 });
    clock.now += 3_000;
    await list();
  });

  test("faults: an error before, an error after the message was posted, a refusal by code", async () => {
    const post = () => web.chat.postMessage({ channel: channels.general, text: "x" });
    slack.faults.add({ route: "chat.postMessage", times: 1, effect: { kind: "status", status: 503 } });
    await expect(post()).rejects.toThrow();
    expect(slack.messages(channels.general)).toHaveLength(0);
    slack.faults.add({
      route: "chat.postMessage",
      times: 1,
      effect: { kind: "committed-error", status: 503 },
    });
    await expect(post()).rejects.toThrow();
    expect(slack.messages(channels.general)).toHaveLength(1);
    slack.faults.add({
      route: "chat.postMessage",
      times: 1,
      effect: { kind: "status", status: 200, code: "channel_not_found" },
    });
    expect(await refusalOf(post())).toBe("channel_not_found");
    slack.faults.add({ route: "chat.postMessage", times: 1, effect: { kind: "reset", committed: true } });
    await expect(post()).rejects.toThrow();
    expect(slack.messages(channels.general)).toHaveLength(2);
  });

  test("listeners hear of changes until they stop listening", async () => {
    let heard = 0;
    const stop = slack.onChange(() => {
      heard += 1;
    });
    await web.chat.postMessage({ channel: channels.general, text: "x" });
    expect(heard).toBe(1);
    stop();
    await web.chat.postMessage({ channel: channels.general, text: "x" });
    expect(heard).toBe(1);
  });
});
