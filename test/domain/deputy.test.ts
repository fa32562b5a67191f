import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decidersOf } from "../../src/domain/approval.ts";
import { addDays } from "../../src/domain/calendar.ts";
import type { Approval, Person } from "../../src/domain/decision.ts";
import { decide } from "../../src/domain/decision-machine.ts";
import {
  type Deputyship,
  endOfDay,
  principalsOf,
  readDeputyRequest,
  type VoteSoFar,
} from "../../src/domain/deputy.ts";
import { deciderFrom, deciderName } from "../../src/notion/decisions.ts";
import { decision } from "../fixtures/decision.ts";
import { choose } from "./decision-moves.ts";

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
    const open = { requestedBy: null, voters: [], selfApproval: "warn" } as const;
    const ids = (slackId: string, soFar: Partial<VoteSoFar> = {}) =>
      principalsOf(all, slackId, { ...open, ...soFar }).map(({ person }) => person.slackId);
    expect(ids("U3")).toEqual(["U1", "U2"]);
    expect(ids("U3", { requestedBy: "U2" })).toEqual(["U2", "U1"]);
    expect(ids("U5")).toEqual([]);
    // Not where nothing that is approved for them would count.
    expect(ids("U3", { requestedBy: "U1", selfApproval: "forbid" })).toEqual(["U2", "U1"]);
    expect(ids("U3", { voters: [{ slackId: "U1", name: "Dana" }] })).toEqual(["U2", "U1"]);
    const deputy = { slackId: "U4", name: "Lee", for: { slackId: "U1", name: "Dana" } };
    expect(ids("U3", { requestedBy: "U1", voters: [deputy] })).toEqual(["U2", "U1"]);
  });

  test("begins with one for whom an approval counts, if there is any", () => {
    const id = fc.constantFrom("U1", "U2", "U3", "U4", "U5");
    const named = (slackId: string) => ({ slackId, name: slackId });
    const voter = fc.oneof(
      id.map((slackId): Person => named(slackId)),
      fc.tuple(id, id).map(([slackId, lent]): Person => ({ ...named(slackId), for: named(lent) })),
    );
    const lent = fc.tuple(id, id).map(([deputy, principal]) => standsIn(deputy, principal));
    const rules = fc.record({
      selfApproval: fc.constantFrom("allow" as const, "warn" as const, "forbid" as const),
      ...{ approvalsRequiredHigh: fc.constantFrom(1, 2), undoSeconds: fc.constant(0) },
    });
    const first = fc.option(voter);
    fc.assert(
      fc.property(fc.array(lent), fc.option(id), first, rules, (orders, requestedBy, by, given) => {
        const approvals = by === null ? [] : [{ by, at: TODAY, planHash: decision().hash }];
        const known = decision({ expiresAt: null, requestedBy, approvals });
        const soFar = { requestedBy, voters: approvals.map((one) => one.by), ...given };
        const found = principalsOf(orders, "U3", soFar);
        expect(found.every(({ person }) => person.slackId !== "U3")).toBe(true);
        const counts = found.map(({ person }) => {
          const made = decide(known, choose(known, { ...named("U3"), for: person }), given);
          return made.result.kind === "accepted" || made.result.kind === "counted";
        });
        if (counts.includes(true)) expect(counts[0]).toBe(true);
        // What is marked as of no use is refused by the rules of voting.
        if (given.approvalsRequiredHigh > 1)
          for (const [index, { isOfUse }] of found.entries()) if (!isOfUse) expect(counts[index]).toBe(false);
      }),
      { numRuns: 500 },
    );
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
});

describe("two who approved", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[()]/.test(text));
  const slackId = fc.stringMatching(/^U[A-Z0-9]{1,10}$/);
  const by: fc.Arbitrary<Person> = fc.oneof(
    fc.record({ slackId, name }),
    fc.record({ slackId, name, for: fc.record({ slackId, name }) }),
  );
  const how = fc.constantFrom(
    {},
    { selfApproved: true as const },
    { breakGlass: { reason: "Nobody is there" } },
  );
  const approval = fc.tuple(by, how).map(([who, way]) => ({ by: who, at: TODAY, planHash: "h", ...way }));
  const outcomeOf = (approvals: Approval[]) => ({
    by: approvals.at(-1)?.by ?? { slackId: null, name: "" },
    selfApproved: approvals.some((one) => one.selfApproved),
    ...(approvals.some((one) => one.breakGlass) && { breakGlass: true as const }),
  });

  test("are both named in their order, and read back", () => {
    fc.assert(
      fc.property(fc.array(approval, { minLength: 2, maxLength: 3 }), (approvals) => {
        const outcome = outcomeOf(approvals);
        const { voters, ...decider } = deciderFrom(deciderName({ ...outcome, approvals }));
        expect(decider).toEqual(outcome);
        expect(voters).toEqual(approvals.map((one) => outcomeOf([one])));
      }),
    );
    const asker = { slackId: "U3", name: "Sam" };
    const lee = { slackId: "U1", name: "Lee Park", for: { slackId: "U2", name: "Dana Reyes" } };
    const approvals = [
      { by: asker, at: TODAY, planHash: "h", breakGlass: { reason: "Nobody is there" } },
      { by: lee, at: TODAY, planHash: "h" },
    ];
    expect(deciderName({ ...outcomeOf(approvals), approvals })).toBe(
      "Sam (U3), own request by break-glass, and Lee Park (U1) for Dana Reyes (U2)",
    );
  });

  test("are not made of one by what they call themselves", () => {
    const words = deciderName({ by: { slackId: "U1", name: "Dana (U2) and Lee" }, selfApproved: false });
    expect(words).toBe("Dana [U2] and Lee (U1)");
    expect(deciderFrom(words)).not.toHaveProperty("voters");
  });

  test.each([
    [", after whoever asked for it", { selfApproved: true }],
    [", after whoever asked for it by break-glass", { selfApproved: false, breakGlass: true }],
  ])("of whom an older version named the last alone: %s", (words, way) => {
    expect(deciderFrom(`Lee (U1)${words}`)).toEqual({ by: { slackId: "U1", name: "Lee" }, ...way });
  });
});
