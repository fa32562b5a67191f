/** At most so many at the same time in this process; the others wait their turn, first come first served. */
export type Lanes = <T>(run: () => Promise<T>) => Promise<T>;

/** `holdMs`: whoever takes longer goes on, but no longer keeps the next one waiting. */
export function createLanes(count: number, { holdMs }: { holdMs?: number } = {}): Lanes {
  let free = count;
  const waiting: (() => void)[] = [];
  const passOn = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async (run) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let holds = true;
    const leave = () => {
      if (holds) passOn();
      holds = false;
    };
    const limit = holdMs === undefined ? undefined : setTimeout(leave, holdMs).unref();
    try {
      return await run();
    } finally {
      clearTimeout(limit);
      leave();
    }
  };
}
