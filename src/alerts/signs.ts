/**
 * What happened in this process lately, as far as rules ask: requests that were answered, and whether the vendors answer
 * us. Bounded in size; the time is given, so nothing here has a clock.
 */
import { MINUTE_MS } from "../domain/calendar.ts";
import type { ErrorCode } from "../errors.ts";

const WINDOW_MS = 5 * MINUTE_MS;
/** Beyond this many the oldest are forgotten first: a rate over fewer seconds is a rate as well. */
const KEPT = 5_000;

export interface RequestWindow {
  requests: number;
  failed: number;
  /** null when there is nothing to measure. */
  p95Ms: number | null;
}

/** Failing without a single success in between. */
export interface Streak {
  since: Date;
  last: Date;
  failures: number;
  code: ErrorCode;
}

export interface Signs {
  requests(now: Date): RequestWindow;
  notion(): Streak | null;
  claude(): Streak | null;
}

export interface SignObservers {
  httpRequest(seen: { route: string; status: number; durationMs: number }): void;
  slackAcknowledged(seen: { durationMs: number }): void;
  /** A handler of ours failed after Slack was answered. */
  slackFault(): void;
  notionCall(seen: { outcome: "ok" | ErrorCode }): void;
  claudeCall(seen: { outcome: "ok" | ErrorCode }): void;
}

/**
 * These ask how we are, and a bad answer is what they are for; or nothing of ours is there, and strangers who try a
 * thousand addresses must not make a failing bot look well. Slack's own are counted where they are acknowledged.
 */
const NOT_WORK = new Set(["/health", "/ready", "/metrics", "/slack/events", "other"]);
/** Answers when the poll is over, however long that takes. */
const SLOW_BY_NATURE = new Set(["/trigger-poll"]);

/** The vendor did not do its part. Other failures are answers: of a model that refuses, of a schema that we broke. */
const VENDOR_FAILS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "notion_rate_limited",
  "notion_unavailable",
  "notion_outcome_unknown",
  "notion_unauthorized",
  "claude_unavailable",
  "claude_unauthorized",
]);

interface Served {
  at: number;
  isRequest: boolean;
  failed: boolean;
  /** null = says nothing about how fast we are. */
  durationMs: number | null;
}

/** The caller's own mistake says nothing about us; 499, a caller who left, may be about how slow we are. */
const isRefusal = (status: number) => status >= 400 && status < 499;
/** Said on purpose: starting, draining, closed for maintenance. */
const CLOSED = 503;

export function createSigns(now: () => Date): { signs: Signs; observe: SignObservers } {
  let served: Served[] = [];
  const add = (one: Omit<Served, "at">) => {
    served.push({ at: now().getTime(), ...one });
    if (served.length > 2 * KEPT) served = served.slice(-KEPT);
  };
  const notion = createStreak(now);
  const claude = createStreak(now);
  return {
    signs: {
      requests(moment) {
        served = served.filter(({ at }) => at > moment.getTime() - WINDOW_MS).slice(-KEPT);
        return {
          requests: served.filter(({ isRequest }) => isRequest).length,
          failed: served.filter(({ failed }) => failed).length,
          p95Ms: percentile95(served.flatMap(({ durationMs }) => durationMs ?? [])),
        };
      },
      notion: notion.current,
      claude: claude.current,
    },
    observe: {
      httpRequest({ route, status, durationMs }) {
        if (NOT_WORK.has(route) || isRefusal(status)) return;
        const failed = status >= 500 && status !== CLOSED;
        add({ isRequest: true, failed, durationMs: SLOW_BY_NATURE.has(route) ? null : durationMs });
      },
      slackAcknowledged: ({ durationMs }) => add({ isRequest: true, failed: false, durationMs }),
      slackFault: () => add({ isRequest: false, failed: true, durationMs: null }),
      notionCall: ({ outcome }) => notion.seen(outcome),
      claudeCall: ({ outcome }) => claude.seen(outcome),
    },
  };
}

function createStreak(now: () => Date) {
  let streak: Streak | null = null;
  return {
    current: () => streak,
    seen(outcome: "ok" | ErrorCode): void {
      if (outcome === "ok" || !VENDOR_FAILS.has(outcome)) {
        streak = null;
        return;
      }
      const at = now();
      streak = {
        since: streak?.since ?? at,
        last: at,
        failures: (streak?.failures ?? 0) + 1,
        code: outcome,
      };
    },
  };
}

function percentile95(durations: number[]): number | null {
  const sorted = durations.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)] ?? null;
}
