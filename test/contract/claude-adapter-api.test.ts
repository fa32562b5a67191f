import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { billOf, estimateUsd } from "../../src/agents/prices.ts";
import {
  adviseAsk,
  budget,
  claude,
  closeClaude,
  counsel,
  ledger,
  logged,
  observed,
  openClaude,
  startAfresh,
  triageAsk,
} from "./claude-adapter-setup.ts";

beforeAll(openClaude);
beforeEach(startAfresh);
afterAll(closeClaude);

describe("errors of the API", () => {
  it.each([
    [400, "claude_invalid", false, 1],
    [401, "claude_unauthorized", false, 1],
    [404, "claude_invalid", false, 1],
    [529, "claude_unavailable", true, 3],
    [500, "claude_unavailable", true, 3],
  ])("status %i is told as %s and releases the reservation", async (status, code, retryable, requests) => {
    // Without the header the SDK takes a second for its pauses.
    const effect = { kind: "status", status, retryAfterSeconds: 0.01 } as const;
    claude.faults.add({ route: "/v1/messages", effect });
    const answer = await counsel().triage(triageAsk);
    expect(answer).toMatchObject({ kind: "failed", failure: { code, retryable }, calls: [] });
    expect(claude.calls).toHaveLength(requests);
    expect(ledger.get("t")?.end).toBe("released");
    expect(observed).toMatchObject([{ step: "triage", outcome: code, costUsd: 0 }]);
  });

  it("a rate limit that passes is waited out", async () => {
    const effect = { kind: "status", status: 429, retryAfterSeconds: 0.05 } as const;
    claude.faults.add({ route: "/v1/messages", times: 2, effect });
    expect((await counsel().triage(triageAsk)).kind).toBe("ok");
    expect(claude.calls.map((call) => call.status)).toEqual([429, 429, 200]);
  });

  it("a Retry-After of an hour does not hold the step that long", async () => {
    const effect = { kind: "status", status: 429, retryAfterSeconds: 3_600 } as const;
    claude.faults.add({ route: "/v1/messages", effect });
    const answer = await counsel({ deadlineMs: 150 }).triage(triageAsk);
    expect(answer).toMatchObject({
      kind: "failed",
      failure: { code: "claude_unavailable", retryable: true },
    });
  });

  it("a wrong key is told with the variable to check, and never shown", async () => {
    const answer = await counsel({ apiKey: "sk-ant-wrong" }).triage(triageAsk);
    if (answer.kind !== "failed") throw new Error("expected a failure");
    expect(answer.failure.code).toBe("claude_unauthorized");
    expect(answer.failure.message).toContain("ANTHROPIC_API_KEY");
    expect(JSON.stringify([answer, logged])).not.toContain("sk-ant-wrong");
  });

  it("a cut connection is unavailable and not billed", async () => {
    claude.faults.add({ route: "/v1/messages", effect: { kind: "reset", committed: true } });
    const answer = await counsel().triage(triageAsk);
    expect(answer).toMatchObject({
      kind: "failed",
      failure: { code: "claude_unavailable", retryable: true },
    });
    expect(ledger.get("t")?.end).toBe("released");
  });

  it("a request without an answer in time is unavailable, and its prompt is charged", async () => {
    claude.faults.add({ route: "/v1/messages", effect: { kind: "hang", committed: true } });
    const answer = await counsel({ timeoutMs: 40 }).triage(triageAsk);
    expect(answer).toMatchObject({
      kind: "failed",
      failure: { code: "claude_unavailable", retryable: true },
    });
    expect(answer.calls).toMatchObject([{ outputTokens: 0 }]);
    expect(answer.calls[0]?.costUsd).toBeGreaterThan(0);
    expect(ledger.get("t")?.end).toEqual(answer.calls[0]);
  });

  it("a page with status 200 that is no message is unavailable", async () => {
    const effect = { kind: "status", status: 200, body: { hello: "proxy" } } as const;
    claude.faults.add({ route: "/v1/messages", effect });
    const answer = await counsel().triage(triageAsk);
    expect(answer).toMatchObject({ kind: "failed", failure: { code: "claude_unavailable" } });
  });

  it("never puts an item's words into the log", async () => {
    claude.faults.add({ route: "/v1/messages", effect: { kind: "garbage", body: "no" } });
    await counsel({ triageModel: "claude-sonnet-5-5" }).triage(triageAsk);
    await counsel().triage(triageAsk);
    expect(logged.join("")).not.toContain("Germany");
  });
});

describe("money", () => {
  it("reserves more than it settles, and settles what the usage says", async () => {
    const answer = await counsel().advise(adviseAsk);
    const entry = ledger.get("a");
    const [call] = answer.calls;
    expect(entry?.end).toEqual(call);
    expect(call?.costUsd).toBeCloseTo(
      ((call?.inputTokens ?? 0) * 2 + (call?.outputTokens ?? 0) * 10) / 1e6,
      12,
    );
    expect(entry?.estimate).toBeGreaterThan(call?.costUsd ?? Number.POSITIVE_INFINITY);
    expect(observed).toMatchObject([
      { step: "advise", model: "claude-sonnet-5-5", outcome: "ok", costUsd: call?.costUsd },
    ]);
  });

  it("sends nothing once the budget is reached", async () => {
    budget.left = false;
    const answer = await counsel().triage(triageAsk);
    expect(answer).toMatchObject({
      kind: "failed",
      failure: { code: "budget_reached", retryable: true },
      calls: [],
    });
    expect(claude.calls).toHaveLength(0);
  });

  it("measures the duration with the given clock", async () => {
    let clock = 0;
    const answer = await counsel({ now: () => (clock += 250) }).triage(triageAsk);
    expect(answer.calls[0]?.durationMs).toBe(250);
  });

  const usage = {
    output_tokens: 0,
    cache_creation_input_tokens: null,
    cache_read_input_tokens: null,
    cache_creation: null,
  };
  it("charges Haiku 5.5 five times as much once the whole prompt passes 100,000 tokens", () => {
    expect(billOf("claude-haiku-5-5", { ...usage, input_tokens: 100_000 }).costUsd).toBeCloseTo(0.01, 12);
    const long = billOf("claude-haiku-5-5", { ...usage, input_tokens: 1, cache_read_input_tokens: 100_000 });
    expect(long.inputTokens).toBe(100_001);
    expect(long.costUsd).toBeCloseTo((1 * 0.5 + 100_000 * 0.05) / 1e6, 12);
  });

  it("charges cache writes by how long they last", () => {
    const written = {
      ...usage,
      input_tokens: 0,
      cache_creation_input_tokens: 3_000,
      cache_creation: { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 2_000 },
    };
    expect(billOf("claude-sonnet-5-5", written).costUsd).toBeCloseTo((1_000 * 2.5 + 2_000 * 4) / 1e6, 12);
  });

  it("charges an unknown model at the highest price, and says so once", async () => {
    expect(estimateUsd("claude-next", { promptTokens: 1_000_000, maxTokens: 0 })).toBe(10);
    const bot = counsel({ triageModel: "claude-next" });
    await bot.triage(triageAsk);
    await bot.triage(triageAsk);
    expect(logged.filter((line) => line.includes("no price known"))).toHaveLength(1);
  });
});

describe("checkModels", () => {
  it("asks for each configured model once and proves the key", async () => {
    expect(await counsel().checkModels()).toMatchObject([
      { model: "claude-sonnet-5-5", status: "ok" },
      { model: "claude-haiku-5-5", status: "ok" },
    ]);
    expect(await counsel({ triageModel: "claude-sonnet-5-5" }).checkModels()).toHaveLength(1);
    const [refused] = await counsel({ apiKey: "wrong" }).checkModels();
    expect(refused).toMatchObject({ status: "down", detail: expect.stringContaining("ANTHROPIC_API_KEY") });
  });

  it.each([
    ["claude-3-haiku-20240307", "down", "claude-haiku-5-5"],
    ["claude-sonnet-4-5", "degraded", "2026-11-30"],
    ["claude-typo", "down", "no model claude-typo"],
  ])("reports %s as %s", async (triageModel, status, detail) => {
    const checks = await counsel({ triageModel }).checkModels();
    expect(checks[1]).toMatchObject({ model: triageModel, status, detail: expect.stringContaining(detail) });
  });
});
