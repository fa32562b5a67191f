/** The desk for polls as it is, over a poller and a store that the test holds in its hand. */
import type { Backlog } from "../../src/domain/backlog.ts";
import type { PollOutcome, StartedRun } from "../../src/domain/health.ts";
import type { PauseState } from "../../src/domain/pause.ts";
import type { RunOutcome } from "../../src/domain/poll-run.ts";
import { createPollDesk } from "../../src/poller/desk.ts";
import { createPause } from "../../src/poller/pause.ts";
import type { Poller } from "../../src/poller/poller.ts";

export interface PollWorld {
  polls: number;
  /** What the next poll finds, or why it fails. */
  found: Partial<Extract<PollOutcome, { kind: "polled" }>["report"]> | Error;
  /** How the attempts stand, look after look; the last one stays. */
  looks: Omit<RunOutcome, "pageId" | "attempt">[][];
  backlog: Backlog | null;
  lastFailure: { at: string; reason: string } | null;
}

export const AT = "2026-11-21T12:00:00.000Z";

export function pollWorld(): PollWorld {
  return { polls: 0, found: {}, looks: [], backlog: null, lastFailure: null };
}

export function createTestDesk(world: PollWorld) {
  const rows = new Map<string, object>();
  const pause = createPause({
    settings: {
      // Only `set` writes, with the same key and type.
      get: async <T extends object>(key: string) => (rows.get(key) as T | undefined) ?? null,
      set: async (key, value) => void rows.set(key, value),
    },
    now: () => new Date(AT),
  });
  let seen: PauseState | null = null;
  const poller: Pick<Poller, "pollNow" | "status" | "seePause" | "stopping"> = {
    stopping: new AbortController().signal,
    async pollNow() {
      const held = await pause.state();
      if (held) return { kind: "paused", pause: held };
      world.polls += 1;
      if (world.found instanceof Error) throw world.found;
      const report = { found: 0, started: 0, runs: [], waiting: [], swept: 0, ...world.found };
      return { kind: "polled", report };
    },
    status: () => ({
      active: true,
      intervalSeconds: 120,
      startedAt: AT,
      lastSuccessAt: world.polls > 0 ? AT : null,
      idleMs: 0,
      lastFailure: world.lastFailure,
      busyMs: null,
      pause: seen,
    }),
    async seePause() {
      seen = await pause.state();
      return seen;
    },
  };
  return createPollDesk({
    ...{ poller, pause, holds: pause },
    async outcomes(runs: StartedRun[]) {
      const look = (world.looks.length > 1 ? world.looks.shift() : world.looks[0]) ?? [];
      return runs.map((run, index) => ({ ...run, ...(look[index] ?? { state: "at-work", reason: null }) }));
    },
    backlog: async () => world.backlog,
    atWork: async () => 2,
    now: () => new Date(AT),
    followMs: 600,
  });
}
