/** What nobody holds any more is given back at once, not when V8 feels like it. */
import { expect, it } from "vitest";
import { collectGarbage } from "../../src/store/collect-garbage.ts";

it("collects what nobody holds, and nothing else", async () => {
  const kept = { held: true };
  const [left, held] = [new WeakRef({ held: false }), new WeakRef(kept)];
  await collectGarbage();
  expect(left.deref()).toBeUndefined();
  expect(held.deref()).toBe(kept);
});
