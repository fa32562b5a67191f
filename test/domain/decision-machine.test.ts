import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  approvalsGiven,
  type Choice,
  type DecisionRecord,
  type DecisionState,
  type Outcome,
  type Person,
  planHash,
  shownPlan,
} from "../../src/domain/decision.ts";
import {
  advance,
  type DecisionEvent,
  type DecisionRules,
  decide,
  type Progress,
  undo,
} from "../../src/domain/decision-machine.ts";
import { isSameVoter } from "../../src/domain/voters.ts";
import { analysis, decision, outcome, plan } from "../fixtures/decision.ts";
import {
  changed,
  choose,
  DANA,
  edits,
  fresh,
  given,
  LEE,
  nextMoment,
  SAM,
  SAM_FOR_DANA,
} from "./decision-moves.ts";

const PEOPLE = [DANA, SAM, SAM_FOR_DANA, LEE];

const ONE: DecisionRules = { selfApproval: "warn", approvalsRequiredHigh: 1, undoSeconds: 0 };
const TWO: DecisionRules = { ...ONE, approvalsRequiredHigh: 2 };

const outcomeOf = ({ state }: DecisionRecord) => ("outcome" in state ? state.outcome : null);

describe("one approval", () => {
  it("decides, and every later one learns who did", () => {
    const known = fresh();
    const first = decide(known, choose(known, DANA), ONE);
    expect(first.result).toEqual({ kind: "accepted" });
    const decided = changed(known, first);
    expect(decided.state).toMatchObject({ kind: "recording", outcome: { verdict: "approved", by: DANA } });
    expect(decide(decided, choose(decided, SAM), ONE)).toMatchObject({
      patch: null,
      result: { kind: "already-decided", outcome: { by: DANA } },
    });
  });

  it("given again by a step that was cut off is the same one", () => {
    const known = fresh();
    const event = choose(known, DANA);
    const decided = changed(known, decide(known, event, ONE));
    expect(decide(decided, event, ONE)).toEqual({ patch: null, result: { kind: "accepted" } });
  });

  it.each([
    ["warn", { kind: "accepted" }, true],
    ["allow", { kind: "accepted" }, false],
    ["forbid", { kind: "self-approval-forbidden" }, null],
  ] as const)("of one's own request under %s", (selfApproval, result, marked) => {
    const known = fresh();
    for (const by of [LEE, { ...SAM, for: { slackId: "U0LEE00001", name: "Lee" } }]) {
      const made = decide(known, choose(known, by), { ...ONE, selfApproval });
      expect(made.result).toEqual(result);
      expect(outcomeOf(changed(known, made))?.selfApproved ?? null).toBe(marked);
    }
  });

  it("breaks the glass with a reason, where that is needed and only there", () => {
    const known = fresh();
    const glass = { reason: "The site is down and nobody else answers." };
    const broken = (by: Person) => {
      const event = choose(known, by);
      if (event.kind !== "choose") throw new Error("not a click");
      const click = { ...event.click, breakGlass: glass };
      return outcomeOf(
        changed(known, decide(known, { ...event, click }, { ...ONE, selfApproval: "forbid" })),
      );
    };
    expect(broken(LEE)).toMatchObject({ breakGlass: true, reason: glass.reason, selfApproved: false });
    expect(broken(DANA)).not.toHaveProperty("breakGlass");
    // Neither with the requester's right nor with somebody else's.
    expect(broken({ ...SAM, for: { slackId: "U0LEE00001", name: "Lee" } })).toBeNull();
    expect(broken({ ...LEE, for: { slackId: "U0DANA0001", name: "Dana Reyes" } })).toBeNull();
    expect(broken(DANA)?.reason).toBeNull();
  });
});

describe("two approvals, for an impact of 8 or more", () => {
  it("are both needed, of two people, and both are named", () => {
    let known = fresh();
    const first = decide(known, choose(known, DANA), TWO);
    expect(first.result).toEqual({ kind: "counted", given: 1, needed: 2 });
    known = changed(known, first);
    expect(known.state).toEqual({ kind: "pending" });
    expect(decide(known, choose(known, DANA), TWO).result).toEqual({ kind: "already-approved" });
    // One voter with Dana.
    expect(decide(known, choose(known, SAM_FOR_DANA), TWO).result).toEqual({ kind: "already-approved" });
    known = changed(known, decide(known, choose(known, LEE), TWO));
    expect(outcomeOf(known)).toMatchObject({ verdict: "approved", by: LEE, final: plan, selfApproved: true });
    expect(outcomeOf(known)?.approvals?.map(({ by }) => by.name)).toEqual(["Dana Reyes", "Lee"]);
  });

  it("are not asked of a smaller impact", () => {
    const small = { ...analysis, triage: { ...analysis.triage, impact: 7 } };
    const known = decision({ expiresAt: null, analysis: small });
    expect(decide(known, choose(known, DANA), TWO).result).toEqual({ kind: "accepted" });
  });

  it("begin anew with a changed plan, whose author is the first; voided ones stay in the record", () => {
    let known = changed(fresh(), decide(fresh(), choose(fresh(), DANA), TWO));
    const old = choose(known, LEE);
    known = changed(
      known,
      decide(known, choose(known, SAM, { kind: "edit", edits: edits("less"), reason: "why" }), TWO),
    );
    expect(shownPlan(known)).toMatchObject({ recommendedOption: "B", riskAssessment: "less" });
    expect(known.draft).toMatchObject({ by: SAM, reason: "why" });
    expect(given(known)).toEqual(["Sam"]);
    expect(known.approvals.map(({ voided }) => voided?.why)).toEqual(["The plan was changed.", undefined]);
    expect(decide(known, old, TWO).result).toMatchObject({ kind: "stale", replacement: known.id });
    known = changed(known, decide(known, choose(known, DANA), TWO));
    expect(outcomeOf(known)).toMatchObject({ verdict: "edited", by: DANA, reason: "why" });
    expect(outcomeOf(known)?.final).toMatchObject({ riskAssessment: "less" });
  });

  it("an edit back to the proposal leaves no draft, and an edit of nothing is an approval", () => {
    let known = fresh();
    known = changed(
      known,
      decide(known, choose(known, SAM, { kind: "edit", edits: edits("x"), reason: null }), TWO),
    );
    const { recommendedOption: option, riskAssessment, resources, tasks } = plan;
    const back: Choice = {
      kind: "edit",
      edits: { option, riskAssessment, resources, tasks },
      reason: null,
    };
    known = changed(known, decide(known, choose(known, DANA, back), TWO));
    expect(known.draft).toBeNull();
    expect(given(known)).toEqual(["Dana Reyes"]);
    known = changed(known, decide(known, choose(known, LEE, back), TWO));
    expect(outcomeOf(known)).toMatchObject({ verdict: "approved" });
  });

  it("are bound to the plan: an answered question makes a click stale and voids no vote", () => {
    let known = changed(fresh(), decide(fresh(), choose(fresh(), DANA), TWO));
    const old = choose(known, LEE);
    const answer = { text: "Yes.", by: LEE, at: nextMoment() };
    const question = { id: "q1", text: "Sure?", by: DANA, at: nextMoment(), to: "requester" as const };
    known = { ...known, questions: [{ ...question, answer }] };
    expect(given(known)).toEqual(["Dana Reyes"]);
    expect(decide(known, old, TWO).result).toMatchObject({ kind: "stale" });
    expect(decide(known, choose(known, LEE), TWO).result).toEqual({ kind: "accepted" });
  });

  it("one rejection is enough", () => {
    const known = changed(fresh(), decide(fresh(), choose(fresh(), DANA), TWO));
    const rejected = changed(
      known,
      decide(known, choose(known, SAM, { kind: "reject", reason: "No." }), TWO),
    );
    expect(outcomeOf(rejected)).toMatchObject({ verdict: "rejected", final: null, by: SAM });
  });
});

describe("taking back", () => {
  const rules = { ...TWO, undoSeconds: 30 };
  const undone = (known: DecisionRecord, by: Person) =>
    undo(known, { by, at: nextMoment(), round: known.round });

  it("a decision can be only by whoever made it, until the window is over; then it is decided anew", () => {
    let known = fresh();
    known = changed(known, decide(known, choose(known, SAM, { kind: "reject", reason: "No." }), rules));
    expect(known.state).toMatchObject({ kind: "undoable", outcome: { verdict: "rejected" } });
    expect(undone(known, DANA).result).toEqual({ kind: "not-yours", by: SAM });
    const back = changed(known, undone(known, SAM));
    expect(back).toMatchObject({ state: { kind: "pending" }, round: 1 });
    // The window of the first decision must not close the second.
    const again = changed(back, decide(back, choose(back, SAM, { kind: "reject", reason: "No!" }), rules));
    expect(advance(again, { kind: "window-over", round: 0, at: nextMoment() })).toEqual({
      patch: null,
      result: false,
    });
    const over = changed(again, advance(again, { kind: "window-over", round: 1, at: nextMoment() }));
    expect(over.state.kind).toBe("recording");
    expect(undone(over, SAM).result).toEqual({ kind: "too-late-to-undo" });
  });

  it("of the last approval leaves the others'", () => {
    let known = fresh();
    for (const by of [DANA, LEE]) known = changed(known, decide(known, choose(known, by), rules));
    known = changed(known, undone(known, LEE));
    expect(given(known)).toEqual(["Dana Reyes"]);
    expect(known.approvals[1]?.voided?.why).toBe("Taken back.");
    known = changed(known, decide(known, choose(known, LEE), rules));
    expect(outcomeOf(known)?.approvals).toHaveLength(2);
  });

  it("of one's own approval is possible while others are missing; of a draft's, the draft goes with it", () => {
    let known = changed(fresh(), decide(fresh(), choose(fresh(), DANA), rules));
    expect(undone(known, SAM).result).toEqual({ kind: "nothing-to-undo" });
    known = changed(known, undone(known, DANA));
    expect(given(known)).toEqual([]);
    const less: Choice = { kind: "edit", edits: edits("less"), reason: null };
    known = changed(known, decide(known, choose(known, SAM, less), rules));
    known = changed(known, undone(known, SAM));
    expect(known.draft).toBeNull();
    expect(shownPlan(known)).toEqual(plan);
  });

  it("done again by a step that was cut off is the same one; a click from before is looked at anew", () => {
    let known = changed(fresh(), decide(fresh(), choose(fresh(), DANA), { ...ONE, undoSeconds: 30 }));
    const old = choose(known, SAM);
    const event = { by: DANA, at: nextMoment(), round: known.round };
    known = changed(known, undo(known, event));
    expect(undo(known, event)).toEqual({ patch: null, result: { kind: "undone" } });
    expect(decide(known, old, ONE)).toEqual({ patch: null, result: { kind: "moved" } });
  });
});

describe("withdrawing", () => {
  const withdraw = (known: DecisionRecord, by: Person): DecisionEvent => ({
    ...{ kind: "withdraw", by, reason: null, at: nextMoment(), round: known.round },
  });

  it("is for whoever asked, and carries nothing out", () => {
    const known = fresh();
    expect(decide(known, withdraw(known, DANA), ONE).result).toEqual({ kind: "not-requester" });
    const nobody = decision({ expiresAt: null, requestedBy: null });
    expect(decide(nobody, withdraw(nobody, LEE), ONE).result).toEqual({ kind: "not-requester" });
    const gone = changed(known, decide(known, withdraw(known, LEE), ONE));
    expect(outcomeOf(gone)).toMatchObject({ verdict: "withdrawn", final: null, by: LEE });
  });
});

it("nobody is one voter with nobody else's deputy", () => {
  expect(isSameVoter(SAM, DANA)).toBe(false);
  expect(isSameVoter(SAM_FOR_DANA, DANA)).toBe(true);
  expect(isSameVoter(SAM_FOR_DANA, SAM)).toBe(true);
  expect(isSameVoter({ slackId: null, name: "Ada" }, { slackId: null, name: "Bob" })).toBe(false);
});

/** What may happen, in any order, by anybody, with what they saw some events ago. */
type Doing =
  | { do: "choose"; by: Person; choice: Choice; seenBefore: number; via: "slack" | "notion" }
  | { do: "undo" | "withdraw"; by: Person; seenBefore: number }
  | { do: "expire" | "window-over" | "stuck" | "recorded" | "supersede" | "replaced" | "answer" };

const person = fc.constantFrom(...PEOPLE);
const choice: fc.Arbitrary<Choice> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Choice>({ kind: "approve" }) },
  fc
    .constantFrom("less", "more")
    .map((change): Choice => ({ kind: "edit", edits: edits(change), reason: null })),
  fc.constant<Choice>({ kind: "reject", reason: "No." }),
);
const seenBefore = fc.nat(3);
const doing: fc.Arbitrary<Doing> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ do: fc.constant("choose" as const), by: person, choice, seenBefore },
      via: fc.constantFrom("slack" as const, "notion" as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("undo", "withdraw"), by: person, seenBefore }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("expire", "window-over", "stuck", "recorded", "supersede", "replaced", "answer"),
    }),
  },
);
const rules: fc.Arbitrary<DecisionRules> = fc.record({
  selfApproval: fc.constantFrom("allow", "warn", "forbid"),
  approvalsRequiredHigh: fc.constantFrom(1, 2),
  undoSeconds: fc.constantFrom(0, 30),
});

const EXPIRY: Outcome = outcome({ verdict: "expired", final: null, via: "timer" });

function happens(
  known: DecisionRecord,
  one: Doing,
  { seen, rules: given }: { seen: DecisionRecord; rules: DecisionRules },
): DecisionRecord {
  const at = nextMoment();
  const recorded = { recordedAt: at, taskCount: 0, projectUrl: null, acceptanceRate: 1 };
  const { state } = known;
  const moves: Partial<Record<Doing["do"], Progress>> = {
    "window-over": { kind: "window-over", round: known.round, at },
    stuck: { kind: "stuck", problem: "A column is missing." },
    recorded: { kind: "recorded", state: { outcome: outcomeOf(known) ?? EXPIRY, ...recorded } },
    supersede: { kind: "supersede", reason: "edited", at },
    replaced: { kind: "replaced", by: "pipe-2" },
  };
  const progress = moves[one.do];
  if (progress) return changed(known, advance(known, progress));
  if (one.do === "choose") {
    const event = choose(seen, one.by, one.choice);
    return changed(known, decide(known, { ...event, via: one.via } as DecisionEvent, given));
  }
  if (one.do === "undo") return changed(known, undo(known, { by: one.by, at, round: seen.round }));
  if (one.do === "withdraw") {
    const event: DecisionEvent = { kind: "withdraw", by: one.by, reason: null, at, round: seen.round };
    return changed(known, decide(known, event, given));
  }
  if (one.do === "expire") {
    return changed(known, decide(known, { kind: "settle", outcome: { ...EXPIRY, at } }, given));
  }
  if (state.kind !== "pending") return known;
  const asked = { id: at, text: "?", by: DANA, at, to: "requester" as const };
  return changed(known, {
    patch: { questions: [...known.questions, { ...asked, answer: { text: "!", by: LEE, at } }] },
  });
}

const NEXT: Record<DecisionState["kind"], DecisionState["kind"][]> = {
  pending: ["pending", "undoable", "recording", "superseded"],
  undoable: ["undoable", "pending", "recording"],
  recording: ["recording", "recorded", "superseded"],
  recorded: ["recorded"],
  superseded: ["superseded"],
};

/** What must hold of every two records in a row. */
function check(before: DecisionRecord, now: DecisionRecord, given: DecisionRules): void {
  expect(NEXT[before.state.kind]).toContain(now.state.kind);
  const [was, is] = [outcomeOf(before), outcomeOf(now)];
  // Nothing but taking it back, or a changed plan, undoes what was decided.
  if (was !== null && is !== null) expect(is).toEqual(was);
  if (was !== null && now.state.kind === "pending") expect(now.round).toBe(before.round + 1);
  if (before.state.kind === "recorded") expect(now.state).toEqual(before.state);
  // Approvals are never lost, and never of one voter twice.
  before.approvals.forEach((approval, index) => {
    const { voided, ...kept } = now.approvals[index] ?? {};
    expect(kept).toEqual((({ voided: _, ...rest }) => rest)(approval));
    if (approval.voided) expect(voided).toEqual(approval.voided);
  });
  const votes = approvalsGiven(now);
  for (const [index, { by }] of votes.entries())
    for (const other of votes.slice(index + 1)) expect(isSameVoter(by, other.by)).toBe(false);
  if (now.state.kind === "pending") expect(votes.length).toBeLessThan(given.approvalsRequiredHigh);
  const isCarriedOut = is?.verdict === "approved" || is?.verdict === "edited";
  expect(is === null || isCarriedOut === (is.final !== null)).toBe(true);
  if (is !== null && isCarriedOut) {
    expect(is.final).toEqual(shownPlanOr(is, now));
    if (given.approvalsRequiredHigh > 1) expect(is.approvals).toHaveLength(given.approvalsRequiredHigh);
  }
}

/** With one approval an edit is carried out at once; with more, what is shown. */
function shownPlanOr({ final, approvals }: Outcome, now: DecisionRecord) {
  if (approvals === undefined) return final;
  expect(new Set(approvals.map((approval) => approval.planHash))).toEqual(new Set([planHash(now)]));
  return shownPlan(now);
}

it("whatever happens in whatever order: one way to the end, no way out of it, nobody's vote lost or doubled", () => {
  fc.assert(
    fc.property(rules, fc.array(doing, { maxLength: 25 }), (given, story) => {
      const records = [fresh()];
      for (const one of story) {
        const known = records.at(-1) ?? fresh();
        const back = "seenBefore" in one ? one.seenBefore : 0;
        const seen = records.at(-1 - back) ?? known;
        const now = happens(known, one, { seen, rules: given });
        check(known, now, given);
        records.push(now);
      }
    }),
    { numRuns: 300 },
  );
});
