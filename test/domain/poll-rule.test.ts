import { describe, expect, it } from "vitest";
import type { InboxRef } from "../../src/domain/item.ts";
import type { ItemEntry } from "../../src/workflows/books.ts";
import { whyNotNow } from "../../src/workflows/poll.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const MINUTE = 60_000;

const ref = (status: InboxRef["status"] = "Unprocessed", editedMinutesAgo = 60): InboxRef => ({
  id: "page",
  status,
  lastEditedAt: new Date(NOW - editedMinutesAgo * MINUTE).toISOString(),
});

const seen = (
  state: ItemEntry["state"],
  changedMinutesAgo = 60,
  changes: Partial<ItemEntry> = {},
): ItemEntry => ({
  page_id: "page",
  attempt: 1,
  failures: 0,
  round: 1,
  state,
  next_at: null,
  updated_at: new Date(NOW - changedMinutesAgo * MINUTE),
  ...changes,
});

const why = (item: InboxRef, entry: ItemEntry | null, budgetReached = false) =>
  whyNotNow({ ref: item, seen: entry, budgetReached, now: NOW });

describe("an inbox row is taken up", () => {
  it.each([
    ["when it is new", ref(), null],
    ["when it is new and its status is empty", ref(""), null],
    ["when another program left it in Processing long ago", ref("Processing", 20), null],
    ["again while it runs, which is a no-op", ref("Processing"), seen("running")],
    ["when its next attempt is due", ref(), seen("failed", 5, { next_at: new Date(NOW - 1) })],
    ["when the budget it waited for is there", ref(), seen("waiting", 1)],
    ["when a person put it back after it was done", ref(), seen("done", 3)],
    ["when a person put it back after it was given up", ref(), seen("dead", 3)],
    ["when a person put it back after it was ignored", ref(), seen("ignored", 3)],
  ])("%s", (_, item, entry) => {
    expect(why(item, entry)).toBeNull();
  });
});

describe("an inbox row waits", () => {
  it.each([
    ["while somebody else may be at it", ref("Processing", 2), null, /claimed by something else/],
    ["right after it was done, when a query may be late", ref(), seen("done", 1), /just finished/],
    ["right after it was given up, likewise", ref(), seen("dead", 1), /just finished/],
    ["when it was given up and nobody touched it", ref("Processing"), seen("dead"), /Retry/],
    [
      "before its next attempt",
      ref(),
      seen("failed", 0, { next_at: new Date(NOW + MINUTE) }),
      /next attempt/,
    ],
  ])("%s", (_, item, entry, reason) => {
    expect(why(item, entry)).toMatch(reason);
  });

  it("while the budget is used up", () => {
    expect(why(ref(), null, true)).toMatch(/budget/);
  });
});
