import { expect, it } from "vitest";
import { giveTurns, turnsOf } from "../../src/workflows/turns.ts";

const later = () => new Promise((resolve) => setImmediate(resolve));

/** Workflows that began and do not end. */
function crowd(name: string, count: number): { begun: () => number; end: () => void } {
  const turns = turnsOf(name);
  const ends: (() => void)[] = [];
  for (let nth = 0; nth < count; nth += 1)
    void turns(() => new Promise<void>((resolve) => ends.push(resolve)));
  return {
    begun: () => ends.length,
    end: () => {
      for (const end of ends) end();
    },
  };
}

it("carries a crowd of decisions out in turn, and everything else at once", async () => {
  giveTurns();
  const records = crowd("record", 20);
  const decisions = crowd("decision", 20);
  await later();
  expect([records.begun(), decisions.begun()]).toEqual([8, 20]);
  records.end();
  await later();
  expect(records.begun()).toBe(16);
});

it("lets nothing begin that still waits when the engine stops, not even after the next one started", async () => {
  const stop = giveTurns();
  const records = crowd("record", 20);
  await later();
  stop();
  giveTurns();
  records.end();
  await later();
  expect(records.begun()).toBe(8);
});
