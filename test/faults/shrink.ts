/** Makes a failing schedule smaller: leaves out one part after the other for as long as it still fails. Pure but for `fails`. */
import type { Schedule } from "./schedule.ts";

export interface Shrinking {
  /** Whether a run of this schedule fails. */
  fails(schedule: Schedule): Promise<boolean>;
  /** Asked before each run. */
  hasTime(): boolean;
}

export interface Shrunk {
  schedule: Schedule;
  runs: number;
  /** False when the time was over before every part had been left out once. */
  isMinimal: boolean;
}

export async function shrink(failing: Schedule, { fails, hasTime }: Shrinking): Promise<Shrunk> {
  let schedule = failing;
  let runs = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smaller(schedule)) {
      if (!hasTime()) return { schedule, runs, isMinimal: false };
      runs += 1;
      if (!(await fails(candidate))) continue;
      schedule = candidate;
      isSmaller = true;
      break;
    }
  }
  return { schedule, runs, isMinimal: true };
}

/** The largest cuts first: half of the faults, of the items, of the acts; then single ones. */
export function smaller(schedule: Schedule): Schedule[] {
  const { faults, items, acts } = schedule;
  const cuts = [
    ...cutsOf(faults).map((left) => ({ ...schedule, faults: left })),
    ...cutsOf(items).map((left) => withItems(schedule, left)),
    ...cutsOf(acts).map((left) => ({ ...schedule, acts: left })),
    ...(schedule.replicas > 1 ? [withReplicas(schedule, schedule.replicas - 1)] : []),
  ];
  return cuts.toSorted((a, b) => sizeOf(a) - sizeOf(b));
}

const sizeOf = ({ faults, items, acts, replicas }: Schedule) =>
  faults.length + items.length + acts.length + replicas;

function cutsOf<T>(list: readonly T[]): T[][] {
  const half = Math.ceil(list.length / 2);
  const halves = list.length > 2 ? [list.slice(0, half), list.slice(half)] : [];
  return [...halves, ...list.map((_, left) => list.filter((__, index) => index !== left))];
}

function withItems(schedule: Schedule, items: Schedule["items"]): Schedule {
  const ids = items.map(({ id }) => id);
  return { ...schedule, items, acts: schedule.acts.filter(({ item }) => ids.includes(item)) };
}

function withReplicas(schedule: Schedule, replicas: number): Schedule {
  const faults = schedule.faults.map((fault) =>
    "replica" in fault ? { ...fault, replica: Math.min(fault.replica, replicas - 1) } : fault,
  );
  return { ...schedule, replicas, faults };
}
