/** What the bot knows about itself. "unknown" is never shown as healthy. */
import type { PauseState } from "./pause.ts";

export type CheckStatus = "ok" | "degraded" | "down" | "unknown";

export interface Check {
  /** Lower-case words joined by "_": a key of `/health`, a label in `/metrics`. */
  name: string;
  /** The check that sums this one up, e.g. "notion" for one of its databases. */
  partOf?: string;
  status: CheckStatus;
  /** One sentence: what was seen, and the fix when it is not ok. */
  detail: string;
  checkedAt: string | null;
}

export interface HealthReport {
  status: "healthy" | "degraded" | "unhealthy";
  checks: Check[];
}

/** `down` on a critical check is unhealthy; anything else not ok is degraded. */
export function overallStatus(checks: Check[], critical: ReadonlySet<string>): HealthReport["status"] {
  if (checks.some((c) => c.status === "down" && critical.has(c.name))) return "unhealthy";
  return checks.every((c) => c.status === "ok") ? "healthy" : "degraded";
}

const WORST_FIRST = ["down", "unknown", "degraded"] as const;

/** One finding for many parts: as bad as the worst of them, and naming each that is not ok. */
export function sumUp(parts: Check[], allWell: string): Pick<Check, "status" | "detail" | "checkedAt"> {
  const status = WORST_FIRST.find((bad) => parts.some((part) => part.status === bad)) ?? "ok";
  const bad = parts.filter((part) => part.status !== "ok");
  const moments = parts.map((part) => part.checkedAt);
  const oldest = moments.includes(null) ? null : (moments.toSorted()[0] ?? null);
  const details = [...new Set(bad.map((part) => part.detail))].join(" ");
  const some = bad.length === parts.length ? details : `${bad.length} of ${parts.length}: ${details}`;
  return { status, detail: bad.length === 0 ? allWell : some, checkedAt: oldest };
}

/** An attempt at an item that a poll began, or found at work. */
export interface StartedRun {
  pageId: string;
  attempt: number;
}

/** What one poll did. */
export interface PollReport {
  /** Waiting items found in the inbox. */
  found: number;
  /** Of those, started by this poll. */
  started: number;
  /** The attempts behind `started`. */
  runs: StartedRun[];
  /** Not started: why, e.g. "waits for its retry", "the daily budget is reached". */
  waiting: { count: number; reason: string }[];
  /** Decisions and edits made directly in Notion that this poll took up. */
  swept: number;
}

/** Polls can be paused; what a paused poll found is not nothing, it did not look. */
export type PollOutcome = { kind: "polled"; report: PollReport } | { kind: "paused"; pause: PauseState };
