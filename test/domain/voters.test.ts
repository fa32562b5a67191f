/** Approvals whose giver may no longer decide, when the one that would be the last comes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Approval, DecisionRecord, Person } from "../../src/domain/decision.ts";
import { type DecisionEvent, type DecisionRules, decide } from "../../src/domain/decision-machine.ts";
import { type FoundVote, isSameVoter, type StillMay } from "../../src/domain/voters.ts";
import { changed, choose, DANA, fresh, given, LEE, SAM, SAM_FOR_DANA } from "./decision-moves.ts";

const TWO: DecisionRules = { selfApproval: "warn", approvalsRequiredHigh: 2, undoSeconds: 0 };
const KIM: Person = { slackId: "U0KIM00001", name: "Kim" };
const MAY: StillMay = { kind: "may" };
const LOST: StillMay = { kind: "lost", why: "Dana Reyes may no longer decide." };
const UNSURE: StillMay = { kind: "unsure", why: "Slack did not answer me", isPassing: true };

/** An approval by somebody who looked what became of those who approved before. */
function approves(known: DecisionRecord, by: Person, right: (vote: Approval) => StillMay): DecisionEvent {
  const votes: FoundVote[] = known.approvals.map((vote) => ({
    by: vote.by,
    at: vote.at,
    right: right(vote),
  }));
  return { ...choose(known, by), votes } as DecisionEvent;
}

const tried = (known: DecisionRecord, event: DecisionEvent, rules = TWO) => {
  const change = decide(known, event, rules);
  return { known: changed(known, change), result: change.result };
};
const half = (by: Person, rules = TWO) => tried(fresh(), choose(fresh(), by), rules).known;

describe("an earlier approval", () => {
  it("whose giver may no longer decide does not count, and stays with the reason", () => {
    const before = half(DANA);
    const { known, result } = tried(
      before,
      approves(before, SAM, () => LOST),
    );
    expect(result).toEqual({ kind: "counted", given: 1, needed: 2 });
    expect(known.state).toEqual({ kind: "pending" });
    expect(given(known)).toEqual(["Sam"]);
    expect(known.approvals[0]).toMatchObject({
      by: DANA,
      voided: { why: "Dana Reyes may no longer decide." },
    });
    expect(known.approvals[0]?.voided?.at).toBe(known.approvals[1]?.at);
    const last = tried(
      known,
      approves(known, KIM, ({ by }) => (by === DANA ? LOST : MAY)),
    );
    expect(last.result).toEqual({ kind: "accepted" });
    expect(last.known.state).toMatchObject({ outcome: { approvals: [{ by: SAM }, { by: KIM }] } });
  });

  it("of which nobody can tell makes no decision, and is not lost", () => {
    const before = half(DANA);
    const refused = decide(
      before,
      approves(before, SAM, () => UNSURE),
      TWO,
    );
    expect(refused).toEqual({
      patch: null,
      result: { kind: "votes-unchecked", by: DANA, why: "Slack did not answer me", isPassing: true },
    });
    expect(
      tried(
        before,
        approves(before, SAM, () => MAY),
      ).result,
    ).toEqual({ kind: "accepted" });
  });

  it("of a deputy who is none any more keeps the principal from nothing", () => {
    const before = half(SAM_FOR_DANA);
    expect(tried(before, choose(before, DANA)).result).toEqual({ kind: "already-approved" });
    const own = tried(
      before,
      approves(before, DANA, () => LOST),
    );
    expect(own.result).toEqual({ kind: "counted", given: 1, needed: 2 });
    expect(given(own.known)).toEqual(["Dana Reyes"]);
  });

  it("of one's own request counts no more where that is forbidden by now, unless the glass was broken", () => {
    const forbid: DecisionRules = { ...TWO, selfApproval: "forbid" };
    const before = half(LEE);
    const now = tried(
      before,
      approves(before, SAM, () => MAY),
      forbid,
    );
    expect(now.result).toEqual({ kind: "counted", given: 1, needed: 2 });
    expect(now.known.approvals[0]?.voided?.why).toBe("By now nobody may approve their own request.");
    const [vote] = before.approvals;
    const broken = {
      ...before,
      approvals: vote ? [{ ...vote, breakGlass: { reason: "Nobody is here" } }] : [],
    };
    expect(
      tried(
        broken,
        approves(broken, SAM, () => MAY),
        forbid,
      ).result,
    ).toEqual({ kind: "accepted" });
  });

  it("that came after the look has to be looked at as well", () => {
    const event = approves(fresh(), SAM, () => MAY);
    expect(decide(half(DANA), event, TWO)).toEqual({ patch: null, result: { kind: "moved" } });
  });

  it("counts for a click of a version that did not look", () => {
    const before = half(DANA);
    expect(decide(before, choose(before, SAM), TWO).result).toEqual({ kind: "accepted" });
  });

  it("is no obstacle to a rejection", () => {
    const before = half(DANA);
    const rejected = choose(before, SAM, { kind: "reject", reason: "No." });
    expect(decide(before, rejected, TWO).result).toEqual({ kind: "accepted" });
  });
});

it("whoever comes and goes: no decision without two who may, no vote lost unless its giver's right is", () => {
  const person = fc.constantFrom(DANA, SAM, SAM_FOR_DANA, LEE, KIM);
  const right = fc.constantFrom(MAY, LOST, UNSURE);
  const click = fc.record({ by: person, rights: fc.array(right, { minLength: 12, maxLength: 12 }) });
  fc.assert(
    fc.property(fc.array(click, { maxLength: 12 }), (clicks) => {
      let known = fresh();
      for (const { by, rights } of clicks) {
        const found = (vote: Approval) => rights[known.approvals.indexOf(vote)] ?? MAY;
        const counting = known.approvals.filter(({ voided }) => !voided);
        const next = tried(known, approves(known, by, found));
        for (const [index, { voided }] of known.approvals.entries()) {
          const now = next.known.approvals[index];
          if (voided) expect(now?.voided).toEqual(voided);
          else if (now?.voided) expect(rights[index]).toBe(LOST);
        }
        if (next.result.kind === "accepted") {
          const others = counting.filter((vote) => found(vote) === MAY && !isSameVoter(vote.by, by));
          expect(others).toHaveLength(1);
          return;
        }
        if (next.result.kind === "votes-unchecked") expect(next.known).toEqual(known);
        known = next.known;
      }
    }),
    { numRuns: 300 },
  );
});
