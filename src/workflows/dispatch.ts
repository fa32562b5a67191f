/**
 * Keeps the engine's queue going when the machine's clock is set back: its dispatcher sleeps until a moment of the wall
 * clock, and nothing in the queue would start before that moment comes again. Uses an internal of @dbos-inc/dbos-sdk
 * 5.3.0 (wfQueueRunner), so that package is pinned exactly.
 */
import { wfQueueRunner } from "@dbos-inc/dbos-sdk/internal/wfqueue";
import { watchClock } from "../clock-jumps.ts";
import type { Log } from "../log.ts";

export interface Dispatching {
  /** Before the engine is told to stop. */
  stop(): void;
}

const dispatchLoop = wfQueueRunner.dispatchLoop.bind(wfQueueRunner);

/** Call before the engine is launched. */
export function keepDispatching(log: Log): Dispatching {
  let isAnew = false;
  // The engine waits for this promise when it stops: it has to cover every run of the loop.
  wfQueueRunner.dispatchLoop = async (...args) => {
    do {
      isAnew = false;
      await dispatchLoop(...args);
    } while (isAnew);
  };
  const watch = watchClock((byMs) => {
    if (byMs > 0) return;
    log.warn(
      { seconds: Math.round(byMs / 1_000) },
      "the clock of the machine was set back; the queue starts anew",
    );
    isAnew = true;
    wfQueueRunner.stop();
  });
  return {
    stop() {
      watch.stop();
      isAnew = false;
    },
  };
}
