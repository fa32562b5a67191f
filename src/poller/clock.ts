/**
 * node-cron, kept alive when the machine's clock is set: it sleeps until the moment it computed, and after the clock went
 * back that moment is as far away as the clock went.
 */
import { createTask, type ScheduledTask } from "node-cron";
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

const LOOK_MS = 5_000;
/** Clocks are trimmed by fractions of a second all the time. */
const JUMP_MS = 1_000;

export async function startClock(deps: ClockDeps): Promise<Clock> {
  const { log } = deps;
  let task = await startTask(deps);
  let offsetMs = Date.now() - performance.now();
  const restart = async (): Promise<void> => {
    await task.destroy();
    task = await startTask(deps);
  };
  let restarting: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    const jumpedMs = Date.now() - performance.now() - offsetMs;
    if (Math.abs(jumpedMs) < JUMP_MS) return;
    offsetMs += jumpedMs;
    log.warn({ seconds: Math.round(jumpedMs / 1000) }, "the clock of the machine was set; polls start anew");
    restarting = restarting.then(restart);
  }, LOOK_MS);
  return {
    async stop() {
      clearInterval(timer);
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
