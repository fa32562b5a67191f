import { expect, it } from "vitest";
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
