/**
 * How long ago something was, whatever happens to the clock of the machine. A monotonic clock stands still while the
 * machine sleeps, the wall clock jumps when somebody sets it: the longer of both is what may be relied on, so that a
 * jump ahead makes things older than they are (looked at again), and a jump back never makes them younger.
 */
export interface Instant {
  /** Epoch milliseconds. */
  wallMs: number;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs: number;
}

export function ageMs(past: Instant, present: Instant): number {
  return Math.max(present.wallMs - past.wallMs, present.monotonicMs - past.monotonicMs, 0);
}

/** Takes instants; `now` is the wall clock. */
export function instants(now: () => Date): () => Instant {
  return () => ({ wallMs: now().getTime(), monotonicMs: performance.now() });
}
