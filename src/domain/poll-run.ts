/** What became of the attempts that a poll began. */
import type { StartedRun } from "./health.ts";

export interface RunOutcome extends StartedRun {
  /** `given-up` after the last attempt; `waiting` for money or for somebody to mend the set-up. */
  state: "at-work" | "done" | "failed" | "given-up" | "waiting";
  /** Why it did not get further; plain text. */
  reason: string | null;
}

export interface RunTally {
  total: number;
  done: number;
  failed: number;
  waiting: number;
  atWork: number;
}

export function tally(outcomes: RunOutcome[]): RunTally {
  const count = (...states: RunOutcome["state"][]) =>
    outcomes.filter(({ state }) => states.includes(state)).length;
  return {
    total: outcomes.length,
    done: count("done"),
    failed: count("failed", "given-up"),
    waiting: count("waiting"),
    atWork: count("at-work"),
  };
}

/** An item as the store knows it; null = not at all. */
interface KnownItem {
  attempt: number;
  state: "running" | "waiting" | "failed" | "dead" | "ignored" | "done";
  reason: string | null;
}

/** How the attempt ended. A later attempt means that this one failed; when that one is through, the item is done. */
export function outcomeOf(run: StartedRun, item: KnownItem | null): RunOutcome {
  if (item === null) return { ...run, state: "at-work", reason: null };
  const because = (state: RunOutcome["state"]) => ({ ...run, state, reason: item.reason });
  switch (item.state) {
    case "running":
      return because(item.attempt > run.attempt ? "failed" : "at-work");
    case "dead":
    case "ignored":
      return because("given-up");
    case "done":
      return { ...run, state: "done", reason: null };
    default:
      return because(item.state);
  }
}
