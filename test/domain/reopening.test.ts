import { describe, expect, it } from "vitest";
import type { DecisionRecord, Verdict } from "../../src/domain/decision.ts";
import { decide } from "../../src/domain/decision-machine.ts";
import {
  earlierOf,
  isSettled,
  reopenedPlan,
  speaksForIntent,
  stillStands,
  whyNotReopened,
  withoutEarlierTasks,
} from "../../src/domain/reopening.ts";
import { hindsightOver, type SettledRow } from "../../src/domain/training-hindsight.ts";
import { decision, outcome, plan } from "../fixtures/decision.ts";

const AT = "2026-11-21T12:00:00.000Z";
const by = outcome().by;

function settled(change: Partial<DecisionRecord> = {}, verdict: Verdict = "approved") {
  const final = verdict === "approved" || verdict === "edited" ? plan : null;
  const record = decision({
    state: {
      kind: "recorded",
      outcome: outcome({ verdict, final }),
      recordedAt: AT,
      taskCount: 3,
      projectUrl: "https://www.notion.so/project1",
      acceptanceRate: 1,
    },
    ...change,
  });
  if (!isSettled(record)) throw new Error("not settled");
  return record;
}

describe("reopening", () => {
  it("is possible for whatever is settled, whatever the verdict, and once at a time", () => {
    for (const verdict of ["approved", "edited", "rejected", "expired", "withdrawn"] as const)
      expect(whyNotReopened(settled({}, verdict))).toBeNull();
    const reopenedAs = { id: "x", by, reason: "r", at: AT };
    expect(whyNotReopened(settled({ reopenedAs }))).toMatchObject({ kind: "already-reopened", by, at: AT });
    expect(whyNotReopened(decision())).toEqual({ kind: "not-settled" });
    const recording = { kind: "recording", outcome: outcome() } as const;
    expect(whyNotReopened(decision({ state: recording }))).toEqual({ kind: "not-settled" });
    const superseded = { kind: "superseded", by: "next", reason: "r" } as const;
    expect(whyNotReopened(decision({ state: superseded }))).toEqual({ kind: "replaced", by: "next" });
    expect(whyNotReopened(null)).toEqual({ kind: "not-found" });
  });

  it("puts the plan to the vote that was carried out, or else the one that was turned down", () => {
    const edited = { ...plan, tasks: ["Only this"] };
    const record = settled();
    record.state.outcome.final = edited;
    expect(reopenedPlan(record)).toEqual(edited);
    expect(reopenedPlan(settled({}, "rejected"))).toEqual(plan);
    const draft = { plan: edited, by, at: AT, reason: null };
    expect(reopenedPlan(settled({ draft }, "expired"))).toEqual(edited);
  });

  it("leaves a decision standing when all that came of it, to the last, is that nobody decided", () => {
    const reopenedAs = { id: "x", by, reason: "r", at: AT };
    const [open, expired] = [decision(), settled({}, "expired")];
    const changed = decision({ state: { kind: "superseded", by: "next", reason: "r" } });
    const gone = decision({ state: { kind: "superseded", by: null, reason: "r" } });
    const recording = decision({ state: { kind: "recording", outcome: outcome({ verdict: "expired" }) } });
    const again = settled({ reopenedAs }, "expired");
    expect(stillStands({ reopenedAs: null }, [])).toBe(true);
    const standsAfter = (...later: DecisionRecord[]) => stillStands({ reopenedAs }, later);
    for (const later of [
      [expired],
      [settled({}, "withdrawn")],
      [changed, expired],
      [again, changed, expired],
    ])
      expect(standsAfter(...later)).toBe(true);
    for (const verdict of ["approved", "edited", "rejected"] as const) {
      expect(standsAfter(settled({}, verdict))).toBe(false);
      expect(standsAfter(settled({ reopenedAs }, verdict), expired)).toBe(false);
    }
    for (const later of [[], [open], [recording], [gone], [changed], [again], [again, open]])
      expect(standsAfter(...later)).toBe(false);
  });

  it("makes no task twice, over any number of reopenings", () => {
    const first = earlierOf(settled());
    expect(first.tasks).toEqual(plan.tasks);
    expect(first.tasksUrl).toBe("https://www.notion.so/project1");
    const reopening = { of: "pipe-1", by, reason: "r", at: AT, earlier: first };
    const next = { ...plan, tasks: [...plan.tasks.slice(1), "A new one"] };
    expect(withoutEarlierTasks(next, { reopening }).tasks).toEqual(["A new one"]);
    expect(withoutEarlierTasks(next, { reopening: null }).tasks).toEqual(next.tasks);

    const second = settled({ reopening });
    second.state.outcome.final = next;
    const later = { ...reopening, earlier: earlierOf(second) };
    expect(withoutEarlierTasks(plan, { reopening: later }).tasks).toEqual([]);
    expect(withoutEarlierTasks(next, { reopening: later }).tasks).toEqual([]);
  });

  it("names no place for tasks where there are none", () => {
    expect(earlierOf(settled({}, "rejected"))).toMatchObject({
      verdict: "rejected",
      tasks: [],
      tasksUrl: null,
    });
  });

  it.each(["expired", "withdrawn"] as const)(
    "of one that was %s leaves what stood before it standing",
    (verdict) => {
      const reopening = { of: "pipe-1", by, reason: "r", at: AT, earlier: earlierOf(settled()) };
      expect(earlierOf(settled({ reopening }, verdict))).toEqual(reopening.earlier);
      expect(earlierOf(settled({ reopening }, "rejected")).verdict).toBe("rejected");
    },
  );

  it("leaves the intent alone when nobody decides again", () => {
    const reopening = { of: "pipe-1", by, reason: "r", at: AT, earlier: earlierOf(settled()) };
    for (const verdict of ["expired", "withdrawn"] as const) {
      expect(speaksForIntent(outcome({ verdict }), { reopening })).toBe(false);
      expect(speaksForIntent(outcome({ verdict }), { reopening: null })).toBe(true);
    }
    for (const verdict of ["approved", "edited", "rejected"] as const)
      expect(speaksForIntent(outcome({ verdict }), { reopening })).toBe(true);
  });
});

describe("rows of Training Data in hindsight", () => {
  const row = (outcome: string | null, change: Partial<SettledRow> = {}): SettledRow => ({
    decisionId: "d1",
    intentId: "i1",
    outcome,
    decidedAt: "2026-11-21T12:00:00.000+00:00",
    ...change,
  });
  const regrets = (...rows: SettledRow[]) => rows.map(hindsightOver(rows));

  it("count unless people said later that it was wrong; their last word counts", () => {
    const later = (verdict: string, month: string) =>
      row(`review: ${verdict}`, { decidedAt: `2027-${month}-01T12:00:00.000+00:00` });
    expect(regrets(row("approved"))).toEqual([null]);
    expect(regrets(row("approved"), later("partly", "01"))[0]).toBeNull();
    expect(regrets(row("edited"), later("wrong", "01"))).toEqual([
      expect.stringContaining("reviewed as wrong"),
      expect.stringContaining("a review"),
    ]);
    expect(regrets(row("approved"), later("right", "03"), later("wrong", "01"))[0]).toBeNull();
    expect(regrets(row("approved", { decisionId: "d2" }), later("wrong", "01"))[0]).toBeNull();
  });

  it("count only for the last decision on an intent", () => {
    const again = { decisionId: "d2", decidedAt: "2026-12-21T12:00:00.000+00:00" };
    expect(regrets(row("approved"), row("edited", again))).toEqual([
      expect.stringContaining("decided again"),
      null,
    ]);
    expect(regrets(row("approved"), row("rejected", again))[0]).toContain("decided again");
    expect(regrets(row("approved"), row("expired", again))[0]).toBeNull();
    expect(
      regrets(row("approved", { intentId: "" }), row("edited", { ...again, intentId: "" }))[0],
    ).toBeNull();
    expect(regrets(row("approved"), row("edited", { ...again, intentId: "i2" }))[0]).toBeNull();
  });
});

describe("withdrawing a reopening", () => {
  const reopening = { of: "pipe-1", by, reason: "r", at: AT, earlier: earlierOf(settled()) };
  const rules = { selfApproval: "warn", approvalsRequiredHigh: 1, undoSeconds: 0 } as const;
  const withdrawnBy = (slackId: string, change: Partial<DecisionRecord>) => {
    const known = decision({ requestedBy: "U0LEE00001", ...change });
    const person = { slackId, name: "Somebody" };
    const event = { kind: "withdraw", by: person, reason: null, hash: known.hash, at: AT, round: 0 } as const;
    return decide(known, event, rules).result.kind;
  };

  it("is for whoever reopened it and for whoever asked at first", () => {
    expect(withdrawnBy("U0DANA0001", { reopening })).toBe("accepted");
    expect(withdrawnBy("U0LEE00001", { reopening })).toBe("accepted");
    expect(withdrawnBy("U0SAM00001", { reopening })).toBe("not-requester");
    expect(withdrawnBy("U0DANA0001", {})).toBe("not-requester");
  });
});
