/** What decisions on one intent share: the card that shows the same advice first, and what was asked. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { askedOf } from "../../src/domain/asked.ts";
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

test("what was asked is that of the first on the same intent, apart from the record and whatever was typed", async () => {
  const decisions = createDecisionStore(store.db);
  const words = { title: "Annual plans?", url: "https://www.notion.so/item1" };
  const asked = askedOf({ ...words, content: "Half a character \uD83D, \u0000 and <!channel>" });
  const first = { id: "asked", intentId: "intent-asked", createdAt: "2026-11-20T09:01:00.000Z" };
  await decisions.insert({ ...decision(first), asked });
  await decisions.insert(decision({ ...first, id: "in-its-place", createdAt: "2026-11-20T09:02:00.000Z" }));
  await decisions.insert(decision({ id: "of-long-ago", intentId: "intent-old" }));
  expect(asked.content).toBe("Half a character \uFFFD,  and <!channel>");
  expect(await decisions.asked("asked")).toEqual(asked);
  expect(await decisions.asked("in-its-place")).toEqual(asked);
  expect(await decisions.asked("of-long-ago")).toBeNull();
  expect(await decisions.asked("unknown")).toBeNull();
  expect(await decisions.find("asked")).toMatchObject({ analysis, hash: decision().hash });
  expect(JSON.stringify(await decisions.find("asked"))).not.toContain("Half a character");
});
