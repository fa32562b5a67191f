import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationWords, readDuration } from "../../src/domain/duration.ts";
import { readMaintenanceOrder } from "../../src/domain/maintenance.ts";

const MINUTE = 60_000;

describe("a duration that somebody types", () => {
  it.each([
    ["30m", 30, ""],
    ["2h", 120, ""],
    ["1h30m", 90, ""],
    ["1H 30M", 90, ""],
    ["24h", 1440, ""],
    ["90m moving house", 90, "moving house"],
    ["1h 30 new desks", 60, "30 new desks"],
    ["  5m   two  words ", 5, "two  words"],
  ])("%j is %i minutes and leaves %j", (text, minutes, rest) => {
    expect(readDuration(text)).toEqual({ kind: "duration", ms: minutes * MINUTE, rest });
  });

  it.each([
    ["30", '"30" has no unit: write 30m or 30h'],
    ["30min for tea", '"30min" cannot be read: write 30m'],
    ["2hours", '"2hours" cannot be read: write 2h'],
    ["1d", '"1d" cannot be read: write hours, at most 24h'],
    ["25h", '"25h" is more than 24 hours: write at most 24h'],
    ["24h1m", '"24h1m" is more than 24 hours: write at most 24h'],
    ["0m", '"0m" is no time at all: write at least 1m'],
    ["1.5h", '"1.5h" is not a duration: write it like 30m, 2h or 1h30m'],
    ["m", '"m" is not a duration: write it like 30m, 2h or 1h30m'],
    ["-5m", '"-5m" is not a duration: write it like 30m, 2h or 1h30m'],
    ["tomorrow", '"tomorrow" is not a duration: write it like 30m, 2h or 1h30m'],
    ["", '"" is not a duration: write it like 30m, 2h or 1h30m'],
  ])("%j is refused with the fix", (text, problem) => {
    expect(readDuration(text)).toEqual({ kind: "problem", problem });
  });

  it("is read back from its own words, whatever the length up to a day", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 * 60 }), (minutes) => {
        const typed = durationWords(minutes * MINUTE)
          .replace(" h", "h")
          .replace(" min", "m");
        expect(readDuration(`${typed} because`)).toEqual({
          kind: "duration",
          ms: minutes * MINUTE,
          rest: "because",
        });
      }),
    );
  });

  it("is never below a minute or above a day, whatever is typed", () => {
    const typed = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc
        .tuple(fc.nat(2_000_000), fc.constantFrom("m", "h", " h", "x"), fc.string())
        .map(([amount, unit, rest]) => `${amount}${unit} ${rest}`),
    );
    fc.assert(
      fc.property(typed, (text) => {
        const read = readDuration(text);
        if (read.kind === "problem") expect(read.problem.length).toBeLessThan(120);
        else {
          expect(read.ms).toBeGreaterThanOrEqual(MINUTE);
          expect(read.ms).toBeLessThanOrEqual(24 * 60 * MINUTE);
        }
      }),
    );
  });
});

describe("what follows /emm maintenance", () => {
  it.each(["", "status", " Status "])("%j asks how things are", (text) => {
    expect(readMaintenanceOrder(text)).toEqual({ kind: "status" });
  });

  it.each(["off", "OFF", "end", "stop"])("%j ends it", (text) => {
    expect(readMaintenanceOrder(text)).toEqual({ kind: "end" });
  });

  it("a time and a reason begin it", () => {
    expect(readMaintenanceOrder("1h30m moving\n the   databases")).toEqual({
      kind: "begin",
      durationMs: 90 * MINUTE,
      reason: "moving the databases",
    });
  });

  it.each([
    ["30m", /a reason is missing: write why after the time/],
    [`30m ${"x".repeat(301)}`, /the reason has 301 characters: write at most 300/],
    ["moving databases", /"moving" is not a duration/],
    ["off now", /"off" is not a duration/],
  ])("%j is refused with the fix", (text, problem) => {
    expect(readMaintenanceOrder(text)).toEqual({
      kind: "problem",
      problem: expect.stringMatching(problem),
    });
  });
});
