import { expect, it, vi } from "vitest";
import { createLanes } from "../../src/workflows/lanes.ts";

it("lets so many run at once, in order, and goes on after one that fails", async () => {
  const lanes = createLanes(2);
  const log: string[] = [];
  let running = 0;
  let most = 0;
  const one = (name: string) =>
    lanes(async () => {
      running += 1;
      most = Math.max(most, running);
      log.push(name);
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (name === "b") throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled(["a", "b", "c", "d", "e"].map(one));
  expect(results.map(({ status }) => status === "fulfilled")).toEqual([true, false, true, true, true]);
  expect(log).toEqual(["a", "b", "c", "d", "e"]);
  expect(most).toBe(2);
  expect(await one("f")).toBe("f");
});

it("gives the place of one that takes too long to the next, and to no more than one", async () => {
  vi.useFakeTimers();
  try {
    const lanes = createLanes(1, { holdMs: 1_000 });
    const log: string[] = [];
    let end = () => {};
    const slow = lanes(() => {
      log.push("slow");
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    const others = ["b", "c"].map((name) =>
      lanes(async () => {
        log.push(name);
        await vi.advanceTimersByTimeAsync(0);
        log.push(`${name} ends`);
      }),
    );
    await vi.advanceTimersByTimeAsync(999);
    expect(log).toEqual(["slow"]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(others);
    expect(log).toEqual(["slow", "b", "b ends", "c", "c ends"]);
    end();
    await slow;
    // Its place was passed on already: one at a time, still.
    let running = 0;
    let most = 0;
    const one = () =>
      lanes(async () => {
        running += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        running -= 1;
      });
    await Promise.all([one(), one(), one()]);
    expect(most).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
