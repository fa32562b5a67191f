import { describe, expect, it } from "vitest";
import { advance, type Progress } from "../../src/domain/decision-machine.ts";
import { decision, outcome } from "../fixtures/decision.ts";
import { changed } from "./decision-moves.ts";

const SUPERSEDE = { kind: "supersede", reason: "edited", at: "2026-11-21T12:00:00.000Z" } as const;

describe("a decision whose content changed before it was recorded", () => {
  it("keeps what it had come to, also when its successor is named", () => {
    const decided = decision({ state: { kind: "recording", outcome: outcome() } });
    const closed = changed(decided, advance(decided, SUPERSEDE));
    expect(closed.state).toMatchObject({ kind: "superseded", by: null, voided: outcome() });
    const replaced = changed(closed, advance(closed, { kind: "replaced", by: "pipe-2" }));
    expect(replaced.state).toMatchObject({ kind: "superseded", by: "pipe-2", voided: outcome() });
  });

  it("is closed by one change alone; the same one may come twice", () => {
    const closed = changed(decision(), advance(decision(), SUPERSEDE));
    expect(advance(closed, { ...SUPERSEDE, at: "2026-11-21T12:00:01.000Z" })).toEqual({
      ...{ patch: null, result: true },
    });
    const other: Progress = { kind: "supersede", reason: "heard anew", at: SUPERSEDE.at };
    expect(advance(closed, other)).toEqual({ patch: null, result: false });
  });

  it("voids nothing when nobody had decided", () => {
    const closed = changed(decision(), advance(decision(), SUPERSEDE));
    expect(closed.state).toEqual({ kind: "superseded", by: null, reason: "edited" });
  });
});
