/** What is looked at, and what each finding means. The sentences name the fix. */
import type { Check, CheckStatus } from "../domain/health.ts";
import type { Probe } from "./monitor.ts";

type Finding = { status: CheckStatus; detail: string };

export interface ProbeDeps {
  config: {
    slack: { approvers: readonly string[] };
    store: { databaseUrl: string | null; dataDir: string };
    poll: { intervalSeconds: number };
  };
  store: { ping(timeoutMs: number): Promise<void> };
  notion: { probe(): Promise<Record<string, Check>> };
  slack: { check(): Promise<Check> };
  counsel: { checkModels(): Promise<{ model: string; status: CheckStatus; detail: string }[]> };
  poller: {
    status(): {
      active: boolean;
      startedAt: string | null;
      lastSuccessAt: string | null;
      lastFailure: { at: string; reason: string } | null;
    };
  };
  now: () => Date;
}

const MINUTE_MS = 60_000;
/** Costs nothing: it reads a variable. */
const POLLER_MS = 5_000;

export function createProbes(deps: ProbeDeps): Probe[] {
  return [
    { name: "store", critical: true, everyMs: MINUTE_MS, run: () => checkStore(deps) },
    { name: "slack", critical: true, everyMs: MINUTE_MS, run: () => deps.slack.check() },
    // Ten requests of a budget of 180 a minute; a failing poll shows sooner.
    { name: "notion", critical: true, everyMs: 5 * MINUTE_MS, run: () => checkNotion(deps) },
    { name: "claude", critical: false, everyMs: 5 * MINUTE_MS, run: () => checkClaude(deps) },
    { name: "poller", critical: true, everyMs: POLLER_MS, run: async () => checkPoller(deps) },
    { name: "approvers", critical: false, everyMs: MINUTE_MS, run: async () => checkApprovers(deps) },
  ];
}

async function checkStore({ store, config }: ProbeDeps): Promise<Finding> {
  await store.ping(5_000);
  const detail = config.store.databaseUrl
    ? "PostgreSQL answers"
    : `embedded store in ${config.store.dataDir}: survives a killed process, not a power cut; set DATABASE_URL for more than one replica`;
  return { status: "ok", detail };
}

async function checkNotion({ notion }: ProbeDeps): Promise<Finding> {
  const checks = Object.values(await notion.probe());
  const bad = checks.filter((check) => check.status !== "ok");
  if (bad.length === 0)
    return { status: "ok", detail: `${checks.length} databases reachable, schema as expected` };
  const down = bad.some((check) => check.status === "down");
  return { status: down ? "down" : "degraded", detail: bad.map((check) => check.detail).join("; ") };
}

async function checkClaude({ counsel }: ProbeDeps): Promise<Finding> {
  const checks = await counsel.checkModels();
  const bad = checks.filter((check) => check.status !== "ok");
  if (bad.length === 0)
    return { status: "ok", detail: `${checks.map((check) => check.model).join(", ")} available` };
  const worst = bad.some((check) => check.status === "down") ? "down" : "degraded";
  return { status: worst, detail: bad.map((check) => check.detail).join("; ") };
}

/** Two missed periods are red. */
function checkPoller({ poller, config, now }: ProbeDeps): Finding {
  const status = poller.status();
  if (!status.active) return { status: "down", detail: "the poller is not running" };
  const since = status.lastSuccessAt ?? status.startedAt;
  const ageSeconds =
    since === null ? Number.POSITIVE_INFINITY : (now().getTime() - Date.parse(since)) / 1_000;
  const failure = status.lastFailure ? `; last failure: ${status.lastFailure.reason}` : "";
  if (ageSeconds > 2 * config.poll.intervalSeconds) {
    return { status: "down", detail: `no successful poll for ${Math.round(ageSeconds)} s${failure}` };
  }
  if (status.lastFailure)
    return { status: "degraded", detail: `the last poll failed: ${status.lastFailure.reason}` };
  if (status.lastSuccessAt === null) return { status: "unknown", detail: "no poll has finished yet" };
  return {
    status: "ok",
    detail: `last poll at ${status.lastSuccessAt}, every ${config.poll.intervalSeconds} s`,
  };
}

async function checkApprovers({ config }: ProbeDeps): Promise<Finding> {
  if (config.slack.approvers.length > 0)
    return { status: "ok", detail: `${config.slack.approvers.length} entries in SLACK_APPROVERS` };
  return { status: "degraded", detail: "nobody can decide: SLACK_APPROVERS is empty" };
}
