/** Makes a failing schedule smaller: leaves out one part after the other for as long as it still fails alike. Pure but for `run`. */
import type { Schedule } from "./schedule.ts";

export interface Shrinking {
  /** The rules that a run of this schedule breaks. */
  run(schedule: Schedule): Promise<readonly string[]>;
  /** Asked before each run. */
  hasTime(): boolean;
}

export interface Shrunk {
  schedule: Schedule;
  runs: number;
  /** False when the time was over before every part had been left out once. */
  isMinimal: boolean;
}

export interface Failing {
  schedule: Schedule;
  /** Those that it broke. */
  rules: readonly string[];
}

/** Something else that a smaller schedule breaks is another failure. */
export function isSameFailure(rules: readonly string[], broken: readonly string[]): boolean {
  return broken.some((rule) => rules.includes(rule));
}

export async function shrink(failing: Failing, { run, hasTime }: Shrinking): Promise<Shrunk> {
  let { schedule } = failing;
  let runs = 0;
  // A run takes half a minute: what could not be left out is tried again only after everything else.
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    const tried = new Set<string>();
    for (let next = firstUntried(schedule, tried); next; next = firstUntried(schedule, tried)) {
      if (!hasTime()) return { schedule, runs, isMinimal: false };
      tried.add(next.without);
      runs += 1;
      if (!isSameFailure(failing.rules, await run(next.schedule))) continue;
      schedule = next.schedule;
      isSmaller = true;
    }
  }
  return { schedule, runs, isMinimal: true };
}

const firstUntried = (schedule: Schedule, tried: Set<string>) =>
  smaller(schedule).find(({ without }) => !tried.has(without));

export interface Smaller {
  schedule: Schedule;
  /** What is left out, the same text in every schedule that has it. */
  without: string;
}

/** The largest cuts first: half of the faults, of the items, of the acts; then single ones. */
export function smaller(schedule: Schedule): Smaller[] {
  const { faults, items, acts, replicas } = schedule;
  const cuts = [
    ...cutsOf(faults).map(({ left, without }) => ({ without, schedule: { ...schedule, faults: left } })),
    ...cutsOf(items).map(({ left, without }) => ({ without, schedule: withItems(schedule, left) })),
    ...cutsOf(acts).map(({ left, without }) => ({ without, schedule: { ...schedule, acts: left } })),
    ...(replicas > 1
      ? [{ without: `replica ${replicas}`, schedule: withReplicas(schedule, replicas - 1) }]
      : []),
  ];
  return cuts.toSorted((a, b) => sizeOf(a.schedule) - sizeOf(b.schedule));
}

const sizeOf = ({ faults, items, acts, replicas }: Schedule) =>
  faults.length + items.length + acts.length + replicas;

interface Cut<T> {
  left: T[];
  without: string;
}

function cutsOf<T>(list: readonly T[]): Cut<T>[] {
  const half = Math.ceil(list.length / 2);
  const groups = list.length > 2 ? [list.slice(half), list.slice(0, half)] : [];
  return [...groups, ...list.map((one) => [one])].map((without) => ({
    left: list.filter((one) => !without.includes(one)),
    without: JSON.stringify(without),
  }));
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
