/** Maintenances, digests, and the counts over decisions, items and spend. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import type { DueDigest } from "../../src/domain/digest.ts";
import { createDeadLetterStore, createDecisionStore } from "../../src/store/decisions.ts";
import { createDigestStore } from "../../src/store/digests.ts";
import { createFigures } from "../../src/store/figures.ts";
import { createItemStore } from "../../src/store/items.ts";
import { createMaintenanceStore } from "../../src/store/maintenance.ts";
import { createSpendLedger } from "../../src/store/spend.ts";
import type { Store } from "../../src/store/store.ts";
import { decision, outcome, plan, stand } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const sam = { slackId: "U0SAM00001", name: "Sam Okafor" };
const dana = { slackId: "U0DANA0001", name: "Dana Reyes" };
let store: Store;

beforeAll(async () => {
  store = await openOwnStore();
});

afterAll(() => store.close());

const at = (text: string) => new Date(text);

describe("a maintenance", () => {
  const noon = {
    by: sam,
    reason: "moving",
    startedAt: at("2026-11-20T12:00Z"),
    endsAt: at("2026-11-20T12:30Z"),
  };

  it("is open once, however many begin it at the same moment", async () => {
    const books = createMaintenanceStore(store.db);
    const begun = await Promise.all(Array.from({ length: 5 }, () => books.begin(noon)));
    expect(begun.filter((one) => one !== null)).toHaveLength(1);
    expect(await books.open()).toMatchObject({ by: sam, reason: "moving", ended: null, card: null, rev: 1 });
  });

  it("is given more time, and does not end before that", async () => {
    const books = createMaintenanceStore(store.db);
    const id = (await books.open())?.id ?? "";
    const later = { by: dana, reason: "still moving", endsAt: at("2026-11-20T13:00Z") };
    expect(await books.change(id, later)).toMatchObject({
      ...later,
      endsAt: "2026-11-20T13:00:00.000Z",
      rev: 2,
    });
    expect(await books.end(id, { at: at("2026-11-20T12:45Z"), by: null })).toBeNull();
    expect((await books.open())?.id).toBe(id);
  });

  it("ends once, at the time it was to end when nobody ended it, and knows its card", async () => {
    const books = createMaintenanceStore(store.db);
    const id = (await books.open())?.id ?? "";
    await books.cardPosted(id, { channel: "C1", ts: "1.1" });
    const ends = await Promise.all(
      [1, 2, 3].map(() => books.end(id, { at: at("2026-11-20T15:00Z"), by: null })),
    );
    expect(ends.filter((one) => one !== null)).toHaveLength(1);
    expect(await books.end(id, { at: at("2026-11-20T15:00Z"), by: sam })).toBeNull();
    expect(await books.change(id, { by: sam, reason: "again", endsAt: at("2026-11-20T16:00Z") })).toBeNull();
    await books.cardShows(id, 3);
    expect(await books.latest()).toMatchObject({
      ended: { at: "2026-11-20T13:00:00.000Z", by: null },
      card: { channel: "C1", ts: "1.1" },
      rev: 3,
      cardRev: 3,
    });
    expect(await books.open()).toBeNull();
  });

  it("ended by hand names who, and the next one can begin", async () => {
    const books = createMaintenanceStore(store.db);
    const begun = await books.begin({
      ...noon,
      startedAt: at("2026-11-21T12:00Z"),
      endsAt: at("2026-11-21T14:00Z"),
    });
    const ended = await books.end(begun?.id ?? "", { at: at("2026-11-21T12:10Z"), by: dana });
    expect(ended?.ended).toEqual({ at: "2026-11-21T12:10:00.000Z", by: dana });
  });
});

describe("digests", () => {
  const due = (kind: "daily" | "weekly", local: string): DueDigest => ({
    kind,
    slot: { local, at: `${local}:00.000Z` },
  });

  it("are noted once; what became of one is not overwritten by another look", async () => {
    const books = createDigestStore(store.db);
    await books.note([due("daily", "2026-11-19T08:00")], "missed");
    await books.note([due("daily", "2026-11-20T08:00"), due("daily", "2026-11-19T08:00")], "due");
    expect(await books.due()).toEqual([{ kind: "daily", slot: "2026-11-20T08:00" }]);
    await books.told(
      { kind: "daily", slot: "2026-11-20T08:00" },
      { outcome: "posted", until: "2026-11-20T08:00:02.000Z" },
    );
    await books.note([due("daily", "2026-11-20T08:00")], "due");
    expect(await books.due()).toEqual([]);
    expect(await books.lastDue("daily")).toBe("2026-11-20T08:00:00.000Z");
    expect(await books.lastDue("weekly")).toBeNull();
  });

  it("remember up to when each kind told, which were missed, and when silence was last broken", async () => {
    const books = createDigestStore(store.db);
    await books.note([due("weekly", "2026-11-23T08:00"), due("daily", "2026-11-24T08:00")], "due");
    await books.told(
      { kind: "weekly", slot: "2026-11-23T08:00" },
      { outcome: "posted_quiet", until: "2026-11-23T08:00:01.000Z" },
    );
    await books.told(
      { kind: "daily", slot: "2026-11-24T08:00" },
      { outcome: "quiet", until: "2026-11-24T08:00:01.000Z" },
    );
    expect((await books.past()).toSorted((a, b) => a.kind.localeCompare(b.kind))).toEqual([
      { kind: "daily", until: "2026-11-24T08:00:01.000Z" },
      { kind: "weekly", until: "2026-11-23T08:00:01.000Z" },
    ]);
    expect(await books.lastQuietAt()).toBe("2026-11-23T08:00:01.000Z");
    expect(await books.missedSince("2026-11-18T08:00:00.000Z")).toEqual(["2026-11-19T08:00"]);
    expect(await books.missedSince("2026-11-20T08:00:00.000Z")).toEqual([]);
  });
});

describe("figures", () => {
  const day = { since: "2026-11-21T00:00:00.000Z", until: "2026-11-22T00:00:00.000Z" };

  async function decide(
    id: string,
    change: Partial<DecisionRecord>,
    verdict: "approved" | "rejected",
    when: string,
  ) {
    const decisions = createDecisionStore(store.db);
    const made = decision({ id, ...change });
    await decisions.insert(made);
    const result = outcome({
      verdict,
      at: when,
      final: verdict === "approved" ? { ...plan, recommendedOption: "C" } : null,
    });
    await stand(decisions, id, { kind: "recording", outcome: result });
    return result;
  }

  it("of decisions are lean, newest first, within the period, and name the advisers' votes", async () => {
    const decisions = createDecisionStore(store.db);
    const result = await decide("p-1", { title: "One" }, "approved", "2026-11-21T10:00:00.000Z");
    await stand(decisions, "p-1", {
      ...{ kind: "recorded", outcome: result, recordedAt: "2026-11-21T10:00:02.000Z", taskCount: 3 },
      ...{ projectUrl: null, acceptanceRate: 0.75 },
    });
    await decide("p-2", { title: "Two" }, "rejected", "2026-11-21T11:00:00.000Z");
    await decide("p-3", { title: "Tomorrow" }, "rejected", "2026-11-22T00:00:00.000Z");
    await decisions.insert(decision({ id: "p-4", title: "Open", createdAt: "2026-11-21T12:00:00.000Z" }));

    const both = ["Dana Reyes", "Lee Park"].map((name) => ({
      ...{ at: "2026-11-21T10:30:00.000Z", planHash: "hash" },
      by: {
        slackId: null,
        name,
        ...(name === "Lee Park" && { for: { slackId: "U0SAM00001", name: "Sam" } }),
      },
    }));
    const together = { ...result, at: "2026-11-21T10:30:00.000Z", approvals: both };
    await decisions.insert(decision({ id: "p-5", title: "Together" }));
    await stand(decisions, "p-5", { kind: "recording", outcome: together });

    const figures = createFigures(store.db);
    const [two, by, ...others] = await figures.decidedIn(day);
    expect(by?.outcome?.by).toBe("Dana Reyes and Lee Park for Sam");
    const decided = [two, ...others];
    expect(decided.map((one) => one?.title)).toEqual(["Two", "One"]);
    expect(decided[1]).toEqual({
      id: "p-1",
      title: "One",
      cardUrl: null,
      pipeUrl: "https://www.notion.so/pipe1",
      createdAt: "2026-11-20T09:00:00.000Z",
      expiresAt: "2026-11-27T09:00:00.000Z",
      impact: 8,
      state: "recorded",
      outcome: { verdict: "approved", by: "Dana Reyes", at: "2026-11-21T10:00:00.000Z", chosen: "C" },
      votes: [
        { adviser: "The Entrepreneur", recommends: "C" },
        { adviser: "The Quant", recommends: "A" },
      ],
      acceptanceRate: 0.75,
      taskCount: 3,
    });
    expect(decided[0]).toMatchObject({ state: "recording", acceptanceRate: null, taskCount: 0 });
    expect(decided[0]?.outcome?.chosen).toBeNull();
    expect((await figures.pending()).map((one) => one.title)).toEqual(["Open"]);
    expect(await figures.pendingCount()).toBe(1);
    expect(await figures.createdIn(day)).toBe(1);
    expect(await figures.supersededIn(day)).toBe(0);
  });

  it("of items count what was first seen, what became of it, and what was given up", async () => {
    const items = createItemStore(store.db);
    const ref = (id: string) => ({
      id,
      status: "Unprocessed" as const,
      lastEditedAt: "2026-11-21T09:00:00.000Z",
    });
    await items.begin(ref("i-1"), null, at("2026-11-21T09:01Z"));
    await items.begin(ref("i-2"), null, at("2026-11-21T09:02Z"));
    await items.begin(ref("i-3"), null, at("2026-11-20T09:00Z"));
    await items.done("i-1", { kind: "operational", at: at("2026-11-21T09:03Z") });
    await items.done("i-3", { kind: "reference", at: at("2026-11-21T09:04Z") });
    const letter = {
      itemId: "i-2",
      itemUrl: "https://www.notion.so/i2",
      title: "Broken",
      reason: "no",
      attempts: 3,
    };
    await createDeadLetterStore(store.db).open({ ...letter, failedAt: "2026-11-21T09:05:00.000Z" });

    const figures = createFigures(store.db);
    expect(await figures.itemsSeenIn(day)).toBe(2);
    expect(await figures.itemsEndedIn(day)).toEqual({ strategic: 0, operational: 1, reference: 1 });
    expect(await figures.givenUpIn(day)).toBe(1);
    expect(await figures.givenUpIn({ since: "2026-11-20T00:00:00.000Z", until: day.since })).toBe(0);
    expect(await figures.givenUpNow()).toBe(1);
  });

  it("of spend name adviser and kind of item, also where the item was never finished", async () => {
    let now = at("2026-11-21T23:30Z");
    const ledger = createSpendLedger(store, { dailyBudgetUsd: 0, timezone: "Europe/Berlin", now: () => now });
    const usage = { step: "x", model: "m", inputTokens: 1, outputTokens: 1, durationMs: 1 };
    const spend = async (
      key: string,
      call: { step: string; itemId: string; adviser?: string },
      costUsd: number,
    ) => {
      await ledger.reserve(key, { model: "m", estimateUsd: 9, ...call });
      await ledger.settle(key, { ...usage, costUsd });
    };
    await spend("i-1:triage", { step: "triage", itemId: "i-1" }, 0.25);
    await spend("item-1:quant", { step: "advise", itemId: "item-1", adviser: "The Quant" }, 1);
    await spend("item-1:quant:repair", { step: "advise", itemId: "item-1", adviser: "The Quant" }, 0.5);
    now = at("2026-11-20T10:00Z");
    await spend("gone:triage", { step: "triage", itemId: "gone" }, 2);

    const figures = createFigures(store.db);
    expect(await figures.firstSpendDay()).toBe("2026-11-20");
    const entries = await figures.spendSince("2026-11-20");
    expect(entries.toSorted((a, b) => a.usd - b.usd)).toEqual([
      // Half past eleven at night in UTC is tomorrow in Berlin.
      { day: "2026-11-22", step: "triage", adviser: null, usd: 0.25, calls: 1, kind: "operational" },
      { day: "2026-11-22", step: "advise", adviser: "The Quant", usd: 1.5, calls: 2, kind: "strategic" },
      { day: "2026-11-20", step: "triage", adviser: null, usd: 2, calls: 1, kind: null },
    ]);
    expect(await figures.spendSince("2026-11-23")).toEqual([]);
    expect(await figures.spentIn(day)).toEqual({ usd: 1.75, calls: 3 });
    expect(await figures.spentIn({ since: day.until, until: "2026-11-23T00:00:00.000Z" })).toEqual({
      usd: 0,
      calls: 0,
    });
  });
});
