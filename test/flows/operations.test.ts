/** What operators see and do: one truth about health wherever it is asked, polls on demand, and a pause that holds. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { samplesIn, sumOf } from "../fixtures/exposition.ts";
import {
  type Bot,
  bootBot,
  cardsIn,
  cell,
  DECISIONS,
  emptyInbox,
  eventually,
  rowTitled,
  userId,
} from "./bot.ts";

const KEY = { "x-api-key": "a-key-for-tests" };

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot({ env: { API_KEY: KEY["x-api-key"] } });
  emptyInbox(bot.world);
  await bot.poll();
  await bot.idle();
});

afterAll(() => bot.stop());

const http = (path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${bot.app.httpPort()}${path}`, init);

async function emm(text: string, handle = "sam"): Promise<string> {
  const { world } = bot;
  const user = userId(world, handle);
  await world.slack.command({ user, channel: DECISIONS, command: "/emm", text });
  await bot.idle();
  const told = world.slack.messages(DECISIONS).filter((message) => message.visibleTo === user);
  return told.at(-1)?.text ?? "";
}

function put(title: string, content: string): void {
  const { notion } = bot.world;
  const values = { Input_Title: title, Content: content, Status: "Unprocessed" };
  notion.create({ user: notion.users[0]?.id ?? "", database: "System Inbox", values });
}

const statusOf = (title: string) => cell(rowTitled(bot.world, "System Inbox", title), "Status");

interface Health {
  status: string;
  checks: Record<string, { status: string }>;
}

/** The same question at every place where it can be asked. */
async function everywhere() {
  const said = await emm("health", "dana");
  const { world } = bot;
  const dana = userId(world, "dana");
  await world.slack.openHome(dana);
  await bot.idle();
  const health = await http("/health");
  const status = (await (await http("/api/status")).json()) as { components: Health["checks"] };
  return {
    said,
    home: JSON.stringify(world.slack.home(dana)?.view),
    http: health.status,
    health: (await health.json()) as Health,
    components: status.components,
    metrics: samplesIn(await (await http("/metrics")).text()),
  };
}

describe("health", () => {
  it("is green everywhere while all is well, and tells which process answers", async () => {
    const { said, home, health, components, metrics, http: code } = await everywhere();
    expect(code).toBe(200);
    expect(health.status).toBe("healthy");
    expect(components).toEqual(health.checks);
    const names = Object.keys(health.checks);
    for (const name of [
      "slack_decisions_channel",
      "slack_alerts_channel",
      "notion_tasks",
      "notion_system_inbox",
    ])
      expect(names).toContain(name);
    for (const name of names) expect(sumOf(metrics, "health_check_status", { check: name }), name).toBe(1);
    expect(said).toContain("*Healthy");
    expect(said).toContain("• OK: *notion*. 10 databases reachable, schema as expected.");
    expect(said).toMatch(
      /OK: \*process\*\. This answer comes from version \S+, commit .*running since <!date/,
    );
    expect(home).toContain("Healthy");
  });

  it("is red everywhere when one database is gone, names it, and is green again by itself", async () => {
    const { world } = bot;
    world.notion.faults.add({ route: "data_sources", times: 1, effect: { kind: "status", status: 404 } });
    const ill = await everywhere();
    expect(ill.http).toBe(503);
    const parts = Object.entries(ill.health.checks).filter(([name]) => name.startsWith("notion_"));
    const [sick = "", ...others] = parts.flatMap(([name, check]) => (check.status === "down" ? [name] : []));
    expect(others).toEqual([]);
    expect(ill.health.checks["notion"]?.status).toBe("down");
    expect(ill.components).toEqual(ill.health.checks);
    expect(sumOf(ill.metrics, "health_check_status", { check: sick })).toBe(0);
    expect(sumOf(ill.metrics, "health_check_status", { check: "notion" })).toBe(0);
    const words = sick.replaceAll("_", " ");
    expect(ill.said).toContain(`• Down: *${words}*.`);
    expect(ill.home).toContain(`${words} (down)`);
    // Nobody asks for it: what is not well is looked at again after 15 s.
    bot.moveClock(15_000);
    await expect.poll(async () => (await http("/health")).status, { timeout: 5_000 }).toBe(200);
  });
});

describe("/emm poll", () => {
  it("follows what it started to the end and says what became of each, and why", async () => {
    const { world } = bot;
    put("Book the venue", "Book a place for 40 people before 1 June.");
    put("Order chairs", "Order twelve chairs for the office.");
    world.claude.faults.add({ route: /./, times: 1, effect: { kind: "stop", reason: "refusal" } });
    const told = await emm("poll");
    world.claude.faults.clear();
    expect(told).toContain("*2 found, 1 analysed, 1 failed.*");
    expect(told).toMatch(/An item>: Claude declined .* I try again at a later poll\./);
    bot.moveClock(60_000);
    expect(await emm("poll")).toMatch(/\b1 analysed/);
    expect(statusOf("Book the venue")).toBe("Triaged_to_Task");
    expect(statusOf("Order chairs")).toBe("Triaged_to_Task");
  });
});

describe("a pause", () => {
  it("holds every way of polling, survives a restart, is shown, and lets people decide", async () => {
    const { world } = bot;
    put(
      "Should we expand to Denmark?",
      "Expanding would cost 3 million euros and changes the whole company.",
    );
    await bot.poll();
    await bot.idle();
    const card = await eventually(world, () => cardsIn(world)[0], "a card");
    expect(await emm("poll pause cleaning up the inbox")).toContain("Polling is paused by Sam Okafor");

    await bot.restart();
    await bot.idle();
    const queries = () => world.notion.calls.filter(({ route }) => route.includes("query")).length;
    const before = queries();
    put("Buy a plant", "Buy a plant for the lobby.");
    expect(await emm("poll")).toContain("I did not look. Polling is paused by Sam Okafor");
    const conflict = await http("/trigger-poll", { method: "POST", headers: KEY });
    expect([conflict.status, await conflict.json()]).toMatchObject([409, { error: "polls_paused" }]);
    expect(await emm("add Order paper", "lee")).toContain("I look at it when polling goes on");
    expect(queries()).toBe(before);
    expect(await (await http("/")).json()).toMatchObject({ poller_running: false });

    const { said, home, health, http: code } = await everywhere();
    expect(code).toBe(200);
    expect(health).toMatchObject({ status: "degraded", checks: { poller: { status: "degraded" } } });
    expect(said).toMatch(
      /Needs attention: \*poller\*\. Polling paused by Sam Okafor since <!date.*cleaning up the inbox/,
    );
    expect(home).toContain("poller (needs attention)");

    const dana = userId(world, "dana");
    await world.slack.click({ user: dana, channel: DECISIONS, ts: card.ts, actionId: "decision_approve" });
    await bot.idle();
    expect(cell(rowTitled(world, "Training Data", "Denmark"), "Outcome")).toBe("approved");
    expect(statusOf("Order paper")).toBe("Unprocessed");

    expect(await emm("poll resume")).toMatch(/\*Polling goes on\.\*\n\*\d found, 2 analysed/);
    expect(statusOf("Order paper")).toBe("Triaged_to_Task");
    expect((await everywhere()).health.checks["poller"]?.status).toBe("ok");
  });
});
