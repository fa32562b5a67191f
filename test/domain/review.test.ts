import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../src/domain/calendar.ts";
import {
  dueReview,
  involvedIn,
  REVIEW_OPEN_DAYS,
  type Review,
  reviewEnd,
  reviewedOutcome,
} from "../../src/domain/review.ts";
import { isWorkTime, type Workplace } from "../../src/domain/working-hours.ts";
import { decision, outcome } from "../fixtures/decision.ts";

const DECIDED = "2026-11-20T12:00:00.000Z";
const ALWAYS: Workplace = { timezone: "UTC", hours: null };
const OFFICE: Workplace = {
  timezone: "Europe/Berlin",
  hours: { days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00" },
};
const daysOn = (days: number, hours = 0) => new Date(Date.parse(DECIDED) + days * DAY_MS + hours * HOUR_MS);

function due(now: Date, { asked = [] as number[], afterDays = [30, 90], place = ALWAYS } = {}) {
  return dueReview({ decidedAt: DECIDED, asked }, now, { place, afterDays });
}

describe("a review", () => {
  it("is due from its day on, for two weeks, and never twice", () => {
    expect(due(daysOn(29, 23))).toBeNull();
    expect(due(daysOn(30))).toBe(30);
    expect(due(daysOn(30), { asked: [30] })).toBeNull();
    expect(due(daysOn(43, 23))).toBe(30);
    expect(due(daysOn(44))).toBeNull();
    expect(due(daysOn(90), { asked: [30] })).toBe(90);
    expect(due(daysOn(400))).toBeNull();
  });

  it("stands for an earlier one that was missed", () => {
    expect(due(daysOn(36), { afterDays: [30, 35] })).toBe(35);
    expect(due(daysOn(36), { afterDays: [30, 35], asked: [35] })).toBeNull();
  });

  it("is off without days", () => expect(due(daysOn(30), { afterDays: [] })).toBeNull());

  it("waits for work to begin", () => {
    // 20 December 2026 is a Sunday.
    expect(due(daysOn(30), { place: OFFICE })).toBeNull();
    expect(due(new Date("2026-12-21T08:00:00Z"), { place: OFFICE })).toBe(30);
    expect(due(new Date("2026-12-21T17:00:00Z"), { place: OFFICE })).toBeNull();
  });

  it("is only asked for in work time, once, whenever polls come", () => {
    const polls = fc.array(fc.integer({ min: 0, max: 130 * 24 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(polls, (hours) => {
        const asked: number[] = [];
        for (const hour of hours.toSorted((a, b) => a - b)) {
          const now = daysOn(0, hour);
          const days = due(now, { asked, place: OFFICE });
          if (days === null) continue;
          expect(isWorkTime(OFFICE, now)).toBe(true);
          expect(asked).not.toContain(days);
          expect(hour).toBeGreaterThanOrEqual(days * 24);
          expect(hour).toBeLessThan((days + REVIEW_OPEN_DAYS) * 24);
          asked.push(days);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("ends without an answer when its time is over, and at once when the decision was reopened", () => {
    const review: Pick<Review, "endsAt"> = { endsAt: daysOn(44).toISOString() };
    const [standing, reopened] = [true, false];
    expect(reviewEnd(review, standing, daysOn(43))).toBeNull();
    expect(reviewEnd(review, standing, daysOn(44))).toBe("unanswered");
    expect(reviewEnd(review, reopened, daysOn(31))).toBe("dropped");
  });

  it("is about what was carried out and stands", () => {
    const recorded = (verdict: "approved" | "edited" | "rejected" | "expired" | "withdrawn") =>
      decision({
        state: {
          kind: "recorded",
          outcome: outcome({ verdict }),
          recordedAt: DECIDED,
          taskCount: 0,
          projectUrl: null,
          acceptanceRate: 1,
        },
      });
    expect(reviewedOutcome(recorded("approved"), [])).not.toBeNull();
    expect(reviewedOutcome(recorded("edited"), [])).not.toBeNull();
    for (const verdict of ["rejected", "expired", "withdrawn"] as const)
      expect(reviewedOutcome(recorded(verdict), [])).toBeNull();
    expect(reviewedOutcome(decision(), [])).toBeNull();
    const reopenedAs = { id: "x", by: outcome().by, reason: "r", at: DECIDED };
    const reopened = { ...recorded("approved"), reopenedAs };
    expect(reviewedOutcome(reopened, [])).toBeNull();
    expect(reviewedOutcome(reopened, [decision()])).toBeNull();
    expect(reviewedOutcome(reopened, [recorded("edited")])).toBeNull();
    expect(reviewedOutcome(reopened, [recorded("expired")])).toBe(
      reopened.state.kind === "recorded" && reopened.state.outcome,
    );
  });

  it("concerns whoever decided, for whom they did, and whoever asked, each once", () => {
    const sam = { slackId: "U0SAM00001", name: "Sam", for: { slackId: "U0DANA0001", name: "Dana Reyes" } };
    const lee = { slackId: "U0LEE00001", name: "Lee" };
    const approvals = [
      { by: lee, at: DECIDED, planHash: "h" },
      { by: sam, at: DECIDED, planHash: "h" },
    ];
    const state = { kind: "recording", outcome: outcome({ by: sam, approvals }) } as const;
    expect(involvedIn(decision({ state, requestedBy: "U0LEE00001" }))).toEqual([
      "U0SAM00001",
      "U0DANA0001",
      "U0LEE00001",
    ]);
    const nobody = { kind: "recording", outcome: outcome({ by: { slackId: null, name: "N" } }) } as const;
    expect(involvedIn(decision({ state: nobody, requestedBy: null }))).toEqual([]);
  });
});
