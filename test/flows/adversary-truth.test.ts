/** Comfortable lies: health, prices, logs and a bot that says it is fine. */
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { ALERTS, type Bot, bootBot, DECISIONS, emptyInbox, userId, wordsOf } from "./bot.ts";
import { storiesOf } from "./stories.ts";

let bot: Bot;

let logged = "";
const memory = new Writable({
  write(chunk, _encoding, done) {
    logged += String(chunk);
    done();
  },
});

beforeAll(async () => {
  const log = createLog({ level: "DEBUG", json: true, destination: memory });
  bot = await bootBot({ log });
  emptyInbox(bot.world);
  await bot.poll();
});

afterAll(() => bot.stop());

const { click, emm, now, settle, submit, trainingRows, ...stories } = storiesOf(() => bot);
/** In whichever channel it came. */
const cardAbout = (subject: string) => stories.cardAbout(subject, [DECISIONS, ALERTS]);

interface Health {
  status: string;
  checks: Record<string, { status: string }>;
}

async function health(): Promise<{ http: number; report: Health; said: string }> {
  const { world } = bot;
  const dana = userId(world, "dana");
  await emm("dana", "health");
  await bot.idle();
  const answer = await fetch(`http://127.0.0.1:${bot.app.httpPort()}/health`);
  const told = world.slack.messages(DECISIONS).filter((m) => m.visibleTo === dana);
  return { http: answer.status, report: (await answer.json()) as Health, said: told.at(-1)?.text ?? "" };
}

describe("health", () => {
  it("is green when everything works, and never while something is broken", async () => {
    const { world } = bot;
    await bot.poll();
    const well = await health();
    expect(well).toMatchObject({ http: 200, report: { status: "healthy" } });
    const status = (code: number, rest: object = {}) => ({ kind: "status" as const, status: code, ...rest });
    const page = { body: "<html>A proxy's page</html>" };
    const ills = [
      { side: world.notion, check: "notion", http: 503, fault: { route: /./, effect: status(503) } },
      { side: world.notion, check: "notion", http: 503, fault: { route: /./, effect: status(401) } },
      { side: world.notion, check: "notion", http: 503, fault: { route: /./, effect: status(200, page) } },
      {
        side: world.notion,
        check: "notion",
        http: 503,
        fault: { route: "data_sources", times: 2, effect: status(404) },
      },
      {
        side: world.slack,
        check: "slack",
        http: 503,
        fault: { route: "auth.test", effect: status(200, { code: "token_revoked" }) },
      },
      {
        side: world.slack,
        check: "slack",
        http: 503,
        fault: { route: "conversations.info", effect: status(200, { code: "channel_not_found" }) },
      },
      {
        side: world.slack,
        check: "slack",
        http: 503,
        fault: { route: "auth.test", effect: status(200, page) },
      },
      { side: world.claude, check: "claude", http: 200, fault: { route: "models", effect: status(401) } },
      {
        side: world.claude,
        check: "claude",
        http: 200,
        fault: { route: "models", effect: status(200, page) },
      },
    ];
    for (const { side, check, http, fault } of ills) {
      side.faults.add(fault);
      const ill = await health();
      side.faults.clear();
      expect(ill.report.status, JSON.stringify(fault)).not.toBe("healthy");
      expect(ill.report.checks[check]?.status, JSON.stringify(fault)).not.toBe("ok");
      expect(ill.http, JSON.stringify(fault)).toBe(http);
      expect(ill.said).not.toMatch(/^\*Healthy/);
    }
    expect((await health()).report.status).toBe("healthy");
  });

  it("says no data instead of healthy when it has not looked for long", async () => {
    bot.moveClock(3 * 3_600_000);
    const answer = await fetch(`http://127.0.0.1:${bot.app.httpPort()}/health`);
    const report = (await answer.json()) as Health;
    expect(report.status).not.toBe("healthy");
    await bot.poll();
    expect((await health()).report.status).toBe("healthy");
  });
});

describe("Slack loses the card or the channel", () => {
  it("an archived channel: the card comes in the alerts channel, says why, and can be decided there", async () => {
    const { world } = bot;
    world.slack.faults.add({
      route: "chat.postMessage",
      times: 1,
      effect: { kind: "status", status: 200, code: "is_archived" },
    });
    const card = await cardAbout("Denmark");
    expect(card.channel).toBe(ALERTS);
    expect(wordsOf(card)).toContain(`<#${DECISIONS}>`);
    await click("dana", card, "decision_approve");
    await bot.idle();
    expect(trainingRows("Denmark")).toHaveLength(1);
    expect(now(card).text).toMatch(/approved/i);
    expect((await cardAbout("Finland")).channel).toBe(DECISIONS);
  });

  it("a deleted card: the decision is recorded all the same, and said in the channel", async () => {
    const { world } = bot;
    const card = await cardAbout("Sweden");
    world.slack.faults.add({
      route: "chat.update",
      effect: { kind: "status", status: 200, code: "message_not_found" },
    });
    await click("dana", card, "decision_approve");
    await bot.idle();
    world.slack.faults.clear();
    expect(trainingRows("Sweden")).toHaveLength(1);
    const said = world.slack.messages(DECISIONS).filter((m) => m.ts !== card.ts && m.text.includes("Sweden"));
    expect(said.map((m) => m.text).join()).toMatch(/Approved\* by Dana/);
  });
});

describe("an answer of Claude's with NUL and half an emoji in it", () => {
  it("becomes a card that can be approved as it is", async () => {
    const { world } = bot;
    const framed = {
      question: "Should we \u0000 expand \ud83d?",
      successCriteria: "Two \u0000 customers",
      options: ["Go \u0000 now", "Wait \udc00 a year"].map((title) => ({
        title,
        summary: `${title}. \u0000`,
      })),
    };
    const effect = { kind: "garbage", body: JSON.stringify(framed) } as const;
    world.claude.faults.add({ route: "/v1/messages", after: 1, times: 1, effect });
    const card = await cardAbout("Iceland");
    expect(wordsOf(card)).toContain("Go now");
    await click("dana", card, "decision_approve");
    await bot.idle();
    expect(now(card).text).toMatch(/approved/i);
    expect(trainingRows("Iceland")).toHaveLength(1);
  });
});

describe("the price on the card", () => {
  it("is what the calls cost, also those that had to be repaired", async () => {
    const { world } = bot;
    world.claude.faults.add({
      route: "/v1/messages",
      times: 1,
      effect: { kind: "garbage", body: "no JSON" },
    });
    const before = world.claude.requests.length;
    const card = await cardAbout("Norway");
    const sent = world.claude.requests.length - before;
    expect(wordsOf(card)).toContain(`${sent} calls`);
  });
});

describe("the logs of all this", () => {
  it("hold no secret and no word that people or models wrote, even at debug level", async () => {
    const { world } = bot;
    const canary = "Quokkaville";
    const card = await cardAbout(canary);
    world.notion.faults.add({
      route: "PATCH /v1/pages/:id",
      times: 1,
      effect: {
        kind: "status",
        status: 400,
        body: {
          object: "error",
          status: 400,
          code: "validation_error",
          message: `body.x should be defined, instead was \`"${canary}"\`.`,
        },
      },
    });
    await click("dana", card, "decision_reject");
    await submit("dana", { reject_reason: `${canary} is too far` });
    await bot.idle();
    bot.moveClock(120_000);
    await settle();
    expect(trainingRows(canary)).toHaveLength(1);
    expect(logged.length).toBeGreaterThan(1_000);
    const { env } = world;
    const secrets = ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "NOTION_API_KEY", "ANTHROPIC_API_KEY"];
    const canaries = [
      canary,
      "Denmark",
      "Dana Reyes",
      "dana@acme.example",
      ...secrets.map((name) => env[name] ?? name),
    ];
    for (const word of canaries) {
      const lines = logged.split("\n").filter((line) => line.includes(word));
      expect(lines, word).toEqual([]);
    }
  });
});

describe("draining", () => {
  it("is not ready any more, and stops within ten seconds although a client never finishes its request", async () => {
    const { connect } = await import("node:net");
    const port = bot.app.httpPort();
    expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(200);
    const slow = connect(port, "127.0.0.1", () => slow.write("POST /slack/events HTTP/1.1\r\nHost: x\r\n"));
    slow.on("error", () => undefined);
    await new Promise((resolve) => slow.once("connect", resolve));
    const startedAt = performance.now();
    await bot.restart();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    slow.destroy();
    expect((await fetch(`http://127.0.0.1:${bot.app.httpPort()}/ready`)).status).toBe(200);
  });
});
