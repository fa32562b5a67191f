/**
 * The clock of the bot: one poll per tick on node-cron. Owns when to poll and how the last one went; what a poll
 * does is the workflows' business, and so is that one tick polls once across replicas.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createTask, type ScheduledTask } from "node-cron";
import type { PollReport } from "../domain/health.ts";
import { type ReportFault, toFailure } from "../errors.ts";
import { correlated, type Log } from "../log.ts";

export interface PollerDeps {
  /** Six fields, seconds first. */
  cron: string;
  intervalSeconds: number;
  timezone: string;
  poll(tick: string): Promise<PollReport>;
  now: () => Date;
  log: Log;
  /** Called after every poll; `found` is null when it failed. */
  observe?: (poll: { durationMs: number; found: number | null }) => void;
  reportFault?: ReportFault;
}

export interface PollerStatus {
  active: boolean;
  intervalSeconds: number;
  startedAt: string | null;
  lastSuccessAt: string | null;
  lastFailure: { at: string; reason: string } | null;
}

export interface Poller {
  start(): Promise<void>;
  /** Stops the clock and waits for a running poll, at most this long. */
  stop(timeoutMs: number): Promise<void>;
  /** Polls now, through the same path as the clock. */
  pollNow(): Promise<PollReport>;
  status(): PollerStatus;
}

export function createPoller(deps: PollerDeps): Poller {
  const { now, log } = deps;
  let task: ScheduledTask | null = null;
  let startedAt: string | null = null;
  let lastSuccessAt: string | null = null;
  let lastFailure: PollerStatus["lastFailure"] = null;
  const running = new Set<Promise<unknown>>();

  const run = (tick: string): Promise<PollReport> => {
    const polling = correlated(`poll:${tick}`, () => runTick(tick)).finally(() => running.delete(polling));
    running.add(polling);
    return polling;
  };
  const runTick = async (tick: string): Promise<PollReport> => {
    const startedAt = performance.now();
    const observe = (found: number | null) =>
      deps.observe?.({ durationMs: performance.now() - startedAt, found });
    try {
      const report = await deps.poll(tick);
      lastSuccessAt = now().toISOString();
      lastFailure = null;
      observe(report.found);
      log.info({ tick, ...report }, "polled");
      return report;
    } catch (error) {
      const { code, message } = toFailure(error);
      lastFailure = { at: now().toISOString(), reason: message };
      observe(null);
      // The reason is in the health report: a vendor's words may quote an item.
      log.warn({ tick, code }, "poll failed");
      deps.reportFault?.({ surface: "poll", reference: `poll:${tick}`, error });
      throw error;
    }
  };
  // All replicas compute the same number for the same tick, however late their timers fire.
  const tickNow = () => String(Math.round(now().getTime() / 1000 / deps.intervalSeconds));

  return {
    async start() {
      startedAt = now().toISOString();
      task = createTask(deps.cron, () => run(tickNow()), {
        noOverlap: true,
        timezone: deps.timezone,
        suppressMissedWarning: true,
        logger: quietLogger(log),
      });
      await task.start();
    },
    async stop(timeoutMs) {
      await task?.destroy();
      task = null;
      startedAt = null;
      const patience = sleep(timeoutMs, undefined, { ref: false });
      await Promise.race([Promise.allSettled([...running]), patience]);
    },
    pollNow: () => run(`now-${randomUUID()}`),
    status: () => ({
      active: task !== null,
      intervalSeconds: deps.intervalSeconds,
      startedAt,
      lastSuccessAt,
      lastFailure,
    }),
  };
}

/** node-cron's own console logger would print outside our format; what matters is logged above. */
function quietLogger(log: Log) {
  const debug = (message: unknown) => log.debug({ cron: String(message) }, "scheduler");
  return { info: debug, warn: debug, error: debug, debug };
}
