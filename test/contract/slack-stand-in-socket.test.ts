import { type CloseEvent, type MessageEvent, WebSocket } from "undici";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSlackStandIn, type SlackWorkspaceStandIn } from "../../src/sandbox/slack/slack-stand-in.ts";
import { channels, createSlackSeed, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { card } from "../fixtures/bolt-on-slack-stand-in.ts";

interface Envelope {
  type: string;
  envelope_id: string;
  accepts_response_payload: boolean;
  payload: Record<string, unknown>;
  retry_attempt?: number;
  retry_reason?: string;
}

interface Client {
  /** Parsed, oldest first. */
  heard: Envelope[];
  /** Resolves with the n-th message. */
  nth(n: number): Promise<Envelope>;
  say(message: object): void;
  close(): void;
  state(): number;
  closed: Promise<CloseEvent>;
}

let slack: SlackWorkspaceStandIn;

beforeEach(async () => {
  slack = await createSlackStandIn({
    seed: createSlackSeed(),
    ackLimitMs: 200,
    subscriptions: ["app_home_opened"],
  });
});

afterEach(() => slack.close());

async function ticketUrl(): Promise<string> {
  const response = await fetch(`${slack.url}apps.connections.open`, {
    method: "POST",
    headers: { authorization: `Bearer ${slack.appToken}` },
  });
  const { url } = (await response.json()) as { url: string };
  return url;
}

/** Answers each envelope with what `answer` gives; null = not at all. */
async function connect(answer: (envelope: Envelope) => object | null = () => ({})): Promise<Client> {
  const socket = new WebSocket(await ticketUrl());
  const heard: Envelope[] = [];
  const waiting = new Set<() => void>();
  socket.addEventListener("message", ({ data }: MessageEvent) => {
    const message = JSON.parse(String(data)) as Envelope;
    heard.push(message);
    for (const look of [...waiting]) look();
    const body = message.envelope_id === undefined ? null : answer(message);
    if (body !== null) socket.send(JSON.stringify({ envelope_id: message.envelope_id, ...body }));
  });
  const nth = (n: number) =>
    new Promise<Envelope>((resolve) => {
      const look = () => {
        const found = heard[n - 1];
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const client = {
    heard,
    nth,
    say: (message: object) => socket.send(JSON.stringify(message)),
    close: () => socket.close(1000),
    state: () => socket.readyState,
    closed: new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve)),
  };
  expect(await nth(1)).toMatchObject({
    type: "hello",
    num_connections: slack.sockets.open(),
    connection_info: { app_id: expect.stringMatching(/^A0/) },
  });
  return client;
}

const opens = (url: string) =>
  new Promise<boolean>((resolve) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => resolve(true));
    socket.addEventListener("error", () => resolve(false));
  });

/** Resolves when that many sockets are open. */
const left = (count: number) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (slack.sockets.open() !== count) return;
      stop();
      resolve();
    };
    const stop = slack.onChange(look);
    look();
  });

const command = (text: string) =>
  slack.command({ user: people.lee, channel: channels.general, command: "/emm", text });

async function cardTs(): Promise<string> {
  const response = await fetch(`${slack.url}chat.postMessage`, {
    method: "POST",
    headers: { authorization: `Bearer ${slack.seed.bot.token}`, "content-type": "application/json" },
    body: JSON.stringify({ channel: channels.leadership, text: "A card", blocks: card }),
  });
  return ((await response.json()) as { ts: string }).ts;
}

const approve = async () =>
  slack.click({
    user: people.dana,
    channel: channels.leadership,
    ts: await cardTs(),
    actionId: "decision_approve",
  });

test("a command is an envelope whose acknowledgement may carry the answer, long ones too", async () => {
  const long = "é".repeat(40_000);
  const client = await connect(({ payload }) => ({
    payload: { text: `You said ${String(payload["text"])}` },
  }));
  for (const text of ["hi", "x".repeat(300), long])
    expect(await command(text)).toMatchObject({ status: 200, error: null });
  expect(client.heard[1]).toMatchObject({
    type: "slash_commands",
    accepts_response_payload: true,
    payload: { command: "/emm", user_id: people.lee },
  });
  const said = slack.messages(channels.general).map((message) => message.text);
  expect(said.slice(0, 2)).toEqual(["You said hi", `You said ${"x".repeat(300)}`]);
  expect(said).toHaveLength(3);
});

test("a click is acknowledged without a payload; one that is not asked for is trouble", async () => {
  let body: object = { payload: {} };
  const client = await connect(() => body);
  expect(await approve()).toMatchObject({ status: 200, error: null });
  expect(client.heard[1]).toMatchObject({
    type: "interactive",
    accepts_response_payload: false,
    payload: { type: "block_actions", user: { id: people.dana } },
  });
  body = { payload: { text: "no" } };
  expect(await approve()).toMatchObject({ error: "invalid_response" });
});

test("no acknowledgement in time is operation_timeout; a late one changes nothing", async () => {
  const client = await connect(() => null);
  expect(await command("help")).toMatchObject({ status: 0, error: "operation_timeout" });
  client.say({ envelope_id: client.heard[1]?.envelope_id, payload: { text: "late" } });
  expect(await command("help")).toMatchObject({ error: "operation_timeout" });
  expect(slack.messages(channels.general)).toEqual([]);
});

test("an event that is not acknowledged comes again at once and says so", async () => {
  const client = await connect(({ retry_attempt }) => (retry_attempt === 0 ? null : {}));
  expect(await slack.openHome(people.dana)).toMatchObject({ error: "operation_timeout" });
  const [first, again] = [await client.nth(2), await client.nth(3)];
  expect(first).toMatchObject({ type: "events_api", retry_attempt: 0, retry_reason: "" });
  expect(again).toMatchObject({ retry_attempt: 1, retry_reason: "timeout" });
  expect(again.payload["event_id"]).toBe(first.payload["event_id"]);
});

test("each envelope goes to one of the sockets, and a replay is the same envelope", async () => {
  const [one, two] = [await connect(), await connect()];
  for (let n = 0; n < 4; n += 1) await command("help");
  expect([one.heard.length, two.heard.length]).toEqual([3, 3]);
  await slack.replayLast();
  const ids = [...one.heard, ...two.heard].map(({ envelope_id }) => envelope_id).filter(Boolean);
  expect(ids).toHaveLength(5);
  expect(new Set(ids).size).toBe(4);
});

test("a socket that is told to go gets nothing more, and without one nothing arrives, not even over HTTP", async () => {
  slack.deliverTo(`${slack.url}auth.test`);
  const client = await connect();
  slack.sockets.refresh();
  expect(await client.nth(2)).toMatchObject({ type: "disconnect", reason: "refresh_requested" });
  expect(await command("help")).toMatchObject({ status: 0, error: "dispatch_failed" });
  client.close();
  expect(client.heard).toHaveLength(2);
});

test("a ticket opens one connection", async () => {
  const url = await ticketUrl();
  expect([await opens(url), await opens(url)]).toEqual([true, false]);
});

test("eleven connections are one too many, and a goodbye makes room", async () => {
  let clock = Date.now();
  await slack.close();
  // Slack grants a ticket a minute.
  slack = await createSlackStandIn({ seed: createSlackSeed(), now: () => (clock += 60_000) });
  const first = await connect();
  for (let n = 1; n < 10; n += 1) await connect();
  expect(await opens(await ticketUrl())).toBe(false);
  first.close();
  await left(9);
  expect(await opens(await ticketUrl())).toBe(true);
});

test("a goodbye is answered, and the TCP connection left to the client", async () => {
  const client = await connect();
  client.close();
  await left(0);
  // Whatever the stand-in did to the connection is known to the client after another round trip.
  await ticketUrl();
  expect(client.state()).toBe(WebSocket.CLOSING);
});

test("a cut ends the connection without a goodbye and fails what was on its way", async () => {
  const client = await connect(() => {
    slack.sockets.cut();
    return null;
  });
  expect(await command("help")).toMatchObject({ status: 0, error: "dispatch_failed" });
  expect(await client.closed).toMatchObject({ code: 1006, wasClean: false });
  expect(slack.sockets.open()).toBe(0);
});
