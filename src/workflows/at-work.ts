/**
 * What is at work in this process, so that a stop knows whether waiting would bring anything to an end. A step counts
 * until its result is noted, the pauses between its attempts left out.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** Between two steps of a workflow passes less than the first; within the second a short step comes to its end. */
const REST_MS = 50;
const REST_LIMIT_MS = 500;

const atWork = { workflows: 0, steps: 0 };

export async function countedWorkflow<T>(run: () => Promise<T>): Promise<T> {
  atWork.workflows += 1;
  try {
    return await run();
  } finally {
    atWork.workflows -= 1;
  }
}

export type Attempt = <T>(run: () => Promise<T>) => Promise<T>;

/** `perform` makes each try through `attempt`; one that throws is followed by a pause. */
export async function countedStep<T>(perform: (attempt: Attempt) => Promise<T>): Promise<T> {
  let isAtWork = false;
  const set = (value: boolean) => {
    atWork.steps += Number(value) - Number(isAtWork);
    isAtWork = value;
  };
  set(true);
  try {
    return await perform(async (run) => {
      set(true);
      try {
        return await run();
      } catch (error) {
        set(false);
        throw error;
      }
    });
  } finally {
    set(false);
  }
}

/** Whether all workflows here wait for a retry, a pause or another process: a grace would not end them. */
export async function onlyWaiting(): Promise<boolean> {
  const startedAt = performance.now();
  let restingSince = startedAt;
  while (atWork.workflows > 0) {
    const now = performance.now();
    if (atWork.steps > 0) restingSince = now;
    if (now - restingSince >= REST_MS) return true;
    if (now - startedAt >= REST_LIMIT_MS) return false;
    await sleep(10);
  }
  return true;
}
