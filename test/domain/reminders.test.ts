import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calendarOf, DAY_MS, HOUR_MS, MINUTE_MS, weekdayOf } from "../../src/domain/calendar.ts";
import {
  dueReminder,
  LEAST_NOTICE_MS,
  MARKS,
  type Mark,
  markMoment,
  type Waiting,
} from "../../src/domain/reminders.ts";
import {
  isWorkTime,
  nextWorkTime,
  readWorkingHours,
  type WorkingHours,
  type Workplace,
} from "../../src/domain/working-hours.ts";

const at = (text: string) => new Date(text);
const OFFICE: WorkingHours = { days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00" };
const berlin: Workplace = { timezone: "Europe/Berlin", hours: OFFICE };

describe("WORKING_HOURS", () => {
  it.each([
    ["Mon-Fri 09:00-18:00", OFFICE],
    ["mon-fri 9:00–18:00", OFFICE],
    ["Sun, Tue-Thu 08:30-17:00", { days: [0, 2, 3, 4], from: "08:30", to: "17:00" }],
    ["Fri-Mon 00:00-24:00", { days: [0, 1, 5, 6], from: "00:00", to: "24:00" }],
  ])("%s is read", (text, hours) => expect(readWorkingHours(text)).toEqual(hours));

  it.each(["", "Mon-Fri", "09:00-18:00", "Mon-Fri 18:00-09:00", "Mon-Fri 9-18", "Mo-Fr 09:00-18:00"])(
    "%o is refused",
    (text) => expect(readWorkingHours(text)).toBeNull(),
  );
  it.each(["Mon-Fri 09:00-25:00", "Mon--Fri 09:00-18:00", "Mon-Wed-Fri 09:00-18:00", "Mon-Fri 09:00-09:00"])(
    "%o is refused",
    (text) => expect(readWorkingHours(text)).toBeNull(),
  );
});

describe("work time", () => {
  it("begins again on Monday, whatever the clocks did on Sunday", () => {
    // Back by an hour on Sunday 25 October 2026, ahead by one on Sunday 28 March 2027.
    expect(nextWorkTime(berlin, at("2026-10-23T16:00Z"))).toEqual(at("2026-10-26T08:00Z"));
    expect(nextWorkTime(berlin, at("2027-03-26T17:00Z"))).toEqual(at("2027-03-29T07:00Z"));
  });

  it("does not begin on a day on which the clocks skip all of it", () => {
    const nightly = {
      timezone: "Europe/Berlin",
      hours: { days: [0, 1, 2, 3, 4, 5, 6], from: "02:00", to: "02:30" },
    };
    expect(nextWorkTime(nightly, at("2027-03-27T12:00Z"))).toEqual(at("2027-03-29T00:00Z"));
  });
});

describe("a reminder", () => {
  /** A week, from Friday noon. */
  const week = { createdAt: "2026-11-20T12:00:00.000Z", expiresAt: "2026-11-27T12:00:00.000Z", said: [] };
  const utc: Workplace = { timezone: "UTC", hours: OFFICE };

  it("is due at half of the time, and again when nine tenths are over", () => {
    expect(dueReminder(week, at("2026-11-23T23:59:59Z"), { ...utc, hours: null })).toBeNull();
    expect(dueReminder(week, at("2026-11-24T00:00Z"), { ...utc, hours: null })).toEqual({
      mark: 50,
      covers: [],
    });
    // 90 % is on Thursday at 19:12: said on Friday at nine, three hours before the end.
    const later = { ...week, said: [50] };
    expect(dueReminder(later, at("2026-11-26T19:12Z"), utc)).toBeNull();
    expect(dueReminder(later, at("2026-11-27T09:00Z"), utc)).toEqual({ mark: 90, covers: [] });
  });

  it("waits for the morning", () => {
    expect(dueReminder(week, at("2026-11-24T08:59Z"), utc)).toBeNull();
    expect(dueReminder(week, at("2026-11-24T09:00Z"), utc)).toEqual({ mark: 50, covers: [] });
  });

  it("does not wait for a morning that comes too late", () => {
    // From Friday 20:00 to Sunday 20:00: the next work time is on Monday.
    const weekend = { createdAt: "2026-11-20T20:00:00Z", expiresAt: "2026-11-22T20:00:00Z", said: [] };
    expect(dueReminder(weekend, at("2026-11-21T19:59Z"), utc)).toBeNull();
    expect(dueReminder(weekend, at("2026-11-21T20:00Z"), utc)).toEqual({ mark: 50, covers: [] });
  });

  it("stands for the one that nobody was there to say", () => {
    expect(dueReminder(week, at("2026-11-27T10:00Z"), utc)).toEqual({ mark: 90, covers: [50] });
  });

  it("is not said any more when the time is over", () => {
    expect(dueReminder(week, at("2026-11-27T12:00Z"), utc)).toBeNull();
  });
});

const zone = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/St_Johns",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
);
const time = (from: number, to: number) =>
  fc
    .integer({ min: from * 2, max: to * 2 })
    .map((half) => `${String(half >> 1).padStart(2, "0")}:${half % 2 ? "30" : "00"}`);
const hours = fc.record({
  days: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
  from: time(4, 11),
  to: time(12, 24),
});
const place: fc.Arbitrary<Workplace> = fc.record({ timezone: zone, hours: fc.option(hours) });
const minute = fc.integer({ min: Date.UTC(2026, 0, 1) / MINUTE_MS, max: Date.UTC(2028, 0, 1) / MINUTE_MS });
const span = fc
  .record({ start: minute, ttlHours: fc.integer({ min: 1, max: 900 }) })
  .map(({ start, ttlHours }) => ({
    createdAt: new Date(start * MINUTE_MS).toISOString(),
    expiresAt: new Date(start * MINUTE_MS + ttlHours * HOUR_MS).toISOString(),
  }));

/** What somebody hears when the bot looks every `everyMs`, starting `downMs` late. */
function heard(input: { span: Omit<Waiting, "said">; place: Workplace; everyMs: number; downMs: number }) {
  const { createdAt, expiresAt } = input.span;
  const said: Mark[] = [];
  const marks: { mark: Mark; at: Date }[] = [];
  for (
    let ms = Date.parse(createdAt) + input.downMs;
    ms <= Date.parse(expiresAt) + DAY_MS;
    ms += input.everyMs
  ) {
    const now = new Date(ms);
    const due = dueReminder({ ...input.span, said }, now, input.place);
    if (due === null) continue;
    marks.push({ mark: due.mark, at: now });
    said.push(due.mark, ...due.covers);
  }
  return marks;
}

describe("reminders of any decision, at any place", () => {
  const looks = fc.record({
    span,
    place,
    everyMs: fc.integer({ min: 1, max: 12 }).map((n) => n * 10 * MINUTE_MS),
    downMs: fc.integer({ min: 0, max: 400 }).map((n) => n * HOUR_MS),
  });

  it("are said once per mark, in order, after the mark and before the end", () => {
    fc.assert(
      fc.property(looks, (input) => {
        const marks = heard(input);
        expect(marks.map(({ mark }) => mark)).toEqual([...new Set(marks.map(({ mark }) => mark))].sort());
        for (const { mark, at: moment } of marks) {
          expect(moment.getTime()).toBeGreaterThanOrEqual(markMoment(input.span, mark).getTime());
          expect(moment.getTime()).toBeLessThan(Date.parse(input.span.expiresAt));
        }
        expect(new Set(marks.map(({ at: moment }) => moment.getTime())).size).toBe(marks.length);
      }),
      { numRuns: 25 },
    );
  });

  it("come outside work time only when the next one would be too late", () => {
    fc.assert(
      fc.property(looks, (input) => {
        for (const { at: moment } of heard(input)) {
          if (isWorkTime(input.place, moment)) continue;
          const opening = nextWorkTime(input.place, moment).getTime();
          expect(opening).toBeGreaterThan(Date.parse(input.span.expiresAt) - LEAST_NOTICE_MS);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("always come, when the bot looks often enough", () => {
    fc.assert(
      fc.property(span, place, (given, where) => {
        const marks = heard({ span: given, place: where, everyMs: 5 * MINUTE_MS, downMs: 0 });
        expect(marks.at(-1)?.mark).toBe(MARKS.at(-1));
      }),
      { numRuns: 25 },
    );
  });

  it("wait for the first work time there is", () => {
    fc.assert(
      fc.property(minute, zone, hours, (start, timezone, open) => {
        const where = { timezone, hours: open };
        const from = new Date(start * MINUTE_MS);
        const opening = nextWorkTime(where, from);
        expect(isWorkTime(where, opening)).toBe(true);
        const { date } = calendarOf(timezone).localOf(opening);
        expect(open.days).toContain(weekdayOf(date));
        for (let ms = from.getTime(); ms < opening.getTime(); ms += 30 * MINUTE_MS)
          expect(isWorkTime(where, new Date(ms))).toBe(false);
      }),
      { numRuns: 25 },
    );
  });
});
