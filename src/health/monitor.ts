/**
 * Looks after every part of the bot and remembers what it saw. Probes run in the background, each bounded in time;
 * a report never waits for one. What was not seen, or not for a long time, is "unknown", never ok.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ageMs, type Instant, instants } from "../domain/age.ts";
import { type Check, type CheckStatus, type HealthReport, overallStatus, sumUp } from "../domain/health.ts";
import { toFailure } from "../errors.ts";

export interface Finding {
  status: CheckStatus;
  /** One sentence: what was seen, and the fix when it is not ok. */
  detail: string;
}

export interface Probe {
  /** Lower-case words joined by "_". */
  name: string;
  /** Down here means the bot cannot do its job at all. */
  critical: boolean;
  everyMs: number;
  /** The group that sums it up; its own name is then "<group>_<name>". */
  group?: string;
  /** Something else gives reason to think that it is not well: it is looked at as if it were not. */
  isSuspect?(): boolean;
  /** null = it could not be looked at now; what was seen before still counts for a while. */
  run(): Promise<Finding | null>;
}

/** One check that sums up the probes of a group. */
export interface ProbeGroup {
  name: string;
  critical: boolean;
  allWell(count: number): string;
}

export interface HealthMonitor {
  start(): void;
  stop(): void;
  report(): HealthReport;
  /** Runs every probe now and reports; asked too often, it reports what was seen last. */
  refresh(): Promise<HealthReport>;
}

export interface MonitorOptions {
  probes: Probe[];
  groups?: ProbeGroup[];
  timeoutMs: number;
  now: () => Date;
}

/** Older than this many of its intervals, a result says nothing about now. */
const STALE_AFTER_INTERVALS = 2;
/** What is not well is looked at this often, so that it turns green by itself soon after it is. */
const RECHECK_MS = 15_000;
/** Anybody in Slack may ask for a look at everything, and each costs requests that work needs. */
const REFRESHES_A_MINUTE = 15;
const MINUTE_MS = 60_000;
/** How often the monitor asks itself what is due. */
const TURN_MS = 1_000;

interface Seen {
  check: Check;
  at: Instant;
}

export function createHealthMonitor({ probes, groups = [], timeoutMs, now }: MonitorOptions): HealthMonitor {
  const present = instants(now);
  const seen = new Map<Probe, Seen>();
  /** When each was last begun, whatever came of it. */
  const begun = new Map<Probe, Instant>();
  const running = new Map<Probe, Promise<void>>();
  const critical = new Set([...probes, ...groups].filter((one) => one.critical).map(({ name }) => name));
  let timer: NodeJS.Timeout | undefined;
  let refreshes: Instant[] = [];

  const look = (probe: Probe): Promise<void> => {
    const underway = running.get(probe);
    if (underway) return underway;
    begun.set(probe, present());
    const looking = runProbe(probe, timeoutMs).then((finding) => {
      running.delete(probe);
      if (finding === null) return;
      const check = { ...identity(probe), ...finding, checkedAt: now().toISOString() };
      seen.set(probe, { check, at: present() });
    });
    running.set(probe, looking);
    return looking;
  };
  const isFresh = (probe: Probe): boolean => {
    const last = seen.get(probe);
    return (
      last !== undefined && ageMs(last.at, present()) <= STALE_AFTER_INTERVALS * probe.everyMs + timeoutMs
    );
  };
  const current = (probe: Probe): Check => {
    const last = seen.get(probe)?.check;
    if (!last) return { ...identity(probe), status: "unknown", detail: "not checked yet", checkedAt: null };
    if (isFresh(probe)) return last;
    return { ...last, status: "unknown", detail: `no data since ${last.checkedAt}` };
  };
  const report = (): HealthReport => {
    const checks = withSums(probes.map(current), groups);
    return { status: overallStatus(checks, critical), checks };
  };
  const isDue = (probe: Probe): boolean => {
    const last = begun.get(probe);
    if (last === undefined) return true;
    const isWell = isFresh(probe) && seen.get(probe)?.check.status === "ok" && !probe.isSuspect?.();
    return ageMs(last, present()) >= (isWell ? probe.everyMs : Math.min(probe.everyMs, RECHECK_MS));
  };
  const turn = () => {
    for (const probe of probes) if (!running.has(probe) && isDue(probe)) void look(probe);
  };
  return {
    start() {
      turn();
      timer = setInterval(turn, TURN_MS);
    },
    stop: () => clearInterval(timer),
    report,
    async refresh() {
      refreshes = refreshes.filter((asked) => ageMs(asked, present()) < MINUTE_MS);
      if (refreshes.length >= REFRESHES_A_MINUTE) return report();
      refreshes.push(present());
      await Promise.all(probes.map(look));
      return report();
    },
  };
}

function identity({ name, group }: Probe): Pick<Check, "name" | "partOf"> {
  return group === undefined ? { name } : { name: `${group}_${name}`, partOf: group };
}

/** Each group's sum stands before its parts. */
function withSums(checks: Check[], groups: ProbeGroup[]): Check[] {
  const summed = new Set<string>();
  return checks.flatMap((check) => {
    const group = groups.find(({ name }) => name === check.partOf);
    if (!group || summed.has(group.name)) return [check];
    summed.add(group.name);
    const parts = checks.filter(({ partOf }) => partOf === group.name);
    return [{ name: group.name, ...sumUp(parts, group.allWell(parts.length)) }, check];
  });
}

/** Never rejects: a probe that throws or hangs is a finding. */
async function runProbe(probe: Probe, timeoutMs: number): Promise<Finding | null> {
  const stop = new AbortController();
  const late: Finding = { status: "down", detail: `did not answer within ${timeoutMs / 1000} s` };
  const timeout = sleep(timeoutMs, late, { signal: stop.signal, ref: false });
  const result = await Promise.race([
    probe.run().catch((error: unknown): Finding => ({ status: "down", detail: toFailure(error).message })),
    timeout.catch((): Finding => ({ status: "unknown", detail: "check was aborted" })),
  ]);
  stop.abort();
  return result;
}
