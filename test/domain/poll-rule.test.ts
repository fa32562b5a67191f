import { describe, expect, it } from "vitest";
import type { InboxRef } from "../../src/domain/item.ts";
import type { ItemEntry } from "../../src/workflows/books.ts";
import { whyNotNow } from "../../src/workflows/poll.ts";
import { sweptSince } from "../../src/workflows/sweep.ts";

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
    ["when it was put back after it ended by a clock that was ahead", ref(), seen("done", -60)],
    [
      "when its next attempt was set by such a clock",
      ref(),
      seen("failed", 5, { next_at: new Date(NOW + 60 * MINUTE) }),
    ],
    ["when it was claimed by others in our future", ref("Processing", -60), null],
    ["when a person put it back after it was done", ref(), seen("done", 3)],
    ["when a person put it back after it was given up", ref(), seen("dead", 3)],
    ["when a person put it back after it was ignored", ref(), seen("ignored", 3)],
  ])("%s", (_, item, entry) => {
    expect(why(item, entry)).toBeNull();
  });
});

describe("the sweep looks for edits", () => {
  const at = new Date(NOW);
  it("from a little before the last one, and for a day back when that one had a clock that was ahead", () => {
    expect(sweptSince("2026-11-21T11:58:00.000Z", at)).toBe("2026-11-21T11:55:00.000Z");
    expect(sweptSince("2026-11-21T12:01:00.000Z", at)).toBe("2026-11-21T11:58:00.000Z");
    expect(sweptSince("2026-11-21T13:00:00.000Z", at)).toBe("2026-11-20T12:00:00.000Z");
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
