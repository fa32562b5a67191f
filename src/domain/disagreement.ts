/**
 * How far the advisers are apart, computed from what they scored. No model words it, so it can be compared over time.
 *
 * score = mean over all pairs of advisers of  ½ · different recommendation (0 or 1)  +  ½ · distance of scores,
 * where the distance of scores is the mean over the options both scored of  ½ · |Δrisk| / 4  +  ½ · |Δimpact| / 9.
 */
import type { Advice, Disagreement, DisagreementLevel, OptionScore } from "./analysis.ts";
import type { OptionId } from "./plan.ts";

const RISK_SPAN = 4;
const IMPACT_SPAN = 9;

/** Lower bounds, highest first. One dissenter of three is Medium, three different recommendations are High. */
const LEVELS: readonly (readonly [number, DisagreementLevel])[] = [
  [0.5, "High"],
  [0.25, "Medium"],
  [0.05, "Low"],
];

/** One adviser alone cannot disagree: level None, score 0. */
export function disagreementOf(advice: readonly Advice[], recommendedOption: OptionId): Disagreement {
  const score = meanDistance(advice);
  const dissenters = advice.filter((a) => a.recommends !== recommendedOption);
  return {
    level: LEVELS.find(([from]) => score >= from)?.[1] ?? "None",
    score,
    agree: advice.filter((a) => a.recommends === recommendedOption).map((a) => a.adviser),
    dissent: dissenters.map((a) => ({ adviser: a.adviser, recommends: a.recommends })),
  };
}

function meanDistance(advice: readonly Advice[]): number {
  const distances = advice.flatMap((one, i) => advice.slice(i + 1).map((other) => distance(one, other)));
  // Sorted, because floating-point sums depend on their order and the order of advisers must not count.
  const mean = average(distances.toSorted((a, b) => a - b));
  return Math.round(mean * 100) / 100;
}

function distance(one: Advice, other: Advice): number {
  const recommendation = one.recommends === other.recommends ? 0 : 1;
  const shared = one.scores.flatMap((score) => {
    const same = other.scores.find((s) => s.option === score.option);
    return same ? [scoreDistance(score, same)] : [];
  });
  return recommendation / 2 + average(shared.toSorted((a, b) => a - b)) / 2;
}

function scoreDistance(one: OptionScore, other: OptionScore): number {
  const risk = Math.min(1, Math.abs(one.risk - other.risk) / RISK_SPAN);
  const impact = Math.min(1, Math.abs(one.impact - other.impact) / IMPACT_SPAN);
  return (risk + impact) / 2;
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, v) => sum + v, 0) / values.length;
}
