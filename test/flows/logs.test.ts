/** Canaries over a whole life of the bot at DEBUG: no secret and no word of a person reaches a log line. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { createWorld } from "../../src/sandbox/world.ts";
import { isBacklog } from "../../src/workflows/precedence.ts";
import { type Bot, bootBot, buttonsOf, cardsIn, emptyInbox, eventually } from "./bot.ts";
import { storiesOf } from "./stories.ts";

interface Line {
  timestamp: string;
  level: string;
  message: string;
  module: string;
  correlation?: string;
  workflow?: string;
  route?: string;
  status?: number;
}

const SECRETS = {
  WEBHOOK_SECRET_NOTION: "canary-notion-hook-77",
  API_KEY: 'canary-"quoted"-key-88',
  METRICS_TOKEN: "canary-metrics-99",
  HEARTBEAT_URL: "https://beat.example.com/canary-heartbeat-path-1234",
};

const TITLE = "Canarytitle should we buy Zanzibar?";
const CONTENT = "Canarycontent: it would cost 3 million euros, <!channel> mail canary.person@example.com.";
const REASON = "Canaryreason we cannot afford it";

let bot: Bot;
const written: string[] = [];
/** Those of work that stays behind what people wait for. */
const backlog = new Set<string>();
const lines = () => written.map((line) => JSON.parse(line) as Line);

beforeAll(async () => {
  const world = await createWorld({ env: SECRETS });
  const { secrets } = parseConfig({ ...world.env, DATA_DIR: "unused" });
  const write = (line: string) => {
    written.push(line);
    if (isBacklog()) backlog.add(line);
  };
  const destination = { write };
  bot = await bootBot({ world, log: createLog({ level: "DEBUG", json: true, secrets, destination }) });
  emptyInbox(world);
  await liveThroughEverything();
}, 120_000);

afterAll(() => bot.stop());

const { click, emm, put, settle, submit } = storiesOf(() => bot);

/** An item through faults to a card, an approval through an outage; a rejection with a reason; broken handlers. */
async function liveThroughEverything(): Promise<void> {
  const { world } = bot;
  world.notion.faults.add({ route: /query/, times: 1, effect: { kind: "status", status: 502 } });
  world.notion.faults.add({
    route: "POST /v1/pages",
    times: 1,
    effect: { kind: "committed-error", status: 503 },
  });
  world.claude.faults.add({
    route: "/v1/messages",
    after: 1,
    times: 1,
    effect: { kind: "garbage", body: `{"${CONTENT}` },
  });
  put(TITLE, CONTENT);
  put(TITLE, CONTENT);
  await settle();
  const [first, second] = await eventually(
    world,
    () => (cardsIn(world).length > 1 ? cardsIn(world) : null),
    "two cards",
  );
  if (!first || !second) throw new Error("two cards expected");
  world.notion.faults.add({ route: /./, times: 3, effect: { kind: "status", status: 503 } });
  world.slack.faults.add({ route: "chat.update", times: 1, effect: { kind: "status", status: 500 } });
  await click("dana", first, "decision_approve");
  await bot.idle();

  await click("dana", second, "decision_reject");
  await submit("dana", { reject_reason: REASON });
  await bot.idle();

  world.slack.faults.add({ route: "views.open", times: 1, effect: { kind: "status", status: 500 } });
  await click("dana", second, "decision_details");
  world.notion.faults.add({
    route: /./,
    times: 40,
    effect: {
      kind: "status",
      status: 400,
      body: { code: "validation_error", message: `${CONTENT} is not valid` },
    },
  });
  await emm("dana", `add ${CONTENT}`);
  await bot.poll().catch(() => undefined);
  world.notion.faults.clear();
  await bot.idle();
}

describe("the log of a whole life at DEBUG", () => {
  it("is one JSON object per line with timestamp, level, message and module, each once", () => {
    expect(written.length).toBeGreaterThan(100);
    for (const raw of written) {
      const line = JSON.parse(raw) as Line;
      expect(new Date(line.timestamp).getTime(), raw).toBeGreaterThan(0);
      expect(line.level, raw).toMatch(/^(debug|info|warn|error|fatal)$/);
      expect(line.message, raw).toMatch(/\S/);
      expect(line.module, raw).toMatch(/^[a-z]+$/);
      expect(raw.match(/"module":/g), raw).toHaveLength(1);
      expect(raw.endsWith("\n") && !raw.trimEnd().includes("\n")).toBe(true);
    }
  });

  it("went through the faults it was meant to go through", () => {
    const levels = new Set(lines().map(({ level }) => level));
    expect([...levels]).toEqual(expect.arrayContaining(["debug", "info", "warn", "error"]));
    expect(bot.world.notion.rows("Training Data").length).toBeGreaterThan(1);
    expect(cardsIn(bot.world).flatMap(buttonsOf)).not.toContain("decision_approve");
  });

  it("holds no secret of the configuration", () => {
    const { env } = bot.world;
    const secrets = parseConfig({ ...env, DATA_DIR: "unused" }).secrets;
    expect(secrets.length).toBeGreaterThanOrEqual(8);
    const all = written.join("");
    for (const secret of secrets) expect(all).not.toContain(secret);
    expect(all).not.toMatch(/canary-|hooks\.slack\.com\/actions|xoxb-/);
  });

  it("holds no word of a person: no title, content, reason, address or command", () => {
    for (const word of ["Canary", "Zanzibar", "million euros", "cannot afford", "example.com"]) {
      const found = written.filter((line) => line.toLowerCase().includes(word.toLowerCase()));
      expect(found, word).toEqual([]);
    }
  });
});

describe("correlation", () => {
  it("leads from a click to its Notion writes", () => {
    const writes = lines().filter(
      ({ workflow, route }) => workflow?.startsWith("record:") && /^(POST|PATCH)/.test(route ?? ""),
    );
    expect(writes.length).toBeGreaterThan(4);
    const clicks = new Set(
      lines().flatMap(({ message, correlation = "" }) => (message === "slack request" ? [correlation] : [])),
    );
    for (const write of writes) expect(clicks, JSON.stringify(write)).toContain(write.correlation);
    expect(new Set(writes.map(({ correlation }) => correlation)).size).toBe(2);
  });

  it("leads from an item to its Notion writes and to no other item's", () => {
    const writes = lines().filter(
      ({ workflow, route }) => workflow?.startsWith("item:") && route === "POST /v1/pages",
    );
    expect(writes.length).toBeGreaterThan(3);
    for (const { workflow, correlation } of writes) expect(correlation).toBe(workflow);
  });
});

describe("precedence", () => {
  it("is with a person's decision: what an item asks Notion for can wait", () => {
    const canWait = (workflow: string) =>
      written
        .filter((line) => line.includes('"notion request"') && line.includes(`"workflow":"${workflow}:`))
        .map((line) => backlog.has(line));
    expect(canWait("item").length).toBeGreaterThan(5);
    expect(canWait("record").length).toBeGreaterThan(5);
    expect(canWait("item")).not.toContain(false);
    expect(canWait("record")).not.toContain(true);
  });
});
