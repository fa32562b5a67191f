import { describe, expect, it } from "vitest";
import { judgeBacklog, seeBacklog, type WaitingRow } from "../../src/domain/backlog.ts";

const MINUTE = 60_000;
const NOW = new Date("2026-11-21T12:00:00Z");
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE).toISOString();
const row = (id: string, minutes: number, begun = false): WaitingRow => ({
  id,
  lastEditedAt: ago(minutes),
  begun,
});
const look = { now: NOW, maxAgeMs: 4 * MINUTE };

describe("how long an item has waited", () => {
  it("counts from when it was first seen waiting, whatever we wrote to it since", () => {
    const first = seeBacklog(null, [row("a", 50), row("b", 20)], ago(20));
    const later = seeBacklog(first, [row("b", 1), row("a", 2)], ago(0));
    expect(later.oldest).toEqual([
      { id: "a", since: ago(50), begun: false },
      { id: "b", since: ago(20), begun: false },
    ]);
  });

  it("starts anew when it was gone in between", () => {
    const first = seeBacklog(null, [row("a", 50)], ago(40));
    const gone = seeBacklog(first, [], ago(30));
    expect(seeBacklog(gone, [row("a", 3)], ago(0)).oldest).toMatchObject([{ id: "a", since: ago(3) }]);
  });

  it("does not begin while the poll that found it began it at once; it does when the next one still finds it", () => {
    const first = seeBacklog(null, [row("a", 60, true), row("b", 1)], ago(2));
    expect(first.count).toBe(1);
    expect(judgeBacklog(first, look)).toMatchObject({ count: 1, oldestMs: MINUTE });
    const second = seeBacklog(first, [row("a", 0, true)], ago(0));
    expect(judgeBacklog(second, look)).toMatchObject({ count: 1, oldestMs: 60 * MINUTE, isTooMuch: true });
  });

  it("keeps the oldest of very many, and counts all", () => {
    const rows = Array.from({ length: 1_000 }, (_, index) => row(`item-${index}`, index));
    const seen = seeBacklog(null, rows, ago(0));
    expect(seen.count).toBe(1_000);
    expect(seen.oldest).toHaveLength(200);
    expect(seen.oldest[0]?.id).toBe("item-999");
  });
});

describe("the finding", () => {
  const of = (rows: WaitingRow[], minutesAgo = 0) =>
    judgeBacklog(seeBacklog(null, rows, ago(minutesAgo)), look);
  const many = (count: number) => Array.from({ length: count }, (_, index) => row(`i${index}`, 1));

  it.each([
    ["nothing", [], false],
    ["fifty new ones", many(50), false],
    ["more than fifty", many(51), true],
    ["one for half an hour", [row("a", 30)], false],
    ["one for longer", [row("a", 31)], true],
  ])("of %s", (_, rows, isTooMuch) => {
    expect(of(rows)).toMatchObject({ kind: "seen", count: rows.length, isTooMuch });
  });

  it("is no data before the first poll, and when the last one is too long ago or from the future", () => {
    expect(judgeBacklog(null, look)).toEqual({ kind: "no-data", at: null });
    expect(of([], 5)).toEqual({ kind: "no-data", at: ago(5) });
    expect(of([], -5)).toEqual({ kind: "no-data", at: ago(-5) });
    expect(judgeBacklog({ at: "broken", count: 0, oldest: [] }, look)).toMatchObject({ kind: "no-data" });
  });

  it("never says that something has waited since the future", () => {
    expect(of([row("a", -3)])).toMatchObject({ oldestMs: 0 });
  });
});
