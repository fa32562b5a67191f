/** The sums behind the service levels. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/domain/calendar.ts";
import {
  attainment,
  BUCKET_MS,
  BURN_RULES,
  type Bucket,
  bucketOf,
  bucketsOfMinutes,
  bucketsOfWaits,
  burnRate,
  cardLimitMs,
  errorBudget,
  judgeBurn,
  judgeWait,
  MINIMUM_EVENTS,
  type Minutes,
  OBJECTIVE_KEYS,
  type ObjectiveKey,
  objectives,
  tallyOf,
  WINDOW_DAYS,
} from "../../src/domain/service-level.ts";
import { serviceLevelReport } from "../../src/domain/service-level-report.ts";

const NOW = Date.parse("2027-03-01T12:02:30Z");
const DEFAULT = { pollIntervalSeconds: 120 };

const anyTally = fc.tuple(fc.nat(5_000), fc.nat(5_000)).map(([good, bad]) => ({ good, total: good + bad }));
const anyTarget = fc.double({ min: 0.5, max: 0.9999, noNaN: true });

/** One bucket every five minutes, as long as the window and a little longer. */
function constant(perBucket: number, badPerBucket: number, spanMs = (WINDOW_DAYS + 1) * DAY_MS): Bucket[] {
  const buckets: Bucket[] = [];
  for (let start = bucketOf(NOW - spanMs); start < NOW; start += BUCKET_MS)
    buckets.push({ start, good: perBucket - badPerBucket, total: perBucket });
  return buckets;
}

const none = Object.fromEntries(OBJECTIVE_KEYS.map((key) => [key, []])) as unknown as Record<
  ObjectiveKey,
  Bucket[]
>;

function report(buckets: Partial<Record<ObjectiveKey, Bucket[]>>, since: number | null = NOW - 40 * DAY_MS) {
  return serviceLevelReport({
    now: NOW,
    since,
    objectives: objectives(DEFAULT),
    buckets: { ...none, ...buckets },
  });
}

describe("attainment", () => {
  it("lies between 0 and 1, and is no number without events", () => {
    expect(attainment({ good: 0, total: 0 })).toBeNull();
    fc.assert(
      fc.property(anyTally, (tally) => {
        const share = attainment(tally);
        if (tally.total === 0) expect(share).toBeNull();
        else expect(share).toSatisfy((value: number) => value >= 0 && value <= 1);
      }),
    );
  });
});

describe("the error budget", () => {
  it("is allowed failures less failures, whatever the numbers", () => {
    fc.assert(
      fc.property(anyTally, anyTarget, (tally, target) => {
        const { allowed, failed, left } = errorBudget(target, tally);
        expect(failed).toBe(tally.total - tally.good);
        if (left === null) {
          expect(tally.total).toBe(0);
          return;
        }
        expect(Number.isFinite(left)).toBe(true);
        expect(left * allowed + failed).toBeCloseTo(allowed, 6);
        const share = attainment(tally) ?? Number.NaN;
        if (share > target + 1e-9) expect(left).toBeGreaterThan(0);
        if (share < target - 1e-9) expect(left).toBeLessThan(0);
      }),
    );
  });
});

describe("the burn rate", () => {
  it("of a constant rate of errors is the same over every span, and 1 where the budget just lasts", () => {
    for (const [perBucket, bad] of [
      [100, 1],
      [100, 14],
      [1_000, 1],
    ] as const) {
      const buckets = constant(perBucket, bad);
      for (const spanMs of [5 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 3 * DAY_MS, WINDOW_DAYS * DAY_MS])
        expect(burnRate(0.99, tallyOf(buckets, NOW, spanMs))).toBeCloseTo((bad / perBucket) * 100, 9);
    }
    expect(burnRate(0.99, { good: 99, total: 100 })).toBeCloseTo(1, 9);
  });

  it("is no number below the minimum of events, and never infinite", () => {
    expect(burnRate(0.99, { good: 0, total: MINIMUM_EVENTS - 1 })).toBeNull();
    expect(burnRate(0.99, { good: 0, total: 0 }, 0)).toBeNull();
    fc.assert(
      fc.property(anyTally, anyTarget, (tally, target) => {
        const rate = burnRate(target, tally);
        if (rate === null) expect(tally.total).toBeLessThan(MINIMUM_EVENTS);
        else expect(rate).toSatisfy((value: number) => value >= 0 && value <= 1 / (1 - target) + 1e-9);
      }),
    );
  });

  it("can reach every alert at every target", () => {
    for (const { target, key } of objectives(DEFAULT))
      for (const rule of BURN_RULES)
        expect(1 / (1 - target), `${key} ${rule.key}`).toBeGreaterThan(rule.factor);
  });
});

describe("burn alerts", () => {
  const [fast, slow] = BURN_RULES;
  if (!fast || !slow) throw new Error("two rules");
  const at = (minutesAgo: number, good: number, total: number): Bucket => ({
    start: bucketOf(NOW - minutesAgo * MINUTE_MS),
    good,
    total,
  });

  it("fire when both spans burn, and not on one failure among few", () => {
    expect(judgeBurn(fast, 0.99, constant(10, 2, 2 * HOUR_MS), NOW)).toBe("burning");
    expect(judgeBurn(fast, 0.99, [at(2, 0, 1)], NOW)).toBe("quiet");
    expect(judgeBurn(slow, 0.99, constant(100, 10, 7 * HOUR_MS), NOW)).toBe("burning");
    expect(judgeBurn(fast, 0.99, constant(100, 10, 7 * HOUR_MS), NOW)).toBe("quiet");
  });

  it("end soon after the fault ends, although the hour still looks bad", () => {
    const over = [at(40, 0, 50), at(7, 20, 20), at(2, 20, 20)];
    expect(judgeBurn(fast, 0.99, over, NOW)).toBe("quiet");
  });

  it("say nothing new while nothing happens, and end when the hour is over", () => {
    expect(judgeBurn(fast, 0.99, [at(40, 0, 50)], NOW)).toBe("unclear");
    expect(judgeBurn(fast, 0.99, [at(40, 0, 50)], NOW + HOUR_MS)).toBe("quiet");
  });
});

describe("a wait", () => {
  const limit = 60_000;
  const kept = (since: number, ms: number | null) => ({
    since,
    keptAt: ms === null ? null : since + ms,
    failedAt: null,
  });

  it("is good in time, bad from the moment it is late, and open until then", () => {
    expect(judgeWait(kept(NOW, 60_000), limit, NOW + 60_000)).toEqual({ at: NOW + 60_000, isGood: true });
    expect(judgeWait(kept(NOW, 60_001), limit, NOW + 90_000)).toEqual({ at: NOW + 60_000, isGood: false });
    expect(judgeWait(kept(NOW, null), limit, NOW + 60_000)).toBeNull();
    expect(judgeWait(kept(NOW, null), limit, NOW + 60_001)).toEqual({ at: NOW + 60_000, isGood: false });
  });

  it("that was given up is bad at once", () => {
    const wait = { since: NOW, keptAt: null, failedAt: NOW + 5_000 };
    expect(judgeWait(wait, limit, NOW + 6_000)).toEqual({ at: NOW + 5_000, isGood: false });
  });

  it("counts once, in one bucket, whenever it is looked at", () => {
    const anyWait = fc.record({
      since: fc.integer({ min: NOW - DAY_MS, max: NOW }),
      keptAt: fc.option(fc.nat(600_000)),
    });
    fc.assert(
      fc.property(fc.array(anyWait, { maxLength: 40 }), fc.nat(DAY_MS), (drawn, laterMs) => {
        const waits = drawn.map(({ since, keptAt }) => kept(since, keptAt));
        const buckets = bucketsOfWaits(waits, limit, NOW + laterMs);
        const settled = waits.filter((wait) => judgeWait(wait, limit, NOW + laterMs) !== null);
        expect(buckets.reduce((sum, bucket) => sum + bucket.total, 0)).toBe(settled.length);
        for (const { start, good, total } of buckets) {
          expect(start % BUCKET_MS).toBe(0);
          expect(good).toBeLessThanOrEqual(total);
        }
      }),
    );
  });
});

describe("minutes", () => {
  const since = Date.parse("2027-03-01T10:00:00Z");
  const full = (start: number, change: Partial<Minutes> = {}): Minutes => ({
    start,
    seen: 5,
    ready: 5,
    polled: 5,
    paused: 0,
    endsPaused: false,
    ...change,
  });
  const totals = (buckets: Bucket[]) => tallyOf(buckets, since + DAY_MS, 2 * DAY_MS);

  it("that no process vouched for were down", () => {
    const until = since + 30 * MINUTE_MS;
    const { ready, polled } = bucketsOfMinutes([full(since), full(since + 4 * BUCKET_MS)], { since, until });
    expect(totals(ready)).toEqual({ good: 10, total: 30 });
    expect(totals(polled)).toEqual({ good: 10, total: 30 });
  });

  it("of a pause expect no poll, nor does the gap after one", () => {
    const paused = full(since + BUCKET_MS, { polled: 1, paused: 4, endsPaused: true });
    const until = since + 20 * MINUTE_MS;
    const { ready, polled } = bucketsOfMinutes([full(since), paused], { since, until });
    expect(totals(ready)).toEqual({ good: 10, total: 20 });
    expect(totals(polled)).toEqual({ good: 6, total: 6 });
  });

  it("add up to the time between, whatever was seen", () => {
    const anySeen = fc.array(
      fc.record({
        index: fc.nat(40),
        seen: fc.nat(5),
        ready: fc.nat(5),
        polled: fc.nat(5),
        paused: fc.nat(5),
        endsPaused: fc.boolean(),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(anySeen, fc.nat(200), fc.nat(4), (drawn, minutes, offset) => {
        const seen = drawn.map(({ index, ...rest }) => ({ start: since + index * BUCKET_MS, ...rest }));
        const begin = since + offset * MINUTE_MS;
        const { ready, polled } = bucketsOfMinutes(seen, {
          since: begin,
          until: begin + minutes * MINUTE_MS,
        });
        expect(ready.reduce((sum, { total }) => sum + total, 0)).toBe(minutes);
        for (const { good, total } of [...ready, ...polled])
          expect(good).toSatisfy((value: number) => value >= 0 && value <= total);
      }),
    );
  });
});

describe("the report", () => {
  it("without events has no numbers at all", () => {
    for (const one of report({}, null).objectives) {
      expect(one).toMatchObject({
        state: "no-data",
        attainment: null,
        budget: { left: null },
        burn: { hour: null, sixHours: null, threeDays: null },
        usedUpInDays: null,
        trend: { lately: null, before: null },
      });
      expect(one.days.every((day) => day.attainment === null && day.budgetLeft === null)).toBe(true);
    }
  });

  const clicks = (buckets: Bucket[]) => {
    const found = report({ "click-acknowledged": buckets }).objectives[0];
    if (!found) throw new Error("no objective");
    return found;
  };

  it("never claims 100 % after a failure, and never less without one", () => {
    expect(clicks(constant(100, 0)).attainment).toBe(1);
    expect(
      clicks([...constant(100, 0), { start: bucketOf(NOW), good: 0, total: 1 }]).attainment,
    ).toBeLessThan(1);
  });

  it("counts each event of the window in one of its days, and burns the budget down to what is left", () => {
    const one = clicks(constant(1_000, 2));
    expect(one.days).toHaveLength(WINDOW_DAYS);
    expect(one.days.reduce((sum, day) => sum + day.total, 0)).toBe(one.tally.total);
    expect(one.tally.total).toBe((WINDOW_DAYS * DAY_MS * 1_000) / BUCKET_MS);
    expect(one.days.at(-1)?.budgetLeft).toBeCloseTo(one.budget.left ?? Number.NaN, 9);
    expect(one).toMatchObject({ state: "broken", usedUpInDays: null });
  });

  it("says when the budget will be used up", () => {
    const quiet = constant(1_000, 0).filter(({ start }) => start < NOW - 3 * DAY_MS);
    const lately = constant(1_000, 2).filter(({ start }) => start >= NOW - 3 * DAY_MS);
    const one = clicks([...quiet, ...lately]);
    expect(one.burn.threeDays).toBeCloseTo(2, 1);
    // 6/28 are gone, the rest goes twice as fast as it may.
    expect(one.usedUpInDays).toBeCloseTo(((1 - 6 / 28) * WINDOW_DAYS) / 2, 0);
    expect(one.state).toBe("ok");
  });

  it("marks what rests on few events", () => {
    expect(clicks([{ start: bucketOf(NOW), good: 3, total: 3 }])).toMatchObject({
      isThin: true,
      attainment: 1,
    });
    expect(clicks(constant(1, 0))).toMatchObject({ isThin: false });
  });

  it("is the same whatever order the buckets come in", () => {
    const buckets = constant(7, 1, 3 * DAY_MS);
    expect(clicks(buckets.toReversed())).toEqual(clicks(buckets));
  });
});

describe("the promise for cards", () => {
  it("is five minutes, or what an interval and an analysis need", () => {
    expect(cardLimitMs(120)).toBe(5 * MINUTE_MS);
    expect(cardLimitMs(600)).toBe(13 * MINUTE_MS);
    expect(objectives({ pollIntervalSeconds: 120 })[1]?.promise).toBe("within 5 min");
  });
});
