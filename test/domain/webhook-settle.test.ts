/** Deliveries about one problem arrive in any order, several at once, cut off and repeated: the last word stands. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Alarm } from "../../src/domain/alert.ts";
import type { AlertChange } from "../../src/domain/webhook.ts";
import { settle } from "../../src/workflows/webhook-work.ts";

const KEY = "alertmanager:1";

function change(n: number): AlertChange {
  const position = `2026-11-21T10:00:0${Math.floor(n / 2)}.000Z ${n % 2 === 0 ? "began" : "ended"}`;
  if (n % 2 === 1) {
    return {
      kind: "end",
      position,
      end: { key: KEY, source: "alertmanager", detail: null },
      onlyIfKnown: false,
    };
  }
  const words = { severity: "warning" as const, title: `episode ${n}`, detail: "", url: null };
  return { kind: "raise", position, signal: { key: KEY, source: "alertmanager", ...words } };
}

type Pause = () => Promise<void>;

/** One row, as the store keeps it; every touch may be held up. */
function memoryChanges(pause: Pause) {
  let row: { rev: number; change: AlertChange } | null = null;
  return {
    async record(_key: string, next: AlertChange): Promise<boolean> {
      await pause();
      if (next.kind === "end" && next.onlyIfKnown && row === null) return false;
      if (row === null || row.change.position <= next.position)
        row = { rev: (row?.rev ?? 0) + 1, change: next };
      return true;
    },
    async latest() {
      await pause();
      if (row === null) throw new Error("nothing was recorded");
      return row;
    },
  };
}

function wall(pause: Pause): { alarm: Alarm; shown: () => string | null } {
  let shown: string | null = null;
  return {
    shown: () => shown,
    alarm: {
      async raise(signal) {
        await pause();
        shown = signal.title;
      },
      async resolve() {
        await pause();
        shown = null;
      },
    },
  };
}

describe("what is said about one problem", () => {
  it("ends as its last word, in any order of arrival and of work, with cuts and repetitions", async () => {
    const arrivals = fc.array(fc.record({ n: fc.integer({ min: 0, max: 5 }), cut: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.scheduler(), async (deliveries, scheduler) => {
        const pause = () => scheduler.schedule(Promise.resolve());
        const changes = memoryChanges(pause);
        const { alarm, shown } = wall(pause);
        const work = deliveries.map(async ({ n, cut }) => {
          // A step that was cut off anywhere runs again from its beginning.
          if (cut) await settle({ changes, alarm: cutOff(alarm) }, change(n)).catch(() => undefined);
          await settle({ changes, alarm }, change(n));
        });
        await scheduler.waitFor(Promise.all(work));
        const last = Math.max(...deliveries.map(({ n }) => n));
        expect(shown()).toBe(last % 2 === 0 ? `episode ${last}` : null);
      }),
      { numRuns: 1_000 },
    );
  });

  it("looks again after it acted: an end that overtook it is told last", async () => {
    const { alarm, shown } = wall(async () => {});
    const changes = memoryChanges(async () => {});
    let overtake: Promise<void> | null = null;
    const slow: Alarm = {
      ...alarm,
      async raise(signal) {
        overtake ??= settle({ changes, alarm }, change(1));
        await overtake;
        await alarm.raise(signal);
      },
    };
    await settle({ changes, alarm: slow }, change(0));
    expect(shown()).toBeNull();
  });

  it("says again what is repeated, so that a repetition is counted", async () => {
    let raised = 0;
    const alarm: Alarm = { raise: async () => void raised++, resolve: async () => {} };
    const changes = memoryChanges(async () => {});
    await settle({ changes, alarm }, change(2));
    await settle({ changes, alarm }, change(2));
    expect(raised).toBe(2);
  });

  it("keeps an old beginning, sent again after the end, from bringing the problem back", async () => {
    const { alarm, shown } = wall(async () => {});
    const changes = memoryChanges(async () => {});
    for (const n of [0, 1, 0]) await settle({ changes, alarm }, change(n));
    expect(shown()).toBeNull();
  });

  it("does not speak of an end that is only said for what is known", async () => {
    let spoken = 0;
    const alarm: Alarm = { raise: async () => {}, resolve: async () => void spoken++ };
    const end = { key: KEY, source: "alertmanager", detail: null };
    const over: AlertChange = { kind: "end", position: "2026", end, onlyIfKnown: true };
    await settle({ changes: memoryChanges(async () => {}), alarm }, over);
    expect(spoken).toBe(0);
  });
});

/** Does its work, and the answer is lost. */
function cutOff(alarm: Alarm): Alarm {
  const lost = async (run: Promise<void>) => {
    await run;
    throw new Error("the process died");
  };
  return { raise: (signal) => lost(alarm.raise(signal)), resolve: (end) => lost(alarm.resolve(end)) };
}
