/**
 * What people do about polls: look now and follow what that started, pause, go on, ask how it stands. Owns no words and
 * no rights; the clock is the poller's.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Backlog } from "../domain/backlog.ts";
import type { PollOutcome, StartedRun } from "../domain/health.ts";
import type { Pause, PauseState, PauseView } from "../domain/pause.ts";
import { type RunOutcome, tally } from "../domain/poll-run.ts";
import type { Poller, PollerStatus } from "./poller.ts";

export interface PollDeskDeps {
  poller: Pick<Poller, "pollNow" | "status" | "seePause" | "stopping">;
  /** The operators' own. */
  pause: Pause;
  /** Everything that holds polls back. */
  holds: PauseView;
  outcomes(runs: StartedRun[]): Promise<RunOutcome[]>;
  /** As the last poll saw it; null before the first. */
  backlog(): Promise<Backlog | null>;
  atWork(): Promise<number>;
  now: () => Date;
  followMs?: number;
}

export interface PollStanding extends PollerStatus {
  backlog: Backlog | null;
  atWork: number;
}

export type Paused = { kind: "paused" | "already"; pause: PauseState };
/** `held`: something else than the operators' pause holds polls back. */
export type Resumed =
  | { kind: "resumed"; was: PauseState }
  | { kind: "not-paused" }
  | { kind: "held"; was: PauseState | null; by: PauseState };

const FOLLOW_MS = 2 * 60_000;
const LOOK_MS = 250;
const LONGEST_LOOK_MS = 2_000;

export type PollDesk = ReturnType<typeof createPollDesk>;

export function createPollDesk(deps: PollDeskDeps) {
  const { poller, pause, holds, now } = deps;
  return {
    /** Polls through the same path as the clock. */
    now: (): Promise<PollOutcome> => poller.pollNow(),
    /** Resolves when all have ended, after two minutes, or when the process stops: some may be at work still. */
    follow: (runs: StartedRun[], onChange: (outcomes: RunOutcome[]) => void) => follow(deps, runs, onChange),
    async pause(by: string, reason: string): Promise<Paused> {
      const held = await pause.state();
      if (held !== null) return { kind: "already", pause: held };
      const begun = { by, since: now().toISOString(), reason, until: null };
      await pause.set(begun);
      await poller.seePause();
      return { kind: "paused", pause: begun };
    },
    async resume(): Promise<Resumed> {
      const was = await pause.state();
      await pause.clear();
      const rest = await poller.seePause();
      if (rest !== null) return { kind: "held", was, by: rest };
      return was === null ? { kind: "not-paused" } : { kind: "resumed", was };
    },
    /** Why polls wait; null when they do not. */
    held: () => holds.state(),
    async standing(): Promise<PollStanding> {
      await poller.seePause();
      const [backlog, atWork] = await Promise.all([deps.backlog(), deps.atWork()]);
      return { ...poller.status(), backlog, atWork };
    },
  };
}

async function follow(
  { outcomes, poller, followMs = FOLLOW_MS }: PollDeskDeps,
  runs: StartedRun[],
  onChange: (outcomes: RunOutcome[]) => void,
): Promise<RunOutcome[]> {
  const begun = performance.now();
  let shown = runs.length;
  let waitMs = LOOK_MS;
  for (;;) {
    const seen = await outcomes(runs);
    const { atWork } = tally(seen);
    const elapsedMs = performance.now() - begun;
    if (atWork === 0 || elapsedMs >= followMs || poller.stopping.aborted) return seen;
    if (atWork < shown) onChange(seen);
    shown = atWork;
    const pause = sleep(Math.min(waitMs, followMs - elapsedMs), undefined, { signal: poller.stopping });
    // Rejects only when the process stops, and then the next turn is the last one.
    await pause.catch(() => undefined);
    waitMs = Math.min(waitMs * 1.2, LONGEST_LOOK_MS);
  }
}
