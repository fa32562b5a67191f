/**
 * Notices that somebody set the machine's clock. Whoever sleeps until a moment of the wall clock would, after the clock
 * went back, sleep for as long as it was ahead.
 */

export interface ClockWatch {
  stop(): void;
}

const LOOK_MS = 1_000;
/** Clocks are trimmed by fractions of a second all the time. */
const JUMP_MS = 1_000;

/** `onSet` hears by how much, positive = ahead. */
export function watchClock(onSet: (byMs: number) => void): ClockWatch {
  let offsetMs = Date.now() - performance.now();
  const timer = setInterval(() => {
    const jumpedMs = Date.now() - performance.now() - offsetMs;
    if (Math.abs(jumpedMs) < JUMP_MS) return;
    offsetMs += jumpedMs;
    onSet(jumpedMs);
  }, LOOK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
