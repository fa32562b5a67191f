import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetFigures, type SpendEntry } from "../../src/domain/budget.ts";
import { addDays } from "../../src/domain/calendar.ts";
import {
  adviserRecords,
  figuresOf,
  MIN_FOR_SHARE,
  median,
  medianTimeToDecideMs,
  planAcceptance,
} from "../../src/domain/figures.ts";
import { anyBrief, brief } from "./arbitrary-brief.ts";

describe("how often people went with an adviser", () => {
  it("needs five decisions of people to be a share", () => {
    const four = Array.from({ length: 4 }, () => brief({}));
    expect(adviserRecords(four)[1]).toMatchObject({ asked: 4, followed: 4, share: null });
    const five = [...four, brief({ outcome: { verdict: "rejected", by: "Dana", at: "x", chosen: null } })];
    expect(adviserRecords(five)).toEqual([
      { adviser: "The Auditor", asked: 5, followed: 0, share: 0 },
      { adviser: "The Quant", asked: 5, followed: 4, share: 0.8 },
    ]);
  });

  it("leaves out what nobody decided in time", () => {
    const expired = brief({ outcome: { verdict: "expired", by: "bot", at: "x", chosen: null } });
    expect(adviserRecords([expired])).toEqual([]);
    expect(planAcceptance([expired])).toEqual({ count: 0, mean: null });
  });

  it("is a share between 0 and 1 of what the adviser was asked, for any decisions", () => {
    fc.assert(
      fc.property(fc.array(anyBrief, { maxLength: 30 }), (decisions) => {
        for (const { asked, followed, share } of adviserRecords(decisions)) {
          expect(followed).toBeLessThanOrEqual(asked);
          expect(share === null).toBe(asked < MIN_FOR_SHARE);
          if (share !== null) expect(share).toBe(followed / asked);
        }
        const { mean } = planAcceptance(decisions);
        if (mean !== null) expect(mean >= 0 && mean <= 1).toBe(true);
      }),
    );
  });
});

describe("the time to decide", () => {
  const decided = (hours: number) =>
    brief({
      createdAt: "2026-11-20T00:00:00.000Z",
      outcome: {
        ...{ verdict: "approved", by: "Dana", chosen: "A" },
        at: new Date(Date.UTC(2026, 10, 20, hours)).toISOString(),
      },
    });

  it("is the median, from three decisions on", () => {
    expect(medianTimeToDecideMs([decided(1), decided(2)])).toBeNull();
    expect(medianTimeToDecideMs([decided(1), decided(90), decided(2)])).toBe(2 * 3_600_000);
    expect(medianTimeToDecideMs([1, 2, 4, 90].map(decided))).toBe(3 * 3_600_000);
  });

  it("has as many values above as below, whatever their order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values);
        expect(values.filter((v) => v < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((v) => v > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  it("of nothing is no data, and the rest counts nothing", () => {
    const none = { decided: [], pendingNow: 0, created: 0, superseded: 0, tasks: 0, notes: 0, givenUp: 0 };
    expect(figuresOf({ days: 7, ...none })).toMatchObject({
      medianMs: null,
      plans: { mean: null },
      advisers: [],
    });
  });
});

describe("the budget", () => {
  const entry = (day: string, usd: number, more: Partial<SpendEntry> = {}): SpendEntry => ({
    ...{ day, step: "frame", adviser: null, kind: "strategic", usd, calls: 1 },
    ...more,
  });
  const facts = (entries: SpendEntry[], more: object = {}) => ({
    ...{
      today: "2026-11-20",
      entries,
      firstDay: entries[0]?.day ?? null,
      capUsd: 5,
      isReached: false,
      waiting: 2,
    },
    ...more,
  });

  it("knows today from this month, and this month from the one before", () => {
    const figures = budgetFigures(
      facts([
        entry("2026-10-31", 100),
        entry("2026-11-01", 2),
        entry("2026-11-20", 1),
        entry("2026-11-20", 0.5),
      ]),
    );
    expect(figures).toMatchObject({
      today: { usd: 1.5, calls: 2 },
      month: { usd: 3.5, calls: 3 },
      leftUsd: 3.5,
      bySource: [{ name: "Framing", todayUsd: 1.5, monthUsd: 3.5 }],
    });
  });

  it("names advisers, steps and kinds, dearest first", () => {
    const figures = budgetFigures(
      facts([
        entry("2026-11-20", 1, { step: "advise", adviser: "The Quant" }),
        entry("2026-11-20", 3, { step: "triage", kind: null }),
        entry("2026-11-20", 2, { step: "synthesise", kind: "operational" }),
      ]),
    );
    expect(figures.bySource.map((line) => line.name)).toEqual(["Sorting", "Synthesis", "The Quant"]);
    expect(figures.byKind.map((line) => line.name)).toEqual(["Not sorted", "Tasks", "Decisions"]);
  });

  it("is never less than nothing left, and without a cap there is no rest", () => {
    expect(budgetFigures(facts([entry("2026-11-20", 7)])).leftUsd).toBe(0);
    expect(budgetFigures(facts([], { capUsd: 0 }))).toMatchObject({ capUsd: null, leftUsd: null });
  });

  it("foresees the month from three whole days on, at the pace of the last seven", () => {
    const day = (n: number, usd: number) => entry(`2026-11-${String(n).padStart(2, "0")}`, usd);
    expect(budgetFigures(facts([day(18, 9), day(19, 9), day(20, 1)])).projectedUsd).toBeNull();
    // 3 + 3 + 3 so far, today not less than a usual day, ten days to go.
    expect(budgetFigures(facts([day(17, 3), day(18, 3), day(19, 3), day(20, 1)])).projectedUsd).toBe(
      9 + 3 + 30,
    );
    // A dear day today counts as it is.
    expect(budgetFigures(facts([day(17, 3), day(18, 3), day(19, 3), day(20, 8)])).projectedUsd).toBe(
      9 + 8 + 30,
    );
    // A day without any spend slows the pace.
    expect(budgetFigures(facts([day(16, 4), day(17, 4), day(19, 4)])).projectedUsd).toBe(12 + 3 + 30);
  });

  it("foresees from last month's pace when the month is young", () => {
    const entries = ["2026-10-25", "2026-10-29", "2026-10-31"].map((day) => entry(day, 7));
    // Seven days to the 31st with 21 in all; none of it in November.
    expect(budgetFigures(facts(entries, { today: "2026-11-01" })).projectedUsd).toBeCloseTo(3 * 30);
  });

  it("adds up: sources, kinds and the month say the same, and the forecast is not below it", () => {
    const any = fc.array(
      fc.record({
        day: fc.integer({ min: 0, max: 40 }).map((back) => addDays("2026-11-20", -back)),
        step: fc.constantFrom("triage", "frame", "advise", "synthesise", "else"),
        adviser: fc.option(fc.constantFrom("The Quant", "The Auditor")),
        kind: fc.constantFrom("strategic" as const, "operational" as const, "reference" as const, null),
        usd: fc.integer({ min: 0, max: 1_000 }),
        calls: fc.nat(10),
      }),
    );
    fc.assert(
      fc.property(any, (entries) => {
        const firstDay = entries.map((one) => one.day).sort()[0] ?? null;
        const figures = budgetFigures(facts(entries, { firstDay }));
        const sum = (lines: { monthUsd: number }[]) => lines.reduce((all, line) => all + line.monthUsd, 0);
        expect(sum(figures.bySource)).toBe(figures.month.usd);
        expect(sum(figures.byKind)).toBe(figures.month.usd);
        if (figures.projectedUsd !== null) {
          expect(figures.projectedUsd).toBeGreaterThanOrEqual(figures.month.usd - 1e-6);
        }
      }),
    );
  });
});
