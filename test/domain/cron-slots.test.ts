import fc from "fast-check";
import { createTask } from "node-cron";
import { describe, expect, it } from "vitest";
import { addDays, calendarOf, daysBetween } from "../../src/domain/calendar.ts";
import { slotsBetween } from "../../src/domain/cron-slots.ts";

const at = (text: string) => new Date(text);

describe("slots of a cron expression", () => {
  it("come on weekdays at eight, local time, summer and winter", () => {
    const daily = { cron: "0 8 * * 1-5", timezone: "Europe/Berlin" };
    // The clocks go back on Sunday 25 October 2026.
    const slots = slotsBetween(daily, { after: at("2026-10-23T00:00Z"), until: at("2026-10-27T23:59Z") });
    expect(slots).toEqual([
      { local: "2026-10-23T08:00", at: "2026-10-23T06:00:00.000Z" },
      { local: "2026-10-26T08:00", at: "2026-10-26T07:00:00.000Z" },
      { local: "2026-10-27T08:00", at: "2026-10-27T07:00:00.000Z" },
    ]);
  });

  it("come after the gap on the day the clocks skip them", () => {
    const nightly = { cron: "30 2 * * *", timezone: "Europe/Berlin" };
    const slots = slotsBetween(nightly, { after: at("2027-03-27T12:00Z"), until: at("2027-03-29T12:00Z") });
    expect(slots).toEqual([
      { local: "2027-03-28T02:30", at: "2027-03-28T01:30:00.000Z" },
      { local: "2027-03-29T02:30", at: "2027-03-29T00:30:00.000Z" },
    ]);
  });

  it("come once on the day the clocks repeat them", () => {
    const nightly = { cron: "30 2 * * *", timezone: "Europe/Berlin" };
    const slots = slotsBetween(nightly, { after: at("2026-10-24T12:00Z"), until: at("2026-10-25T12:00Z") });
    expect(slots).toEqual([{ local: "2026-10-25T02:30", at: "2026-10-25T00:30:00.000Z" }]);
  });

  it("leave out the start and include the end", () => {
    const daily = { cron: "0 8 * * *", timezone: "UTC" };
    const range = { after: at("2026-11-20T08:00Z"), until: at("2026-11-21T08:00Z") };
    expect(slotsBetween(daily, range).map((slot) => slot.local)).toEqual(["2026-11-21T08:00"]);
  });

  it("go back 15 days at most, however long nobody looked", () => {
    const daily = { cron: "0 8 * * *", timezone: "UTC" };
    const slots = slotsBetween(daily, { after: at("2020-01-01T00:00Z"), until: at("2026-11-21T09:00Z") });
    expect(slots).toHaveLength(15);
    expect(slots.at(-1)?.local).toBe("2026-11-21T08:00");
  });

  const minute = fc.constantFrom("0", "30", "*/15", "5-50/20", "7,8");
  const hour = fc.constantFrom("*", "8", "8-18/3", "22,5", "*/7");
  const dayOfMonth = fc.constantFrom("*", "*", "1-15", "*/2");
  const month = fc.constantFrom("*", "*", "1-6", "11,12");
  const weekday = fc.constantFrom("*", "1-5", "0", "7", "1,3");
  const cron = fc.tuple(minute, hour, dayOfMonth, month, weekday).map((fields) => fields.join(" "));
  const moment = fc.integer({ min: Date.UTC(2025, 0, 1) / 60_000, max: Date.UTC(2028, 0, 1) / 60_000 });

  it("are the minutes that node-cron would fire in, where the clocks stand still", () => {
    fc.assert(
      fc.property(cron, moment, (expression, start) => {
        const timezone = "Asia/Kolkata";
        const task = createTask(expression, () => undefined, { timezone });
        const after = new Date(start * 60_000);
        const until = new Date((start + 300) * 60_000);
        const minutes = Array.from({ length: 300 }, (_, index) => new Date((start + 1 + index) * 60_000));
        const fired = minutes.filter((one) => task.match(one)).map((one) => one.toISOString());
        expect(slotsBetween({ cron: expression, timezone }, { after, until }).map((slot) => slot.at)).toEqual(
          fired,
        );
        void task.destroy();
      }),
      { numRuns: 60 },
    );
  });

  it("do not depend on how often somebody looks, clock changes included", () => {
    const zone = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC");
    // Around the changes of spring and autumn, in both hemispheres.
    const start = fc.constantFrom(
      "2026-03-06",
      "2026-03-27",
      "2026-04-03",
      "2026-10-02",
      "2026-10-23",
      "2026-10-30",
    );
    fc.assert(
      fc.property(
        cron,
        zone,
        start,
        fc.array(fc.integer({ min: 1, max: 4 * 1440 })),
        (expression, timezone, day, cuts) => {
          const from = at(`${day}T00:00Z`).getTime();
          const marks = [0, ...cuts.toSorted((a, b) => a - b), 4 * 1440].map(
            (m) => new Date(from + m * 60_000),
          );
          const schedule = { cron: expression, timezone };
          const pieces = marks.slice(1).flatMap((until, index) => {
            const after = marks[index] ?? until;
            return slotsBetween(schedule, { after, until });
          });
          const whole = slotsBetween(schedule, {
            after: new Date(from),
            until: new Date(from + 4 * 1440 * 60_000),
          });
          expect(pieces).toEqual(whole);
          expect(new Set(whole.map((slot) => slot.local)).size).toBe(whole.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the calendar", () => {
  it("finds the moment of every local time that it shows", () => {
    const zone = fc.constantFrom("Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe");
    fc.assert(
      fc.property(zone, fc.integer({ min: 25_000_000, max: 31_000_000 }), (timezone, minute) => {
        const calendar = calendarOf(timezone);
        const local = calendar.localOf(new Date(minute * 60_000));
        const found = calendar.momentOf(local);
        expect(calendar.localOf(found)).toEqual(local);
        // The first, when the clocks show it twice.
        expect(found.getTime()).toBeLessThanOrEqual(minute * 60_000);
      }),
    );
  });

  it("counts days over the ends of months, years and summers", () => {
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2028-03-01", -1)).toBe("2028-02-29");
    expect(daysBetween("2026-03-28", "2026-03-30")).toBe(2);
  });
});
