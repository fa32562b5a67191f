import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Severity } from "../../src/domain/alert.ts";
import {
  type AlertGroup,
  type AlertRecord,
  drawDueAt,
  groupNoteDue,
  groupTally,
  type Hold,
  noteDue,
  OWN,
  placed,
} from "../../src/domain/alert-display.ts";
import { nextAt, windowEnd } from "../../src/domain/quiet-hours.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-20T10:00:00Z");
const at = (minutes: number) => new Date(START + minutes * MINUTE);

function alert(change: Partial<AlertRecord> = {}, shown: Partial<AlertRecord["shown"]> = {}): AlertRecord {
  return {
    ...{ id: "a", key: "a", episode: 1, severity: "warning", title: "t", detail: "d 1", url: null },
    ...{ state: { kind: "firing" }, openedAt: at(0).toISOString(), lastAt: at(0).toISOString() },
    ...{ count: 1, returns: 0, lapses: 0, lapsed: null, reporters: 1, rev: 1, loudRev: 1 },
    ...change,
    shown: {
      ...{ place: null, placedAt: null, heldBy: null, card: null, cardNo: 1, rev: 0, at: null, told: null },
      changedAt: at(0).toISOString(),
      ...shown,
    },
  };
}

const storm: AlertGroup = {
  ...{ id: "storm-x", reason: "storm", openedAt: at(0).toISOString(), joinedAt: at(0).toISOString() },
  ...{ card: null, cardNo: 1, draws: 0, at: null, told: null },
};
const quiet: Hold = { by: "quiet-hours", until: null, reason: "quiet hours", sparesCritical: true };
const closed: Hold = { by: "maintenance", until: null, reason: "moving", sparesCritical: false };

const waiting = fc
  .array(
    fc.record({
      severity: fc.constantFrom<Severity>("info", "warning", "critical"),
      heldBy: fc.constantFrom(null, "quiet-hours" as const, "maintenance" as const),
    }),
    { maxLength: 60 },
  )
  .map((list) =>
    list.map(({ severity, heldBy }, n) => alert({ id: `a${n}`, key: `a${n}`, severity }, { heldBy })),
  );

describe("where alerts go", () => {
  it("gives each exactly one place, and never more than five messages of their own in a minute", () => {
    fc.assert(
      fc.property(
        waiting,
        fc.integer({ min: 0, max: 8 }),
        fc.constantFrom(null, storm),
        fc.constantFrom(null, quiet, closed),
        (alerts, ownInLastMinute, open, hold) => {
          const { own, held, groups } = placed({ waiting: alerts, ownInLastMinute, storm: open, hold });
          const grouped = groups.flatMap((group) => group.alerts);
          const ids = [...own, ...held, ...grouped].map(({ id }) => id);
          expect(ids.toSorted()).toEqual(alerts.map(({ id }) => id).toSorted());
          expect(own.length + Math.min(5, ownInLastMinute)).toBeLessThanOrEqual(5);
          for (const { severity } of held)
            expect(hold?.sparesCritical && severity === "critical").toBeFalsy();
          if (hold === closed) expect(held).toHaveLength(alerts.length);
          // Somebody must see the critical ones first.
          if (grouped.some(({ severity }) => severity === "critical")) {
            expect(own.every(({ severity }) => severity === "critical")).toBe(true);
          }
          if (open !== null) expect(own.every(({ severity }) => severity === "critical")).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("sums up what was held back, and shows a single one by itself", () => {
    const held = [1, 2, 3].map((n) => alert({ id: `h${n}` }, { heldBy: "quiet-hours" }));
    const night = placed({ waiting: held, ownInLastMinute: 0, storm: null, hold: quiet });
    expect(night.held).toHaveLength(3);
    const morning = placed({ waiting: held, ownInLastMinute: 0, storm: null, hold: null });
    expect(morning).toMatchObject({ own: [], groups: [{ reason: "quiet-hours" }] });
    const one = placed({ waiting: held.slice(0, 1), ownInLastMinute: 0, storm: null, hold: null });
    expect(one.own).toHaveLength(1);
  });
});

describe("when a message is touched", () => {
  const card = { channel: "C1", ts: "1" };
  const told = {
    ...({ severity: "warning", detail: "d 1", count: 1, returns: 0, lapses: 0 } as const),
    ...{ at: at(0).toISOString(), no: 0 },
  };
  const shown = { place: OWN, card, rev: 1, at: at(0).toISOString(), told };
  const dueMinutes = (record: AlertRecord, now: Date) => {
    const due = drawDueAt(record, now);
    return due === null ? null : (due - START) / MINUTE;
  };

  it("another count is drawn the more rarely the longer the problem lasts", () => {
    const seen = alert({ rev: 2, count: 2 }, shown);
    expect(dueMinutes(seen, at(0.1))).toBeCloseTo(10 / 60);
    const later = alert({ rev: 2, count: 2 }, { ...shown, at: at(600).toISOString() });
    expect(dueMinutes(later, at(600))).toBe(630);
    expect(dueMinutes(alert({ rev: 1 }, shown), at(600))).toBeNull();
  });

  it("what people must know at once is drawn at once", () => {
    const worse = alert({ rev: 2, loudRev: 2, severity: "critical" }, shown);
    expect(dueMinutes(worse, at(0))).toBeCloseTo(1 / 60);
  });

  it("what is over before it was begun is not told, what was begun is told to the end", () => {
    const over = {
      ...({ kind: "resolved", at: at(1).toISOString(), how: "ended", by: null, detail: "" } as const),
    };
    expect(dueMinutes(alert({ state: over, rev: 2, loudRev: 2 }, { place: OWN }), at(1))).toBeNull();
    const begun = { place: OWN, at: at(0).toISOString(), rev: 1 };
    expect(dueMinutes(alert({ state: over, rev: 2, loudRev: 2 }, begun), at(1))).toBe(1);
  });

  it("replies when it gets worse, and about repeats only now and then", () => {
    expect(noteDue(alert({ severity: "critical" }, shown), null, at(0))).toMatchObject({
      kind: "worse",
      broadcast: true,
    });
    const repeated = alert({ count: 40 }, shown);
    expect(noteDue(repeated, null, at(9))).toBeNull();
    expect(noteDue(repeated, null, at(10))).toMatchObject({ kind: "repeated", broadcast: false, more: 39 });
    expect(
      noteDue(
        alert({ count: 40 }, { ...shown, told: { ...told, at: at(600).toISOString() } }),
        null,
        at(620),
      ),
    ).toBeNull();
    // Other figures in the same sentence are no news.
    expect(noteDue(alert({ detail: "d 245" }, shown), null, at(60))).toBeNull();
    expect(noteDue(alert({ detail: "something else" }, shown), null, at(60))).toMatchObject({
      kind: "repeated",
    });
  });

  it("keeps replies back during quiet hours, critical ones excepted", () => {
    const lapsed = alert({ lapses: 1 }, shown);
    expect(noteDue(lapsed, quiet, at(1))).toBeNull();
    expect(noteDue(lapsed, null, at(1))).toMatchObject({ kind: "lapsed", broadcast: true });
    expect(noteDue(alert({ lapses: 1, severity: "critical" }, shown), quiet, at(1))).toMatchObject({
      kind: "worse",
    });
    expect(noteDue(alert({ lapses: 1, severity: "critical" }, shown), closed, at(1))).toBeNull();
  });
});

describe("a message for many", () => {
  const over = { kind: "resolved", at: at(5).toISOString(), how: "ended", by: null, detail: "" } as const;
  const critical = (change: Partial<AlertRecord> = {}) => alert({ severity: "critical", ...change });
  const toldOf = (members: AlertRecord[]): AlertGroup => ({
    ...{ ...storm, card: { channel: "C1", ts: "1.1" } },
    told: { ...groupTally(members), at: at(0).toISOString(), no: 0 },
  });

  it("says in its thread that a critical one joined or came back, for an edit wakes nobody", () => {
    const group = toldOf([critical(), alert()]);
    const due = (...members: AlertRecord[]) => groupNoteDue(group, members, { hold: null, now: at(9) });
    expect(due(critical(), alert())).toBeNull();
    expect(due(critical(), alert({ returns: 1 }), alert())).toBeNull();
    expect(due(critical(), critical({ id: "b" }), alert())).toEqual({ critical: 1, lapsed: 0 });
    expect(due(critical({ returns: 1 }), alert({ state: over }))).toEqual({ critical: 1, lapsed: 0 });
    expect(due(critical({ returns: 1, state: over }), alert())).toBeNull();
  });

  it("says it during quiet hours too, and holds it back during a maintenance", () => {
    const group = toldOf([alert()]);
    const due = (hold: Hold) => groupNoteDue(group, [critical()], { hold, now: at(9) });
    expect(due(quiet)).toEqual({ critical: 1, lapsed: 0 });
    expect(due(closed)).toBeNull();
  });
});

describe("quiet hours", () => {
  const window = { from: "22:00", to: "07:00" };

  it("run over midnight, in the time zone's own hours", () => {
    const end = windowEnd("Europe/Berlin", new Date("2026-11-20T21:30:00Z"), window);
    expect(end?.toISOString()).toBe("2026-11-21T06:00:00.000Z");
    expect(windowEnd("Europe/Berlin", new Date("2026-11-20T20:59:00Z"), window)).toBeNull();
    expect(windowEnd("Europe/Berlin", new Date("2026-11-21T06:00:00Z"), window)).toBeNull();
    expect(windowEnd("UTC", new Date("2026-11-20T12:30:00Z"), { from: "12:00", to: "13:00" })).not.toBeNull();
  });

  it("end at the right moment in the night the clocks change", () => {
    const end = windowEnd("Europe/Berlin", new Date("2026-03-28T23:00:00Z"), window);
    expect(end?.toISOString()).toBe("2026-03-29T05:00:00.000Z");
  });

  it("morning is the next nine o'clock there", () => {
    expect(nextAt("America/New_York", new Date("2026-11-20T13:59:00Z"), "09:00").toISOString()).toBe(
      "2026-11-20T14:00:00.000Z",
    );
    expect(nextAt("America/New_York", new Date("2026-11-20T14:00:00Z"), "09:00").toISOString()).toBe(
      "2026-11-21T14:00:00.000Z",
    );
  });
});
