import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Advice } from "../../src/domain/analysis.ts";
import { disagreementOf } from "../../src/domain/disagreement.ts";
import { OPTION_IDS, type OptionId } from "../../src/domain/plan.ts";

const optionId = fc.constantFrom(...OPTION_IDS);
const score = (option: OptionId) =>
  fc.record({ risk: fc.integer({ min: 1, max: 5 }), impact: fc.integer({ min: 1, max: 10 }) }).map((s) => ({
    option,
    ...s,
    verdict: "v",
    pros: [],
    cons: [],
  }));
const advice = fc.record({
  adviser: fc.string({ minLength: 1 }),
  recommends: optionId,
  rationale: fc.constant("r"),
  scores: fc.tuple(...OPTION_IDS.map(score)).chain((all) => fc.subarray(all)),
  veto: fc.constant(null),
});

function judged(adviser: string, recommends: OptionId, scores: [OptionId, number, number][]): Advice {
  return {
    adviser,
    recommends,
    rationale: "r",
    scores: scores.map(([option, risk, impact]) => ({
      option,
      risk,
      impact,
      verdict: "v",
      pros: [],
      cons: [],
    })),
    veto: null,
  };
}

describe("disagreementOf", () => {
  it("does not depend on the order of the advisers", () => {
    fc.assert(
      fc.property(
        fc.array(advice, { maxLength: 5 }),
        optionId,
        fc.infiniteStream(fc.nat()),
        (all, option, keys) => {
          const shuffled = all.map((a) => ({ a, key: keys.next().value })).toSorted((x, y) => x.key - y.key);
          const one = disagreementOf(all, option);
          const other = disagreementOf(
            shuffled.map(({ a }) => a),
            option,
          );
          expect([other.score, other.level]).toEqual([one.score, one.level]);
          expect(other.agree.toSorted()).toEqual(one.agree.toSorted());
        },
      ),
    );
  });

  it("is 0 when all judge alike, and stays between 0 and 1 otherwise", () => {
    fc.assert(
      fc.property(advice, fc.integer({ min: 1, max: 4 }), optionId, (one, times, option) => {
        expect(disagreementOf(Array(times).fill(one), option)).toMatchObject({ score: 0, level: "None" });
      }),
    );
    fc.assert(
      fc.property(fc.array(advice, { maxLength: 5 }), optionId, (all, option) => {
        const { score } = disagreementOf(all, option);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("names every adviser exactly once, as agreeing or dissenting", () => {
    fc.assert(
      fc.property(fc.array(advice, { maxLength: 5 }), optionId, (all, option) => {
        const { agree, dissent } = disagreementOf(all, option);
        const named = [...agree, ...dissent.map((d) => d.adviser)];
        expect(named.toSorted()).toEqual(all.map((a) => a.adviser).toSorted());
        expect(dissent.every((d) => d.recommends !== option)).toBe(true);
      }),
    );
  });

  it("is 1 for two opposite judgements", () => {
    const all = [judged("E", "A", [["A", 1, 10]]), judged("Z", "B", [["A", 5, 1]])];
    expect(disagreementOf(all, "A")).toEqual({
      level: "High",
      score: 1,
      agree: ["E"],
      dissent: [{ adviser: "Z", recommends: "B" }],
    });
  });

  it("is None for a single adviser even when the synthesis goes against them", () => {
    const alone = disagreementOf([judged("Q", "A", [["A", 2, 5]])], "B");
    expect(alone).toMatchObject({ level: "None", score: 0, dissent: [{ adviser: "Q", recommends: "A" }] });
  });

  it("grades: like scores Low, one dissenter of three Medium, three ways High", () => {
    const near: [OptionId, number, number][] = [["A", 2, 7]];
    const far: [OptionId, number, number][] = [["A", 4, 5]];
    const level = (all: Advice[]) => disagreementOf(all, "A").level;
    expect(level([judged("1", "A", near), judged("2", "A", far), judged("3", "A", near)])).toBe("Low");
    expect(level([judged("1", "A", near), judged("2", "B", near), judged("3", "A", near)])).toBe("Medium");
    expect(level([judged("1", "A", near), judged("2", "B", near), judged("3", "C", near)])).toBe("High");
  });

  it("compares only options that both have scored", () => {
    const all = [judged("1", "A", [["A", 2, 5]]), judged("2", "A", [["B", 5, 1]])];
    expect(disagreementOf(all, "A").score).toBe(0);
  });
});
