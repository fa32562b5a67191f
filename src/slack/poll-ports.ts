/** What `/emm poll` needs from the rest of the bot. */
import type { Backlog } from "../domain/backlog.ts";
import type { PollOutcome, StartedRun } from "../domain/health.ts";
import type { PauseState } from "../domain/pause.ts";
import type { RunOutcome } from "../domain/poll-run.ts";

export interface PollStanding {
  active: boolean;
  intervalSeconds: number;
  lastSuccessAt: string | null;
  lastFailure: { at: string; reason: string } | null;
  pause: PauseState | null;
  /** As the last poll saw it; null before the first. */
  backlog: Backlog | null;
  /** Items. */
  atWork: number;
}

export interface PollDesk {
  /** Polls through the same path as the clock. */
  now(): Promise<PollOutcome>;
  /** Resolves when all have ended, after about two minutes, or when the process stops. */
  follow(runs: StartedRun[], onChange: (outcomes: RunOutcome[]) => void): Promise<RunOutcome[]>;
  /** `by` is the person's name. `already`: somebody else was first. */
  pause(by: string, reason: string): Promise<{ kind: "paused" | "already"; pause: PauseState }>;
  /** `held`: something else than the operators' pause holds polls back. */
  resume(): Promise<
    | { kind: "resumed"; was: PauseState }
    | { kind: "not-paused" }
    | { kind: "held"; was: PauseState | null; by: PauseState }
  >;
  /** Why polls wait; null when they do not. */
  held(): Promise<PauseState | null>;
  standing(): Promise<PollStanding>;
}
