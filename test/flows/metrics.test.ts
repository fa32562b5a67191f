/** Every metric that is declared is fed: by the main job, or, for errors, by a run in which things fail. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { METRICS, type MetricSpec } from "../../src/metrics/table.ts";
import { type Sample, samplesIn, sumOf } from "../fixtures/exposition.ts";
import { type Bot, bootBot, cardsIn, DECISIONS, emptyInbox, eventually, userId } from "./bot.ts";

const TABLE: Record<string, MetricSpec> = METRICS;

let bot: Bot;

beforeAll(async () => {
  bot = await bootBot({ env: { API_KEY: "a-key-for-tests", METRICS_TOKEN: "scrape" } });
  emptyInbox(bot.world);
});

afterAll(() => bot.stop());

async function scrape(): Promise<Sample[]> {
  const url = `http://127.0.0.1:${bot.app.httpPort()}/metrics`;
  return samplesIn(await (await fetch(url, { headers: { authorization: "Bearer scrape" } })).text());
}

function put(title: string, content: string): void {
  const { notion } = bot.world;
  const values = { Input_Title: title, Content: content, Status: "Unprocessed" };
  notion.create({ user: notion.users[0]?.id ?? "", database: "System Inbox", values });
}

const STRATEGIC = "Expanding would cost 3 million euros and changes the whole company.";

/** Counters and histograms have risen; a gauge has a value. */
function hasMoved(name: string, before: Sample[], after: Sample[]): boolean {
  if (TABLE[name]?.type === "gauge") return sumOf(after, name) !== null;
  const sample = TABLE[name]?.type === "histogram" ? `${name}_count` : name;
  return (sumOf(after, sample) ?? 0) > (sumOf(before, sample) ?? 0);
}

describe("before anything happened", () => {
  it("shows no number that nobody knows", async () => {
    const samples = await scrape();
    for (const name of ["inbox_backlog", "job_last_success_timestamp_seconds"]) {
      expect(sumOf(samples, name), name).toBeNull();
    }
    expect(sumOf(samples, "poller_status")).toBe(1);
    expect(sumOf(samples, "pending_decisions")).toBe(0);
    expect(sumOf(samples, "errors_total")).toBe(0);
    expect(sumOf(samples, "settlement_acceptance_ratio_count")).toBeNull();
  });

  it("has the process's own metrics too", async () => {
    expect(sumOf(await scrape(), "process_resident_memory_bytes")).toBeGreaterThan(1e7);
  });
});

describe("the main job", () => {
  it("moves every metric that is not about errors, and no metric about errors", async () => {
    const { world } = bot;
    const before = await scrape();
    put("Should we expand to Denmark?", STRATEGIC);
    put("Book the venue for the summer party", "Book a place for 40 people before 1 June.");
    const polled = await fetch(`http://127.0.0.1:${bot.app.httpPort()}/trigger-poll`, {
      method: "POST",
      headers: { "x-api-key": "a-key-for-tests" },
    });
    expect(await polled.json()).toMatchObject({ found: 2, started: 2 });
    await bot.idle();
    const stranger = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    await fetch(`http://127.0.0.1:${bot.app.httpPort()}/webhooks/inbox`, stranger);
    const card = await eventually(world, () => cardsIn(world)[0], "a card");
    const waiting = await scrape();
    expect(sumOf(waiting, "pending_decisions")).toBe(1);
    expect(sumOf(waiting, "inbox_backlog")).toBe(2);
    const dana = userId(world, "dana");
    await world.slack.command({ user: dana, channel: DECISIONS, command: "/emm", text: "pending" });
    await world.slack.click({ user: dana, channel: DECISIONS, ts: card.ts, actionId: "decision_approve" });
    await bot.idle();

    const after = await scrape();
    const still = Object.keys(TABLE).filter((name) => !hasMoved(name, before, after));
    expect(still).toEqual(Object.keys(TABLE).filter((name) => TABLE[name]?.moves === "faults"));
    expect(sumOf(after, "pending_decisions")).toBe(0);
    expect(sumOf(after, "decisions_total", { outcome: "approved" })).toBe(1);
    expect(sumOf(after, "items_processed_total", { kind: "strategic", outcome: "done" })).toBe(1);
    expect(sumOf(after, "items_processed_total", { kind: "operational", outcome: "done" })).toBe(1);
    expect(sumOf(after, "agent_analyses_total", { outcome: "ok" })).toBe(3);
    expect(sumOf(after, "dialectic_flows_total", { outcome: "complete" })).toBe(1);
    expect(sumOf(after, "settlement_acceptance_ratio_sum", { outcome: "approved" })).toBe(1);
    expect(sumOf(after, "poll_cycles_total", { status: "ok" })).toBe(1);
    expect(sumOf(after, "slack_ack_duration_seconds_count", { type: "command" })).toBe(1);
    expect(sumOf(after, "slack_ack_duration_seconds_count", { type: "block_actions" })).toBe(1);
    expect(sumOf(after, "http_requests_total", { route: "/trigger-poll", status: "200" })).toBe(1);
    expect(sumOf(after, "http_requests_total", { route: "/slack/events" })).toBe(2);
    expect(sumOf(after, "webhook_deliveries_total", { sender: "inbox", outcome: "refused" })).toBe(1);
    // A strategic item with three advisers asks six times, an operational one once.
    expect(sumOf(after, "anthropic_api_requests_total", { outcome: "ok" })).toBe(7);
    expect(sumOf(after, "anthropic_cost_usd_total")).toBeGreaterThan(0);
    expect(sumOf(after, "notion_api_requests_total")).toBe(world.notion.calls.length);
  });

  it("is not counted again by a restart, whose numbers start anew", async () => {
    await bot.restart();
    await bot.idle();
    const samples = await scrape();
    expect(sumOf(samples, "items_processed_total")).toBe(0);
    expect(sumOf(samples, "decisions_total")).toBe(0);
  });
});

describe("when things fail", () => {
  it("counts each failure under its module and code, and says nothing about the backlog", async () => {
    const { world } = bot;
    await bot.poll();
    world.notion.faults.add({ route: /query/, effect: { kind: "status", status: 503 } });
    await expect(bot.poll()).rejects.toThrow();
    world.notion.faults.clear();
    const down = await scrape();
    expect(sumOf(down, "inbox_backlog")).toBeNull();
    expect(sumOf(down, "poll_cycles_total", { status: "failed" })).toBe(1);
    expect(sumOf(down, "notion_api_requests_total", { status: "503" })).toBeGreaterThan(0);

    world.claude.faults.add({ route: /./, times: 1, effect: { kind: "stop", reason: "refusal" } });
    world.slack.faults.add({ route: "chat.postMessage", times: 1, effect: { kind: "status", status: 503 } });
    put("Should we expand to Iceland?", STRATEGIC);
    await bot.poll();
    await bot.idle();
    bot.moveClock(60_000);
    await bot.poll();
    await bot.idle();
    await eventually(world, () => cardsIn(world)[1], "the card, at the second attempt");

    const samples = await scrape();
    const errors = (module: string, code: string) => sumOf(samples, "errors_total", { module, code }) ?? 0;
    expect(errors("notion", "notion_unavailable")).toBeGreaterThan(0);
    expect(errors("poller", "notion_unavailable")).toBe(1);
    expect(errors("claude", "claude_refused")).toBe(1);
    expect(errors("workflows", "claude_refused")).toBe(1);
    expect(errors("slack", "slack_unavailable")).toBe(1);
    expect(sumOf(samples, "items_processed_total", { outcome: "failed" })).toBe(1);
    expect(sumOf(samples, "items_processed_total", { outcome: "done" })).toBe(1);
  });
});
