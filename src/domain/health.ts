/** What the bot knows about itself. "unknown" is never shown as healthy. */

export type CheckStatus = "ok" | "degraded" | "down" | "unknown";

export interface Check {
  name: string;
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

/** What one poll did. */
export interface PollReport {
  /** Waiting items found in the inbox. */
  found: number;
  /** Of those, started by this poll. */
  started: number;
  /** Not started: why, e.g. "waits for its retry", "the daily budget is reached". */
  waiting: { count: number; reason: string }[];
  /** Decisions and edits made directly in Notion that this poll took up. */
  swept: number;
}
