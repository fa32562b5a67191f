import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Slot } from "../../src/domain/cron-slots.ts";
import {
  CATCH_UP_MS,
  type DigestFacts,
  digestOf,
  dueDigests,
  isWorthPosting,
  periodStart,
} from "../../src/domain/digest.ts";
import { digestCard } from "../../src/slack/cards/digest-card.ts";
import { brief, digestFacts } from "./arbitrary-brief.ts";

const slot = (at: string): Slot => ({ local: at.slice(0, 16), at });
const EIGHT = "2026-11-23T08:00:00.000Z";

describe("what is due", () => {
  it("the weekly digest stands for the daily one of the same moment", () => {
    const plan = dueDigests({ daily: [slot(EIGHT)], weekly: [slot(EIGHT)] }, new Date(EIGHT));
    expect(plan).toEqual({
      post: [{ kind: "weekly", slot: slot(EIGHT) }],
      covered: [{ kind: "daily", slot: slot(EIGHT) }],
      missed: [],
    });
  });

  it("three hours late is in time, and a millisecond more is missed", () => {
    const late = (ms: number) => new Date(Date.parse(EIGHT) + CATCH_UP_MS + ms);
    expect(dueDigests({ daily: [slot(EIGHT)], weekly: [] }, late(0)).post).toHaveLength(1);
    const plan = dueDigests({ daily: [slot(EIGHT)], weekly: [] }, late(1));
    expect(plan).toMatchObject({ post: [], missed: [{ kind: "daily" }] });
  });

  it("of a Monday that was missed only the weekly one is", () => {
    const plan = dueDigests(
      { daily: [slot(EIGHT)], weekly: [slot(EIGHT)] },
      new Date("2026-11-23T20:00:00Z"),
    );
    expect(plan.missed.map((one) => one.kind)).toEqual(["weekly"]);
    expect(plan.covered.map((one) => one.kind)).toEqual(["daily"]);
  });

  const slots = fc
    .uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 })
    .map((hours) =>
      hours.sort((a, b) => a - b).map((h) => slot(new Date(Date.UTC(2026, 10, 20, h)).toISOString())),
    );

  it("every tick has one fate, and at most one digest is posted, never one that is too late", () => {
    fc.assert(
      fc.property(slots, slots, fc.integer({ min: 0, max: 96 * 60 }), (daily, weekly, minute) => {
        const now = new Date(Date.UTC(2026, 10, 20, 0, minute));
        const past = (list: Slot[]) => list.filter((one) => new Date(one.at) <= now);
        const found = { daily: past(daily), weekly: past(weekly) };
        const { post, covered, missed } = dueDigests(found, now);
        expect(post.length).toBeLessThanOrEqual(1);
        const all = [...post, ...covered, ...missed];
        expect(all).toHaveLength(found.daily.length + found.weekly.length);
        expect(new Set(all.map((one) => one.kind + one.slot.at)).size).toBe(all.length);
        const lateMs = (one: { slot: Slot }) => now.getTime() - Date.parse(one.slot.at);
        for (const one of post) expect(lateMs(one)).toBeLessThanOrEqual(CATCH_UP_MS);
        for (const one of missed) expect(lateMs(one)).toBeGreaterThan(CATCH_UP_MS);
        const fresh = [...found.daily, ...found.weekly].some((one) => lateMs({ slot: one }) <= CATCH_UP_MS);
        expect(post.length === 1).toBe(fresh);
      }),
    );
  });
});

describe("the period", () => {
  const now = new Date("2026-11-23T08:00:00.000Z");
  const past = [
    { kind: "daily" as const, until: "2026-11-20T08:00:01.000Z" },
    { kind: "weekly" as const, until: "2026-11-16T08:00:01.000Z" },
  ];

  it("of a daily digest begins where the last one of any kind ended", () => {
    expect(periodStart("daily", past, now)).toBe("2026-11-20T08:00:01.000Z");
    expect(periodStart("daily", past.slice(1), now)).toBe("2026-11-16T08:00:01.000Z");
  });

  it("of a weekly digest begins where the last weekly one ended", () => {
    expect(periodStart("weekly", past, now)).toBe("2026-11-16T08:00:01.000Z");
  });

  it("of the first digest ever is a day, or a week", () => {
    expect(periodStart("daily", [], now)).toBe("2026-11-22T08:00:00.000Z");
    expect(periodStart("weekly", past.slice(0, 1), now)).toBe("2026-11-16T08:00:00.000Z");
  });
});

describe("what a digest says", () => {
  it("tells late from waiting, latest due first, and never both", () => {
    const until = "2026-11-30T08:00:00.000Z";
    // Impact 8 is due after 7 days, 6 after 14, less after 30; an expiry comes before that.
    const pending = [
      brief({ id: "old-small", impact: 3, createdAt: "2026-11-10T08:00:00.000Z", expiresAt: null }),
      brief({ id: "high", impact: 9, createdAt: "2026-11-22T08:00:00.000Z", expiresAt: null }),
      brief({ id: "fresh", impact: 9, createdAt: "2026-11-29T08:00:00.000Z", expiresAt: null }),
      brief({
        id: "expires",
        impact: 3,
        createdAt: "2026-11-29T08:00:00.000Z",
        expiresAt: "2026-11-29T20:00:00.000Z",
      }),
    ];
    const digest = digestOf(digestFacts({ pending, until }));
    expect(digest.overdue.shown.map((one) => one.id)).toEqual(["high", "expires"]);
    expect(digest.waiting.shown.map((one) => one.id)).toEqual(["old-small", "fresh"]);
  });

  it("counts the tasks of decisions and of items that needed none", () => {
    const decided = [brief({ taskCount: 3 }), brief({ taskCount: 0 })];
    const items = { new: 4, tasks: 2, notes: 1, givenUp: 0, unpaid: 0 };
    expect(digestOf(digestFacts({ decided, items })).tasks.created).toBe(5);
  });

  const somethings: [string, Partial<DigestFacts>][] = [
    ["a decision", { decided: [brief({})] }],
    ["something that waits", { pending: [brief({})] }],
    ["a new item", { items: { new: 1, tasks: 0, notes: 0, givenUp: 0, unpaid: 0 } }],
    ["an item that was given up", { items: { new: 0, tasks: 0, notes: 0, givenUp: 1, unpaid: 0 } }],
    ["a call to Claude", { spend: { usd: 0, calls: 1 } }],
    ["a missed digest", { missed: ["2026-11-20T08:00"] }],
    ["a finished task", { tasksDone: { count: 1, isAtLeast: false } }],
    ["a fault", { health: { status: "degraded", checks: [] } }],
  ];
  it.each(somethings)("is not quiet with %s", (_, facts) => {
    expect(digestOf(digestFacts(facts)).isQuiet).toBe(false);
  });

  it("says of few decisions that they are too few, and of enough how they went", () => {
    const numbers = (count: number) => {
      const decided = Array.from({ length: count }, (_, n) => brief({ id: `p-${n}` }));
      const digest = digestOf(digestFacts({ decided, decidedLately: decided }));
      return JSON.stringify(digestCard(digest, { timezone: "UTC", pipesUrl: "https://www.notion.so/pipes" }));
    };
    expect(numbers(1)).toContain(
      "Last 30 days. Plans kept as proposed: too few decisions to say (1). Advice followed: too few decisions to say (1)",
    );
    expect(numbers(5)).toContain(
      "Last 30 days. Plans kept as proposed: 100%. Advice followed: The Auditor 0% (0 of 5), The Quant 100% (5 of 5)",
    );
  });

  it("is quiet with nothing, and then worth a post once in seven days", () => {
    const { isQuiet } = digestOf(digestFacts({}));
    expect(isQuiet).toBe(true);
    const worth = (lastQuietOn: string | null, today: string) =>
      isWorthPosting({ isQuiet }, { lastQuietOn, today });
    expect(worth(null, "2026-11-20")).toBe(true);
    expect(worth("2026-11-20", "2026-11-26")).toBe(false);
    // Over the day the clocks change.
    expect(worth("2026-10-20", "2026-10-27")).toBe(true);
  });
});
