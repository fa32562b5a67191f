/**
 * Looks after every part of the bot and remembers what it saw. Probes run in the background, each bounded in time;
 * a report never waits for one. What was not seen, or not for a long time, is "unknown", never ok.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Check, type CheckStatus, type HealthReport, overallStatus } from "../domain/health.ts";
import { toFailure } from "../errors.ts";

export interface Probe {
  name: string;
  /** Down here means the bot cannot do its job at all. */
  critical: boolean;
  everyMs: number;
  run(): Promise<{ status: CheckStatus; detail: string }>;
}

export interface HealthMonitor {
  start(): void;
  stop(): void;
  report(): HealthReport;
  /** Runs every probe now and reports. */
  refresh(): Promise<HealthReport>;
}

export interface MonitorOptions {
  probes: Probe[];
  timeoutMs: number;
  now: () => Date;
}

/** Older than this many of its intervals, a result says nothing about now. */
const STALE_AFTER_INTERVALS = 3;
/** What is not well is looked at this often, so that it turns green by itself soon after it is. */
const RECHECK_MS = 15_000;

export function createHealthMonitor({ probes, timeoutMs, now }: MonitorOptions): HealthMonitor {
  const seen = new Map<string, Check>();
  const running = new Map<string, Promise<void>>();
  const critical = new Set(probes.filter((probe) => probe.critical).map((probe) => probe.name));
  const timers = new Map<string, NodeJS.Timeout>();
  let isOn = false;

  const look = (probe: Probe): Promise<void> => {
    const underway = running.get(probe.name);
    if (underway) return underway;
    const looking = runProbe(probe, timeoutMs, now).then((check) => {
      seen.set(probe.name, check);
      running.delete(probe.name);
    });
    running.set(probe.name, looking);
    return looking;
  };
  const current = (probe: Probe): Check => {
    const check = seen.get(probe.name);
    if (!check) return { name: probe.name, status: "unknown", detail: "not checked yet", checkedAt: null };
    const ageMs = now().getTime() - Date.parse(check.checkedAt ?? "");
    if (ageMs <= STALE_AFTER_INTERVALS * (probe.everyMs + timeoutMs)) return check;
    return { ...check, status: "unknown", detail: `no data since ${check.checkedAt}` };
  };
  const report = (): HealthReport => {
    const checks = probes.map(current);
    return { status: overallStatus(checks, critical), checks };
  };
  const keepLooking = async (probe: Probe): Promise<void> => {
    await look(probe);
    if (!isOn) return;
    const isWell = seen.get(probe.name)?.status === "ok";
    const waitMs = isWell ? probe.everyMs : Math.min(probe.everyMs, RECHECK_MS);
    timers.set(
      probe.name,
      setTimeout(() => void keepLooking(probe), waitMs),
    );
  };
  return {
    start() {
      isOn = true;
      for (const probe of probes) void keepLooking(probe);
    },
    stop() {
      isOn = false;
      for (const timer of timers.values()) clearTimeout(timer);
    },
    report,
    async refresh() {
      await Promise.all(probes.map(look));
      return report();
    },
  };
}

/** Never rejects: a probe that throws or hangs is a finding. */
async function runProbe(probe: Probe, timeoutMs: number, now: () => Date): Promise<Check> {
  const stop = new AbortController();
  const timeout = sleep(
    timeoutMs,
    { status: "down", detail: `did not answer within ${timeoutMs / 1000} s` } as const,
    {
      signal: stop.signal,
      ref: false,
    },
  );
  const result = await Promise.race([
    probe.run().catch((error: unknown) => ({ status: "down" as const, detail: toFailure(error).message })),
    timeout.catch(() => ({ status: "unknown" as const, detail: "check was aborted" })),
  ]);
  stop.abort();
  return { name: probe.name, ...result, checkedAt: now().toISOString() };
}
