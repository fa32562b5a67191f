/** `Inbox_ID`, `Intent ID`, `Log_ID`: numbers for people, that never repeat. */
import type { PropertyTable } from "./databases/property-table.ts";
import type { Counters } from "./ports.ts";
import type { Table } from "./table.ts";

export interface RunningNumber {
  /** The next number, or undefined when the workspace has no such property. */
  next(): Promise<number | undefined>;
  /** Looks the highest number up before it is needed, so that no item pays for it. */
  warmUp(): Promise<void>;
}

export function createRunningNumber<T extends PropertyTable>(
  counters: Counters,
  table: Table<T>,
  property: keyof T & string,
): RunningNumber {
  let floor: number | null = null;
  return {
    async next() {
      if (!(await table.has(property))) return undefined;
      return counters.next(property, async () => floor ?? table.highest(property));
    },
    async warmUp() {
      floor = await table.highest(property);
    },
  };
}
