/** Which of the names we know a new one means. */
import { distance } from "fastest-levenshtein";

const FUZZY_RATIO = 0.95;

/** Case, width and spacing do not make another name. */
export function normalName(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** Exact, else the closest at or above the ratio. "Plan 2025" is never "Plan 2026". */
export function bestMatch<T extends { normal: string }>(wanted: string, candidates: T[]): T | null {
  const exact = candidates.find((c) => c.normal === wanted);
  if (exact) return exact;
  let best: T | null = null;
  let bestRatio = FUZZY_RATIO;
  for (const candidate of candidates) {
    const longest = Math.max(wanted.length, candidate.normal.length);
    const shortest = Math.min(wanted.length, candidate.normal.length);
    if (shortest < bestRatio * longest || digitsOf(candidate.normal) !== digitsOf(wanted)) continue;
    const ratio = 1 - distance(wanted, candidate.normal) / longest;
    if (ratio >= bestRatio) {
      best = candidate;
      bestRatio = ratio;
    }
  }
  return best;
}

function digitsOf(name: string): string {
  return name.replace(/\D+/g, " ").trim();
}
