/** Clicks that others overtook: what they still do, and what whoever clicked is told. */
import { describe, expect, it } from "vitest";
import type { Choice, DecisionRecord } from "../../src/domain/decision.ts";
import {
  advance,
  type DecisionEvent,
  type DecisionRules,
  decide,
  undo,
} from "../../src/domain/decision-machine.ts";
import {
  changed,
  choose,
  DANA,
  edits,
  fresh,
  given,
  LEE,
  nextMoment,
  SAM_FOR_DANA,
} from "./decision-moves.ts";

const TWO: DecisionRules = { selfApproval: "warn", approvalsRequiredHigh: 2, undoSeconds: 0 };

describe("an approval taken back in a step that comes late", () => {
  const rules = { ...TWO, undoSeconds: 30 };
  /** Dana clicked Undo; before that was done, Lee approved as well and took it back. */
  const overtaken = () => {
    let known = changed(fresh(), decide(fresh(), choose(fresh(), DANA), rules));
    const event = { by: DANA, at: nextMoment(), round: known.round };
    known = changed(known, decide(known, choose(known, LEE), rules));
    known = changed(known, undo(known, { by: LEE, at: nextMoment(), round: known.round }));
    return { known, event };
  };

  it("is taken back all the same, once", () => {
    const { known, event } = overtaken();
    expect(given(known)).toEqual(["Dana Reyes"]);
    const late = undo(known, event);
    expect(late.result).toEqual({ kind: "undone" });
    const now = changed(known, late);
    expect(given(now)).toEqual([]);
    const again = changed(now, decide(now, choose(now, DANA), rules));
    expect(undo(again, event)).toEqual({ patch: null, result: { kind: "undone" } });
  });

  it("is not said to be taken back where it counted", () => {
    const { known, event } = overtaken();
    const decided = changed(known, decide(known, choose(known, LEE), rules));
    expect(undo(decided, event)).toEqual({ patch: null, result: { kind: "not-yours", by: LEE } });
    const over = changed(
      decided,
      advance(decided, { kind: "window-over", round: decided.round, at: nextMoment() }),
    );
    expect(undo(over, event)).toEqual({ patch: null, result: { kind: "too-late-to-undo" } });
  });
});

it("whoever saw an older card is told what changed since", () => {
  const why = (known: DecisionRecord, old: DecisionEvent) => {
    const { result } = decide(known, old, TWO);
    return result.kind === "stale" ? result.reason : result.kind;
  };
  const asked = { id: "q1", text: "Sure?", by: DANA, at: nextMoment(), to: "requester" as const };
  const answered = (known: DecisionRecord) => ({
    ...known,
    questions: [{ ...asked, answer: { text: "Yes.", by: LEE, at: nextMoment() } }],
  });
  const first = choose(fresh(), LEE);
  const less: Choice = { kind: "edit", edits: edits("less"), reason: null };
  const edited = changed(fresh(), decide(fresh(), choose(fresh(), SAM_FOR_DANA, less), TWO));
  const second = choose(edited, LEE);
  expect(why(answered(fresh()), first)).toBe("A question about it was answered.");
  expect(why(edited, first)).toBe("Sam for Dana Reyes changed the plan on the card.");
  expect(why(answered(edited), second)).toBe("A question about it was answered.");
  expect(why(answered(edited), first)).toBe("Sam for Dana Reyes changed the plan on the card.");
});
