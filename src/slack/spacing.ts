/** So many turns in any stretch of time, whatever happens to the wall clock: a queue that waits until a moment of it stands still when it is set back. */
import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when it is somebody's turn. Not to be asked again before that. */
export type Spacing = () => Promise<void>;

export function createSpacing({ turns, withinMs }: { turns: number; withinMs: number }): Spacing {
  const taken: number[] = [];
  return async () => {
    const oldest = taken.length < turns ? undefined : taken.shift();
    const waitMs = oldest === undefined ? 0 : oldest + withinMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    taken.push(performance.now());
  };
}
