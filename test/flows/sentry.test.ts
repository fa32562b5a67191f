/** What Sentry gets, seen at the other end of the wire: where it broke, and nothing of anybody. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { startErrorTracking } from "../../src/error-tracking.ts";
import { createWorld } from "../../src/sandbox/world.ts";
import { type Bot, bootBot, cardsIn, emptyInbox, eventually } from "./bot.ts";
import { storiesOf } from "./stories.ts";

interface SentEvent {
  release: string;
  environment: string;
  level: string;
  tags: { surface: string; code: string; reference: string };
  exception: { values: { type: string; value: string; stacktrace: { frames: { filename: string }[] } }[] };
}

const CONTENT = "Canarycontent about buying Zanzibar for 3 million euros";
const KEY = "canarydsnkey0123456789";

let sentry: Worker;
let bot: Bot;
let taken: { headers: string; body: string }[];
const items = () =>
  taken.flatMap(({ body: envelope }) => {
    const [, ...rest] = envelope.trim().split("\n");
    return rest.flatMap((line, at) =>
      at % 2 === 0 ? [{ type: (JSON.parse(line) as { type: string }).type, body: rest[at + 1] ?? "" }] : [],
    );
  });
const events = () =>
  items().flatMap(({ type, body }) => (type === "event" ? [JSON.parse(body) as SentEvent] : []));

beforeAll(async () => {
  sentry = new Worker(new URL("../fixtures/envelope-collector.mjs", import.meta.url));
  const [{ port }] = (await once(sentry, "message")) as [AddressInfo];
  const world = await createWorld({
    env: {
      SENTRY_DSN: `http://${KEY}@127.0.0.1:${port}/42`,
      SENTRY_TRACES_SAMPLE_RATE: "1",
      RAILWAY_GIT_COMMIT_SHA: "0123456789abcdef0123",
    },
  });
  bot = await bootBot({ world });
  emptyInbox(world);
  await breakThings();
  await bot.app.crashed(new Error(`${CONTENT} at the very end`));
  taken = await takenSoFar();
}, 120_000);

afterAll(async () => {
  await bot.stop();
  await sentry.terminate();
});

async function takenSoFar(): Promise<typeof taken> {
  sentry.postMessage("what did you take?");
  const [all] = (await once(sentry, "message")) as [typeof taken];
  return all;
}

const { click, emm, put, settle } = storiesOf(() => bot);

async function breakThings(): Promise<void> {
  const { world } = bot;
  put("Canarytitle Zanzibar?", CONTENT);
  await settle();
  const card = await eventually(world, () => cardsIn(world)[0], "a card");
  const effect = { kind: "status", status: 500 } as const;
  world.slack.faults.add({ route: "views.open", effect });
  await click("dana", card, "decision_details");
  await emm("dana", `add ${CONTENT}`);
  const refusal = { code: "validation_error", message: `${CONTENT} is not valid` };
  world.notion.faults.add({ route: /./, times: 5, effect: { kind: "status", status: 400, body: refusal } });
  await bot.poll().catch(() => undefined);
  world.notion.faults.clear();
  await fetch(`http://127.0.0.1:${bot.app.httpPort()}/health?canaryquery=1`, {
    headers: {
      "x-forwarded-for": "203.0.113.77",
      cookie: "canarycookie=1",
      authorization: "Bearer canaryauth",
    },
  });
  await bot.idle();
}

describe("an error report", () => {
  it("comes from each surface that broke, with the reference that logs and people have", () => {
    const surfaces = new Map(events().map(({ tags }) => [tags.surface, tags]));
    expect([...surfaces.keys()]).toEqual(expect.arrayContaining(["slack", "poll", "process"]));
    expect(surfaces.get("poll")).toMatchObject({ code: "notion_invalid", reference: /^poll:/ });
    for (const { tags } of events()) expect(tags.reference).toMatch(/^\S{8,}$/);
  });

  it("names release, environment, error code and place", () => {
    for (const event of events()) {
      expect(event.release).toMatch(/^\d+\.\d+\.\d+\+0123456789ab$/);
      expect(event.environment).toBe("development");
      const [error] = event.exception.values;
      expect(error?.value).toBe(event.tags.code);
      expect(error?.stacktrace.frames.length).toBeGreaterThan(0);
    }
    const [crash] = events().flatMap(({ tags, exception }) =>
      tags.surface === "process" ? exception.values : [],
    );
    expect(crash?.stacktrace.frames.at(-1)).toMatchObject({
      filename: expect.stringMatching(/sentry\.test\.ts$/) as string,
    });
  });

  it("has no field beyond the known ones", () => {
    const known =
      /^(event_id|timestamp|platform|level|release|environment|fingerprint|tags|contexts|sdk|exception|type)$/;
    for (const event of events()) expect(Object.keys(event).filter((key) => !known.test(key))).toEqual([]);
  });
});

describe("everything that was sent", () => {
  it("holds no words, no secret, no person, no address", () => {
    const everything = taken
      .map(({ body }) => body)
      .join("\n")
      .replaceAll(KEY, "");
    const secrets = parseConfig({ ...bot.world.env, DATA_DIR: "x" }).secrets.filter((s) => !s.includes(KEY));
    for (const secret of secrets) expect(everything).not.toContain(secret);
    expect(everything).not.toMatch(/canary|Zanzibar|million euros/i);
    expect(everything).not.toMatch(/203\.0\.113\.77|x-slack-signature|hooks\.slack\.com\/\w/i);
    for (const user of bot.world.slack.seed.users) expect(everything).not.toContain(user.id);
    for (const row of bot.world.notion.rows("System Inbox"))
      expect(everything).not.toContain(`pages/${row.id}`);
    expect(taken.map(({ headers }) => headers).join("\n")).not.toMatch(/203\.0\.113\.77|Zanzibar/);
  });

  it("has traces of our routes and of the services by name only", () => {
    const spans = items().flatMap(({ type, body }) =>
      type === "span" ? (JSON.parse(body) as { items: { name: string }[] }).items : [],
    );
    const names = new Set(spans.map(({ name }) => name));
    expect(names.size).toBeGreaterThan(1);
    for (const name of names) expect(name).toMatch(/^[A-Z]+ (\/[a-z./]*|[\w.-]+|\(other\))$/);
    expect([...names]).toEqual(
      expect.arrayContaining(["POST /slack/events", "GET /health", "POST 127.0.0.1"]),
    );
  });

  it("is nothing at all without a DSN", async () => {
    const before = (await takenSoFar()).length;
    const config = parseConfig({ ...bot.world.env, DATA_DIR: "x", SENTRY_DSN: "" });
    const off = await startErrorTracking(config);
    off.report({ surface: "http", reference: "12345678", error: new Error("x") });
    await off.close(1_000);
    expect((await takenSoFar()).length).toBe(before);
  });
});
