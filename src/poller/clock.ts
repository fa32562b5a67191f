/**
 * node-cron, kept alive when the machine's clock is set: it sleeps until the moment it computed, and after the clock went
 * back that moment is as far away as the clock went.
 */
import { createTask, type ScheduledTask } from "node-cron";
import { watchClock } from "../clock-jumps.ts";
import type { Log } from "../log.ts";

export interface ClockDeps {
  /** Six fields, seconds first. */
  cron: string;
  timezone: string;
  /** Not called again before the last call is over. */
  onTick(): Promise<unknown>;
  log: Log;
}

export interface Clock {
  stop(): Promise<void>;
}

export async function startClock(deps: ClockDeps): Promise<Clock> {
  const { log } = deps;
  let task = await startTask(deps);
  const restart = async (): Promise<void> => {
    await task.destroy();
    task = await startTask(deps);
  };
  let restarting: Promise<void> = Promise.resolve();
  const watch = watchClock((byMs) => {
    log.warn({ seconds: Math.round(byMs / 1000) }, "the clock of the machine was set; polls start anew");
    restarting = restarting.then(restart);
  });
  return {
    async stop() {
      watch.stop();
      await restarting;
      await task.destroy();
    },
  };
}

async function startTask({ cron, timezone, onTick, log }: ClockDeps): Promise<ScheduledTask> {
  const options = { noOverlap: true, timezone, suppressMissedWarning: true, logger: quietLogger(log) };
  const task = createTask(cron, onTick, options);
  await task.start();
  return task;
}

/** node-cron's own console logger would print outside our format; what matters is logged by the poller. */
function quietLogger(log: Log) {
  const debug = (message: unknown) => log.debug({ cron: String(message) }, "scheduler");
  return { info: debug, warn: debug, error: debug, debug };
}
