/**
 * A job on node-cron: never twice at the same time in this process, and also once at the start, for what was due while
 * nobody was there. That one tick works once across replicas is the job's business: it names its work after the tick.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createTask, type ScheduledTask } from "node-cron";
import { type ClockWatch, watchClock } from "../clock-jumps.ts";
import { type ReportFault, toFailure } from "../errors.ts";
import { correlated, type Log } from "../log.ts";

export interface ScheduleDeps {
  /** For the log and for error reports. */
  name: string;
  /** Six fields, seconds first. */
  cron: string;
  run(): Promise<void>;
  log: Log;
  reportFault: ReportFault;
}

export interface Schedule {
  /** Does not wait for the first run. */
  start(): Promise<void>;
  /** Waits for a run, at most this long. */
  stop(timeoutMs: number): Promise<void>;
}

export function createSchedule({ name, cron, run, log, reportFault }: ScheduleDeps): Schedule {
  let task: ScheduledTask | null = null;
  let watch: ClockWatch | null = null;
  let restarting: Promise<void> = Promise.resolve();
  let running: Promise<void> | null = null;
  /** A job of every second would otherwise report an outage a thousand times. */
  let isFailing = false;

  const runOnce = async (): Promise<void> => {
    try {
      await correlated(`schedule:${name}`, run);
      if (isFailing) log.info({ job: name }, "job works again");
      isFailing = false;
    } catch (error) {
      if (isFailing) return;
      isFailing = true;
      log.warn({ job: name, code: toFailure(error).code }, "job failed; it is tried again at every tick");
      reportFault({ surface: "schedule", reference: `schedule:${name}`, error });
    }
  };
  const tick = (): Promise<void> => {
    running ??= runOnce().finally(() => {
      running = null;
    });
    return running;
  };

  const startTask = async (): Promise<void> => {
    task = createTask(cron, tick, { noOverlap: true, suppressMissedWarning: true, logger: quiet(log) });
    await task.start();
  };
  const restart = async (): Promise<void> => {
    await task?.destroy();
    await startTask();
  };

  return {
    async start() {
      await startTask();
      // A task sleeps until the moment it computed, which is far away after the clock went back.
      watch = watchClock(() => {
        restarting = restarting.then(restart);
      });
      void tick();
    },
    async stop(timeoutMs) {
      watch?.stop();
      await restarting;
      await task?.destroy();
      task = null;
      await Promise.race([running, sleep(timeoutMs, undefined, { ref: false })]);
    },
  };
}

/** node-cron's own console logger would print outside our format. */
function quiet(log: Log) {
  const debug = (message: unknown) => log.debug({ cron: String(message) }, "scheduler");
  return { info: debug, warn: debug, error: debug, debug };
}
