/** An incident from its opening to its post-mortem, through a restart and an outage; and what the service levels say of it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SloDashboard } from "../../src/http/slo-body.ts";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import {
  ALERTS,
  type Bot,
  bootBot,
  cardsIn,
  cell,
  emptyInbox,
  eventually,
  rowTitled,
  userId,
  wordsOf,
} from "./bot.ts";

const MINUTE = 60_000;
let bot: Bot;

beforeAll(async () => {
  bot = await bootBot({ env: { POLLING_INTERVAL_SECONDS: "120" } });
  emptyInbox(bot.world);
  await bot.poll();
});

afterAll(() => bot.stop());

const emm = async (text: string, handle = "sam"): Promise<string> => {
  const { slack } = bot.world;
  const told = () => slack.messages(ALERTS).filter((one) => one.visibleTo === userId(bot.world, handle));
  const before = told().length;
  const delivery = await slack.command({
    ...{ user: userId(bot.world, handle), channel: ALERTS, command: "/emm", text },
  });
  expect(delivery).toMatchObject({ status: 200, error: null });
  const answer = await eventually(bot.world, () => told()[before], `an answer to ${text}`);
  await bot.idle();
  return `${answer.text} ${wordsOf(answer)}`;
};

const isPublic = (one: SlackMessage) => one.visibleTo === null;
const card = () => {
  const found = bot.world.slack
    .messages(ALERTS)
    .filter((one) => isPublic(one) && one.threadTs === null && wordsOf(one).includes("incident #"));
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0];
};
const thread = () =>
  bot.world.slack.messages(ALERTS).filter((one) => isPublic(one) && one.threadTs === card()?.ts);
const said = () =>
  thread()
    .map((one) => one.text)
    .join("\n");

const slo = async () => {
  const answer = await fetch(`http://127.0.0.1:${bot.app.httpPort()}/api/slo-dashboard`);
  expect(answer.status).toBe(200);
  const { objectives } = SloDashboard.parse(await answer.json());
  return Object.fromEntries(objectives.map((one) => [one.key, one]));
};

const NOTION_FAILS = {
  ...({
    key: "test-notion",
    severity: "critical",
    title: "Notion does not answer",
    source: "test",
    url: null,
  } as const),
  detail: "Nothing is lost.",
};

describe("an incident", () => {
  it("opens with a card and a thread that knows which alert came before it", async () => {
    await bot.app.alarm.raise(NOTION_FAILS);
    bot.moveClock(3 * MINUTE);
    const told = await emm("incident open P1 Cards do <!channel> not appear");
    expect(told).toContain("P1 incident #1");
    const shown = wordsOf(await eventually(bot.world, card, "a card"));
    expect(shown).toContain("P1 incident #1: Cards do @channel not appear");
    expect(shown).toContain("*Open*, P1: nothing works. Opened by Sam");
    expect(shown).toContain("*First alert* 3 min before the opening (may be unrelated)");
    expect(said()).toContain("Alert (critical): Notion does not answer");
    expect(await emm("incident")).toContain("1 open incident");
  });

  it("takes an owner and news, also after a restart, which it notes by itself", async () => {
    await emm("incident owner @dana");
    expect(said()).toContain(`<@${userId(bot.world, "dana")}>`);
    await bot.restart();
    bot.moveClock(5 * MINUTE);
    await emm("incident update Notion's status page says *degraded*");
    expect(said()).toContain("Notion's status page says *degraded*");
    expect(said()).toMatch(/The bot started \(version /);
    const shown = wordsOf(await eventually(bot.world, card, "the card"));
    expect(shown).toContain("Owner: Dana");
    expect(shown).toContain("*Acknowledged*");
  });

  it("closes while Notion is down, and writes the post-mortem once when it is back", async () => {
    const { world } = bot;
    await bot.app.alarm.resolve({ key: NOTION_FAILS.key, source: "test", detail: null });
    bot.moveClock(10 * MINUTE);
    world.notion.faults.add({ route: /./, effect: { kind: "status", status: 503 } });
    const { slack } = world;
    await slack.command({
      ...{
        user: userId(world, "sam"),
        channel: ALERTS,
        command: "/emm",
        text: "incident close it was Notion",
      },
    });
    await eventually(
      world,
      () => wordsOf(card() as SlackMessage).includes("*Closed* by Sam"),
      "a closed card",
    );
    expect(wordsOf(card() as SlackMessage)).toContain("The post-mortem is being written to Notion.");
    world.notion.faults.clear();
    await bot.idle();
    const row = rowTitled(world, "Execution Log", "Post-mortem of P1 incident #1");
    const text = cell(row, "Action_Taken");
    for (const words of [
      "Owner: Dana",
      "First alert: 3 min before the opening (may be unrelated).",
      "Mitigated: ",
      "Alert (critical): Notion does not answer",
      "Notion's status page says *degraded* (Sam Okafor)",
      "Closed: it was Notion (Sam Okafor)",
      "OPEN QUESTIONS",
      "FOLLOW-UP TASKS",
    ])
      expect(text).toContain(words);
    expect(cell(row, "Actor")).toContain("Sam Okafor");
    expect(wordsOf(card() as SlackMessage)).toContain("Post-mortem in Notion");
    expect(thread().filter((one) => one.text.includes("Post-mortem in Notion"))).toHaveLength(1);
    const written = world.notion
      .rows("Execution Log")
      .filter((one) => cell(one, "Log_Entry_Title").startsWith("Post-mortem"));
    expect(written).toHaveLength(1);
    expect(await emm("incident update too late")).toContain("No incident is open");
  });
});

describe("a post-mortem that Notion refuses", () => {
  it("is admitted on the card with the reason, and written once somebody has mended that", async () => {
    const { world } = bot;
    const second = () =>
      world.slack
        .messages(ALERTS)
        .find((one) => isPublic(one) && wordsOf(one).includes("P3 incident #2:")) as SlackMessage;
    await emm("incident open P3 Slow answers");
    world.notion.faults.add({ route: /./, effect: { kind: "status", status: 403 } });
    await emm("incident close");
    expect(wordsOf(second())).toContain("The post-mortem could not be written to Notion yet");
    world.notion.faults.clear();
    bot.moveClock(2 * MINUTE);
    await bot.poll();
    await bot.idle();
    expect(wordsOf(second())).toContain("Post-mortem in Notion");
    expect(wordsOf(second())).not.toContain("could not be written");
    expect(rowTitled(world, "Execution Log", "Post-mortem of P3 incident #2")).toBeDefined();
  });
});

describe("the service levels", () => {
  it("count what happened: clicks, an item, a decision, and the minutes in which nobody was there", async () => {
    const { world } = bot;
    const before = await slo();
    expect(before["availability"]?.total).toBeGreaterThanOrEqual(18);
    expect(before["availability"]?.good).toBeLessThan(before["availability"]?.total ?? 0);
    expect(before["click-acknowledged"]).toMatchObject({ attainment: 1 });
    expect(before["decision-recorded"]).toMatchObject({ state: "no-data", attainment: null });

    await emm(
      "add Should we expand to Denmark? It would cost 3 million euros and changes the whole company.",
    );
    await bot.poll();
    await bot.idle();
    const pending = await eventually(world, () => cardsIn(world)[0], "a decision card");
    await world.slack.click({
      ...{
        user: userId(world, "dana"),
        channel: pending.channel,
        ts: pending.ts,
        actionId: "decision_approve",
      },
    });
    await bot.idle();
    bot.moveClock(MINUTE);
    const after = await slo();
    expect(after["item-to-card"]).toMatchObject({ good: 1, total: 1, few_events: true });
    expect(after["decision-recorded"]).toMatchObject({ good: 1, total: 1, attainment: 1 });
    const told = await emm("slo", "lee");
    expect(told).toContain("Decision recorded");
    expect(told).toContain("*100 %* of 1 decision (few: this says little yet)");
  });
});
