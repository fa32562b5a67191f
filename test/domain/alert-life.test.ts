import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertSignal, Severity } from "../../src/domain/alert.ts";
import {
  type AlertCase,
  acted,
  ended,
  FLAP_MS,
  isOpen,
  nextReviewAt,
  passed,
  raised,
} from "../../src/domain/alert-life.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-20T10:00:00Z");
const at = (minutes: number) => new Date(START + minutes * MINUTE);
const DANA = { slackId: "U1", name: "Dana" };
const NOTHING: AlertCase = { alert: null, reports: [] };

const signal = (change: Partial<AlertSignal> = {}): AlertSignal => ({
  key: "notion",
  severity: "warning",
  title: "Notion fails",
  detail: "503",
  source: "a",
  url: null,
  ...change,
});

const RANK: Record<Severity, number> = { info: 0, warning: 1, critical: 2 };

type Move =
  | { kind: "raise"; source: string; severity: Severity; freshMinutes: number | null }
  | { kind: "end"; source: string }
  | { kind: "wait"; minutes: number }
  | { kind: "acknowledge" | "snooze"; minutes: number }
  | { kind: "resolve" };

const source = fc.constantFrom("a", "b", "c");
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("raise" as const),
      source,
      severity: fc.constantFrom<Severity>("info", "warning", "critical"),
      freshMinutes: fc.option(fc.integer({ min: 1, max: 10 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("end" as const), source }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.integer({ min: 0, max: 90 }) }),
  },
  fc.record({
    kind: fc.constantFrom("acknowledge" as const, "snooze" as const),
    minutes: fc.integer({ min: 1, max: 300 }),
  }),
  fc.constant({ kind: "resolve" as const }),
);

/** Who sees it, by plain bookkeeping: what the rules must agree with. */
interface Model {
  minutes: number;
  seenBy: Map<string, { until: number | null; severity: Severity }>;
  events: number;
}

function fade(model: Model): void {
  for (const [name, { until }] of model.seenBy) {
    if (until !== null && until <= model.minutes) model.seenBy.delete(name);
  }
}

function play(moves: Move[], look: (now: { found: AlertCase; before: AlertCase; model: Model }) => void) {
  let found = NOTHING;
  const model: Model = { minutes: 0, seenBy: new Map(), events: 0 };
  const counts = new Map<string, number>();
  for (const one of moves) {
    const before = found;
    found = step(found, one, model);
    if (found.alert) counts.set(found.alert.id, found.alert.count);
    look({ found, before, model });
  }
  return { found, model, counted: [...counts.values()].reduce((sum, count) => sum + count, 0) };
}

function step(found: AlertCase, one: Move, model: Model): AlertCase {
  const now = () => at(model.minutes);
  switch (one.kind) {
    case "raise": {
      const known = model.seenBy.get(one.source);
      const isRenewal = one.freshMinutes !== null && known !== undefined;
      if (!isRenewal) model.events += 1;
      const until = one.freshMinutes === null ? null : model.minutes + one.freshMinutes;
      model.seenBy.set(one.source, { until, severity: one.severity });
      const fresh = one.freshMinutes === null ? {} : { freshForMs: one.freshMinutes * MINUTE };
      return raised(found, signal({ source: one.source, severity: one.severity, ...fresh }), now());
    }
    case "end":
      model.seenBy.delete(one.source);
      return ended(found, { source: one.source, detail: null }, now());
    case "wait":
      model.minutes += one.minutes;
      fade(model);
      return passed(found, now());
    case "resolve": {
      const { next, result } = acted(found, one, { by: DANA, now: now() });
      if (result.kind === "done") model.seenBy.clear();
      return next;
    }
    default: {
      const until = at(model.minutes + one.minutes).toISOString();
      return acted(found, { kind: one.kind, until }, { by: DANA, now: now() }).next;
    }
  }
}

describe("a title", () => {
  it("with another figure in it is no change that is shown at once", () => {
    const first = raised(NOTHING, signal({ title: "Memory is 86.5 % full" }), at(0));
    const second = raised(first, signal({ title: "Memory is 87 % full" }), at(1));
    expect(second.alert).toMatchObject({ rev: 2, loudRev: 1, title: "Memory is 87 % full" });
    const other = raised(second, signal({ title: "Memory is full" }), at(2));
    expect(other.alert).toMatchObject({ rev: 3, loudRev: 3 });
  });
});

describe("any order of events from several sources", () => {
  const plays = fc.array(move, { maxLength: 40 });

  it("is open exactly while somebody sees it, as bad as the worst of them says", () => {
    fc.assert(
      fc.property(plays, (moves) => {
        play(moves, ({ found: { alert, reports }, model }) => {
          expect(alert !== null && isOpen(alert)).toBe(model.seenBy.size > 0);
          expect(reports.map((report) => report.source).toSorted()).toEqual(
            [...model.seenBy.keys()].toSorted(),
          );
          if (alert === null || !isOpen(alert)) return;
          const worst = Math.max(...[...model.seenBy.values()].map(({ severity }) => RANK[severity]));
          expect(RANK[alert.severity]).toBe(worst);
          expect(alert.reporters).toBe(model.seenBy.size);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("counts every event, and a condition that only goes on not again", () => {
    fc.assert(
      fc.property(plays, (moves) => {
        const { counted, model } = play(moves, () => undefined);
        expect(counted).toBe(model.events);
      }),
      { numRuns: 300 },
    );
  });

  it("opens another episode only long after the last one was over, so there is never a second open one", () => {
    fc.assert(
      fc.property(plays, (moves) => {
        play(moves, ({ found, before, model }) => {
          if (before.alert === null || found.alert === null) return;
          if (found.alert.episode === before.alert.episode) {
            expect(found.alert.id).toBe(before.alert.id);
            return;
          }
          expect(found.alert.episode).toBe(before.alert.episode + 1);
          const { state } = before.alert;
          if (state.kind !== "resolved") throw new Error("the last one was still open");
          expect(at(model.minutes).getTime() - Date.parse(state.at)).toBeGreaterThanOrEqual(FLAP_MS);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("numbers every visible change, and what was acknowledged or snoozed wakes by itself", () => {
    fc.assert(
      fc.property(plays, (moves) => {
        play(moves, ({ found, before, model }) => {
          const { alert } = found;
          if (alert === null) return;
          const visible = ({
            rev,
            loudRev,
            lastAt,
            lapses,
            lapsed,
            ...rest
          }: NonNullable<AlertCase["alert"]>) => JSON.stringify(rest);
          if (before.alert?.id === alert.id) {
            expect(alert.rev > before.alert.rev).toBe(visible(alert) !== visible(before.alert));
          }
          expect(alert.loudRev).toBeLessThanOrEqual(alert.rev);
          if (alert.state.kind === "acknowledged" || alert.state.kind === "snoozed") {
            const next = nextReviewAt(found);
            expect(next?.getTime()).toBeLessThanOrEqual(Date.parse(alert.state.until));
            expect(Date.parse(alert.state.until)).toBeGreaterThan(at(model.minutes).getTime());
          }
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe("one alert", () => {
  const first = raised(NOTHING, signal(), at(0));

  it("that is acknowledged by name asks again when it is still there after that time", () => {
    const { next } = acted(
      first,
      { kind: "acknowledge", until: at(240).toISOString() },
      { by: DANA, now: at(1) },
    );
    expect(next.alert?.state).toMatchObject({ kind: "acknowledged", by: { name: "Dana" } });
    expect(passed(next, at(239)).alert?.state.kind).toBe("acknowledged");
    const later = passed(next, at(240)).alert;
    expect(later).toMatchObject({ state: { kind: "firing" }, lapses: 1, lapsed: { by: { name: "Dana" } } });
  });

  it("acknowledged twice changes once", () => {
    const act = { kind: "acknowledge", until: at(240).toISOString() } as const;
    const once = acted(first, act, { by: DANA, now: at(1) });
    const twice = acted(once.next, act, { by: { slackId: "U2", name: "Sam" }, now: at(2) });
    expect(twice.result).toMatchObject({ kind: "already", state: { by: { name: "Dana" } } });
    expect(twice.next.alert).toEqual(once.next.alert);
  });

  it("that gets worse voids the acknowledgement, and one that gets better does not", () => {
    const until = at(240).toISOString();
    const acknowledged = acted(first, { kind: "acknowledge", until }, { by: DANA, now: at(1) }).next;
    expect(raised(acknowledged, signal({ severity: "critical" }), at(2)).alert?.state.kind).toBe("firing");
    expect(raised(acknowledged, signal({ severity: "info" }), at(2)).alert?.state.kind).toBe("acknowledged");
  });

  it("that is watched cannot be resolved by saying so; what nobody watches can", () => {
    const watched = raised(NOTHING, signal({ freshForMs: 3 * MINUTE }), at(0));
    const refused = acted(watched, { kind: "resolve" }, { by: DANA, now: at(1) });
    expect(refused.result).toMatchObject({ kind: "still-seen", source: "a" });
    expect(refused.next.alert?.state.kind).toBe("firing");
    const done = acted(first, { kind: "resolve" }, { by: DANA, now: at(1) });
    expect(done.next).toMatchObject({
      alert: { state: { how: "by-hand", by: { name: "Dana" } } },
      reports: [],
    });
  });

  it("whose last reporter died is over as unseen, not as ended", () => {
    const watched = raised(NOTHING, signal({ freshForMs: 3 * MINUTE }), at(0));
    expect(passed(watched, at(2)).alert?.state.kind).toBe("firing");
    expect(passed(watched, at(3)).alert?.state).toMatchObject({ kind: "resolved", how: "unseen" });
  });

  it("stays while another source sees it, in the words of the one that sees it worst", () => {
    const both = raised(first, signal({ source: "b", severity: "critical", title: "Much worse" }), at(1));
    expect(both.alert).toMatchObject({ severity: "critical", title: "Much worse", reporters: 2, count: 2 });
    const one = ended(both, { source: "b", detail: "better" }, at(2));
    expect(one.alert).toMatchObject({
      severity: "warning",
      title: "Notion fails",
      state: { kind: "firing" },
    });
    const none = ended(one, { source: "a", detail: "it is back" }, at(3));
    expect(none.alert?.state).toMatchObject({ kind: "resolved", how: "ended", detail: "it is back" });
  });

  it("that is back soon is the same one, and another one later", () => {
    const over = ended(first, { source: "a", detail: null }, at(1));
    const back = raised(over, signal(), at(10));
    expect(back.alert).toMatchObject({
      id: first.alert?.id,
      returns: 1,
      count: 2,
      state: { kind: "firing" },
    });
    const later = raised(over, signal(), at(31));
    expect(later.alert).toMatchObject({ episode: 2, returns: 0, count: 1 });
    expect(later.alert?.id).not.toBe(first.alert?.id);
  });
});
