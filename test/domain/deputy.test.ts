import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decidersOf } from "../../src/domain/approval.ts";
import { addDays } from "../../src/domain/calendar.ts";
import type { Person } from "../../src/domain/decision.ts";
import { type Deputyship, endOfDay, principalsOf, readDeputyRequest } from "../../src/domain/deputy.ts";
import { deciderFrom, deciderName } from "../../src/notion/decisions.ts";

const TODAY = "2026-11-21";

describe("what was typed", () => {
  test.each([
    ["", { kind: "show" }],
    ["  ", { kind: "show" }],
    ["off", { kind: "off" }],
    ["OFF.", { kind: "off" }],
    ["@lee until 2026-11-21", { kind: "name", lastDay: "2026-11-21" }],
    ["@lee until 2026-12-24.", { kind: "name", lastDay: "2026-12-24" }],
    ["until 2027-11-22 @lee", { kind: "name", lastDay: "2027-11-22" }],
    ["@lee until 2027-11-23", { kind: "problem", problem: "too-far" }],
    ["@lee until 2026-11-20", { kind: "problem", problem: "past" }],
    ["@lee until 2027-02-29", { kind: "problem", problem: "no-such-day" }],
    ["@lee until 2027-13-01", { kind: "problem", problem: "no-such-day" }],
    ["@lee until 24.12.2026", { kind: "problem", problem: "no-day" }],
    ["@lee until 12026-12-24", { kind: "problem", problem: "no-day" }],
    ["@lee 2026-12-01 to 2026-12-24", { kind: "problem", problem: "several-days" }],
    ["@office", { kind: "problem", problem: "no-day" }],
  ])("%s", (typed, request) => {
    expect(readDeputyRequest(typed, TODAY)).toEqual(request);
  });

  test("is read whatever it is, and names only days from today on", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (typed) => {
        const request = readDeputyRequest(typed, TODAY);
        if (request.kind === "name") expect(request.lastDay >= TODAY).toBe(true);
      }),
    );
    const tail = fc.integer({ min: -900, max: 900 });
    fc.assert(
      fc.property(tail, (days) => {
        const request = readDeputyRequest(`@lee ${addDays(TODAY, days)}`, TODAY);
        expect(request.kind === "name").toBe(days >= 0 && days <= 366);
      }),
    );
  });
});

test.each([
  ["2026-12-24", "UTC", "2026-12-25T00:00:00.000Z"],
  ["2026-12-24", "Europe/Berlin", "2026-12-24T23:00:00.000Z"],
  // The clocks change on that day, or the next one begins with the gap.
  ["2026-10-25", "Europe/Berlin", "2026-10-25T23:00:00.000Z"],
  ["2026-03-28", "Asia/Beirut", "2026-03-28T22:00:00.000Z"],
  ["2026-12-31", "Pacific/Kiritimati", "2026-12-31T10:00:00.000Z"],
])("%s in %s ends at %s", (day, timezone, end) => {
  expect(endOfDay(day, timezone)).toBe(end);
});

describe("whom somebody stands in for", () => {
  const standsIn = (deputy: string, principal: string): Deputyship => ({
    ...{ id: "x", lastDay: TODAY, endsAt: `${TODAY}T23:00:00Z` },
    ...{ deputy: { slackId: deputy, name: deputy }, principal: { slackId: principal, name: principal } },
  });
  const all = [standsIn("U3", "U1"), standsIn("U3", "U2"), standsIn("U4", "U1"), standsIn("U3", "U3")];

  test("puts whoever asked first, and never oneself", () => {
    expect(principalsOf(all, "U3", null).map(({ slackId }) => slackId)).toEqual(["U1", "U2"]);
    expect(principalsOf(all, "U3", "U2").map(({ slackId }) => slackId)).toEqual(["U2", "U1"]);
    expect(principalsOf(all, "U5", null)).toEqual([]);
  });
});

describe("who decides what", () => {
  const lists = { approvers: ["U1", "S1"], approversHigh: ["U2"] };

  test.each([
    [{ impact: 7.9, escalatedTo: [] }, lists, ["U1", "S1"], false],
    [{ impact: 8, escalatedTo: [] }, lists, ["U2"], true],
    [{ impact: 10, escalatedTo: ["U3", "U2"] }, lists, ["U2", "U3"], true],
    [{ impact: 10, escalatedTo: [] }, { ...lists, approversHigh: [] }, ["U1", "S1"], false],
    [{ impact: 2, escalatedTo: [] }, { approvers: [], approversHigh: ["U2"] }, [], false],
    [null, lists, ["U1", "S1", "U2"], false],
  ])("%j", (atStake, given, list, isNarrow) => {
    expect(decidersOf(atStake, given)).toEqual({ list, isNarrow });
  });
});

test("who decided is read back from what Notion keeps, deputies and broken glass included", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[()]/.test(text));
  const slackId = fc.stringMatching(/^U[A-Z0-9]{1,10}$/);
  const person: fc.Arbitrary<Person> = fc.oneof(
    fc.record({ slackId, name }),
    fc.record({ slackId, name, for: fc.record({ slackId, name }) }),
  );
  const how = fc.constantFrom(
    { selfApproved: false },
    { selfApproved: true },
    { selfApproved: false, breakGlass: true as const },
  );
  fc.assert(
    fc.property(person, how, (by, way) => {
      expect(deciderFrom(deciderName({ by, ...way }))).toEqual({ by, ...way });
    }),
  );
  const by = { slackId: "U1", name: "Lee Park", for: { slackId: "U2", name: "Dana Reyes" } };
  expect(deciderName({ by, selfApproved: false })).toBe("Lee Park (U1) for Dana Reyes (U2)");
  // Of two who approved, the one who broke the glass is not the one who came last.
  const approval = { at: "2026-11-21T12:00:00Z", planHash: "h" };
  const asker = {
    ...approval,
    by: { slackId: "U3", name: "Sam" },
    breakGlass: { reason: "Nobody is there" },
  };
  const two = { by, selfApproved: false, breakGlass: true as const, approvals: [asker, { ...approval, by }] };
  const words = deciderName(two);
  expect(words).toBe("Lee Park (U1) for Dana Reyes (U2), after whoever asked for it by break-glass");
  expect(deciderFrom(words)).toEqual({ by, selfApproved: false, breakGlass: true });
});
