/**
 * When something is a problem worth a message: pure rules over what was seen. Each says of its key that it fires, that it
 * is clear, or that nobody can tell; "no data" neither raises nor ends anything.
 */
import type { Severity } from "../domain/alert.ts";
import { HOUR_MS, MINUTE_MS } from "../domain/calendar.ts";
import { durationWords } from "../domain/duration.ts";
import type { HealthReport } from "../domain/health.ts";
import { healthVerdicts, type Since } from "./health-rules.ts";
import type { RequestWindow, Streak } from "./signs.ts";

export interface Facts {
  now: Date;
  health: HealthReport;
  requests: RequestWindow;
  notion: Streak | null;
  claude: Streak | null;
  /** null = no limit is set, or nobody knows it. */
  memory: { usedBytes: number; limitBytes: number } | null;
  /** What the store knows; null where it could not be asked. */
  deadLetters: { open: number; oldestAt: string | null } | null;
  /** Decisions that are made, but not written down in Notion yet. */
  unrecorded: { count: number; oldestAt: string | null } | null;
  /** null also when there is no cap. */
  budget: { spentUsd: number; capUsd: number } | null;
}

export type Verdict =
  | { key: string; kind: "firing"; severity: Severity; title: string; detail: string }
  | { key: string; kind: "clear" }
  | { key: string; kind: "no-data" };

/** Keys whose facts come from the store that all replicas share: any of them may say that it is over. */
export const SHARED_KEYS: ReadonlySet<string> = new Set(["dead-letters", "settlement-failing", "budget"]);

const MIN_REQUESTS = 20;
/** Below this a share is the accident of one or two requests, whatever it comes to. */
const MIN_FAILED = 3;
const STREAK_MS = 5 * MINUTE_MS;
const STREAK_MIN_FAILURES = 3;
const LETTERS = 3;
const LETTER_AGE_MS = 24 * HOUR_MS;
const UNRECORDED_MS = 5 * MINUTE_MS;

/** One verdict per key: firing wins over clear, clear over no data, the worst firing one over others. */
export function judge(facts: Facts, since: Since): Verdict[] {
  const all = [
    errorRate(facts.requests),
    slowness(facts.requests),
    memory(facts, since),
    streak(facts, { key: "notion-failing", name: "Notion", found: facts.notion }),
    streak(facts, { key: "claude-failing", name: "Claude", found: facts.claude }),
    deadLetters(facts),
    unrecorded(facts),
    budget(facts),
    ...healthVerdicts(facts.health, since),
  ];
  const byKey = new Map<string, Verdict>();
  for (const verdict of all) {
    const known = byKey.get(verdict.key);
    if (known === undefined || weight(verdict) > weight(known)) byKey.set(verdict.key, verdict);
  }
  return [...byKey.values()];
}

function weight(verdict: Verdict): number {
  if (verdict.kind === "no-data") return 0;
  if (verdict.kind === "clear") return 1;
  return verdict.severity === "critical" ? 3 : 2;
}

function errorRate({ requests, failed }: RequestWindow): Verdict {
  const key = "error-rate";
  if (requests < MIN_REQUESTS) return { key, kind: "no-data" };
  const share = failed / requests;
  if (share <= 0.01 || failed < MIN_FAILED) return { key, kind: "clear" };
  return {
    key,
    kind: "firing",
    severity: share > 0.05 ? "critical" : "warning",
    title: `${percent(share)} of requests fail`,
    detail: `${failed} of ${requests} requests within 5 minutes. The log names each: "request failed" or "handler failed", with a reference. After a deployment, roll back.`,
  };
}

function slowness({ requests, p95Ms }: RequestWindow): Verdict {
  const key = "slow-answers";
  if (requests < MIN_REQUESTS || p95Ms === null) return { key, kind: "no-data" };
  if (p95Ms <= 2_000) return { key, kind: "clear" };
  return {
    key,
    kind: "firing",
    severity: p95Ms > 5_000 ? "critical" : "warning",
    title: "Answers are slow",
    detail: `The slowest 5 % of ${requests} answers took more than ${(p95Ms / 1_000).toFixed(1)} s. Slack gives up after 3 s. Look at CPU, event loop lag and the database.`,
  };
}

function memory({ memory: seen, now }: Facts, since: Since): Verdict {
  const key = "memory-high";
  if (seen === null) return { key, kind: "no-data" };
  const share = seen.usedBytes / seen.limitBytes;
  const lastingMs = since(key, share > 0.85 ? now : null, now);
  if (lastingMs === null || lastingMs < MINUTE_MS) return { key, kind: "clear" };
  const mb = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  return {
    key,
    kind: "firing",
    severity: share > 0.95 ? "critical" : "warning",
    title: `Memory is ${percent(share)} full`,
    detail: `${mb(seen.usedBytes)} of ${mb(seen.limitBytes)} for ${durationWords(lastingMs)}. At the limit the process is killed; work in progress goes on after that. Restart it, or give it more memory.`,
  };
}

function streak(
  { now }: Facts,
  { key, name, found }: { key: string; name: string; found: Streak | null },
): Verdict {
  // Whether it works now is known only while we talk to it; the health check looks otherwise.
  if (found === null) return { key, kind: "clear" };
  const lastingMs = now.getTime() - found.since.getTime();
  const isRecent = now.getTime() - found.last.getTime() <= STREAK_MS;
  if (!isRecent) return { key, kind: "no-data" };
  if (lastingMs < STREAK_MS || found.failures < STREAK_MIN_FAILURES) return { key, kind: "clear" };
  return {
    key,
    kind: "firing",
    severity: "critical",
    title: `${name} has been failing for more than 5 minutes`,
    detail: `${found.failures} calls in a row failed for ${durationWords(lastingMs)} (${found.code}). Nothing is lost: work goes on when it is back. \`/emm health\` names the cause.`,
  };
}

function deadLetters({ deadLetters: seen, now }: Facts): Verdict {
  const key = "dead-letters";
  if (seen === null) return { key, kind: "no-data" };
  const ageMs = seen.oldestAt === null ? 0 : now.getTime() - Date.parse(seen.oldestAt);
  if (seen.open < LETTERS && !(seen.open > 0 && ageMs > LETTER_AGE_MS)) return { key, kind: "clear" };
  const items = seen.open === 1 ? "1 inbox item was" : `${seen.open} inbox items were`;
  return {
    key,
    kind: "firing",
    severity: "warning",
    title: `${items} given up and wait for somebody`,
    detail: `Each has a card with the reason, Retry and Ignore. The oldest has waited ${durationWords(ageMs)}.`,
  };
}

function unrecorded({ unrecorded: seen, now }: Facts): Verdict {
  const key = "settlement-failing";
  if (seen === null) return { key, kind: "no-data" };
  const ageMs = seen.oldestAt === null ? 0 : now.getTime() - Date.parse(seen.oldestAt);
  if (seen.count === 0 || ageMs < UNRECORDED_MS) return { key, kind: "clear" };
  const decisions = seen.count === 1 ? "1 decision is" : `${seen.count} decisions are`;
  return {
    key,
    kind: "firing",
    severity: "critical",
    title: `${decisions} made but not written to Notion`,
    detail: `The oldest for ${durationWords(ageMs)}. Nothing is lost: it is tried again after every poll. \`/emm health\` says whether Notion works; the card of the decision names the reason.`,
  };
}

function budget({ budget: seen }: Facts): Verdict {
  const key = "budget";
  if (seen === null) return { key, kind: "no-data" };
  const share = seen.spentUsd / seen.capUsd;
  if (share < 0.8) return { key, kind: "clear" };
  const isUsedUp = share >= 1;
  const spent = `$${seen.spentUsd.toFixed(2)} of $${seen.capUsd.toFixed(2)} spent today.`;
  return {
    key,
    kind: "firing",
    // The poll says so as well when work has to wait: this is the same message for all of it.
    severity: "warning",
    title: isUsedUp ? "Today's budget for Claude is used up" : "80 % of today's budget for Claude is used",
    detail: isUsedUp
      ? `${spent} New analyses wait until tomorrow; decisions can still be made. To go on today, raise DAILY_BUDGET_USD.`
      : `${spent} At the cap, new analyses wait until tomorrow. \`/emm budget\` shows what it went to.`,
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
