/** Which card shows the same advice first: what the advisers said stands in the thread of that one. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { createThreadStore } from "../../src/store/decision-threads.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import type { Store } from "../../src/store/store.ts";
import { analysis, decision } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

let store: Store;

beforeAll(async () => {
  store = await openOwnStore();
});
afterAll(() => store.close());

test("is the earliest decision on the same intent with the same advice, whatever else changed", async () => {
  const decisions = createDecisionStore(store.db);
  const put = async (id: string, minute: number, change: Partial<DecisionRecord> = {}) =>
    decisions.insert(decision({ id, createdAt: `2026-11-20T09:0${minute}:00.000Z`, ...change }));
  const heard = { ...analysis, advice: analysis.advice.slice(0, 1) };
  await put("other-intent", 0, { intentId: "intent-2" });
  await put("edited", 3, { title: "Annual billing, edited", analysis: { ...analysis, costUsd: 9 } });
  await put("first", 1);
  await put("heard-anew", 4, { analysis: heard });
  const card = { card: { channel: "C1", ts: "1.1" }, url: "https://acme.slack.com/archives/C1/p11" };
  await decisions.cardPosted("first", card);
  const { firstWithAdvice } = createThreadStore(store.db);
  expect(await firstWithAdvice("first")).toEqual({ decisionId: "first", cardUrl: card.url });
  expect(await firstWithAdvice("edited")).toEqual({ decisionId: "first", cardUrl: card.url });
  expect(await firstWithAdvice("heard-anew")).toEqual({ decisionId: "heard-anew", cardUrl: null });
  expect(await firstWithAdvice("other-intent")).toEqual({ decisionId: "other-intent", cardUrl: null });
  expect(await firstWithAdvice("unknown")).toBeNull();
});
