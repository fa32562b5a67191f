/**
 * Some workflows come in crowds. A crowd of clicks is decided at once but carried out in turn: all at the same time they
 * would keep the next click from being acknowledged, and each other from coming to an end.
 */
import { createLanes, type Lanes } from "./lanes.ts";

/** At once in one process, by the workflow's name. */
const AT_ONCE: Record<string, number> = { record: 8 };
/** Whoever takes longer waits for a vendor, and burdens nobody. */
const TURN_MS = 5_000;

let era = { isOver: false };

/** From now on turns are given; returns how to end that. Whoever waits then is left to the next process. */
export function giveTurns(): () => void {
  const mine = { isOver: false };
  era = mine;
  return () => {
    mine.isOver = true;
  };
}

export function turnsOf(workflow: string): Lanes {
  const atOnce = AT_ONCE[workflow];
  if (atOnce === undefined) return (run) => run();
  const lanes = createLanes(atOnce, { holdMs: TURN_MS });
  return (run) => {
    const mine = era;
    return lanes(() => (mine.isOver ? new Promise(() => undefined) : run()));
  };
}
