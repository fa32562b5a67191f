import { describe, expect, it } from "vitest";
import { outcomeOf, tally } from "../../src/domain/poll-run.ts";

const run = { pageId: "page", attempt: 2 };
const item = (state: Parameters<typeof outcomeOf>[1] extends infer K ? NonNullable<K> : never) => state;

describe("what became of an attempt", () => {
  it.each([
    ["running", 2, "at-work"],
    ["running", 3, "failed"],
    ["failed", 2, "failed"],
    ["waiting", 2, "waiting"],
    ["dead", 2, "given-up"],
    ["ignored", 2, "given-up"],
    ["done", 2, "done"],
    ["done", 4, "done"],
  ] as const)("an item %s at attempt %i is %s", (state, attempt, expected) => {
    const reason = state === "done" ? null : "why";
    expect(outcomeOf(run, item({ state, attempt, reason: "why" }))).toEqual({
      ...run,
      state: expected,
      reason,
    });
  });

  it("is not over when the store does not know the item yet", () => {
    expect(outcomeOf(run, null)).toEqual({ ...run, state: "at-work", reason: null });
  });

  it("adds up", () => {
    const of = (state: "done" | "failed" | "given-up" | "waiting" | "at-work") => ({
      ...run,
      state,
      reason: null,
    });
    const all = [of("done"), of("failed"), of("given-up"), of("waiting"), of("at-work")];
    expect(tally(all)).toEqual({ total: 5, done: 1, failed: 2, waiting: 1, atWork: 1 });
  });
});
