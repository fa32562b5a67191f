/** Deputies in the store, and votes as far as they concern them: what counts is the last order that was given, in whatever order they are carried out. */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type DeputyOrder, orderedAt } from "../../src/domain/deputy.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import { createDeputyStore } from "../../src/store/deputies.ts";
import { createRightsStore } from "../../src/store/rights.ts";
import type { Store } from "../../src/store/store.ts";
import { analysis, decision } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

let store: Store;
let book: ReturnType<typeof createDeputyStore>;

beforeAll(async () => {
  store = await openOwnStore();
  book = createDeputyStore(store.db);
});
beforeEach(async () => {
  await store.db.deleteFrom("deputies").execute();
});
afterAll(() => store.close());

const minute = (count: number) => new Date(Date.UTC(2026, 10, 21, 12, count));
const order = (
  at: number,
  deputy: string | null,
  { principal = "U1", until = 1_000 }: { principal?: string; until?: number } = {},
): DeputyOrder => ({
  id: `${principal}:${at}`,
  principal: { slackId: principal, name: `Name of ${principal}` },
  at: minute(at).toISOString(),
  appointment:
    deputy === null
      ? null
      : {
          deputy: { slackId: deputy, name: `Name of ${deputy}` },
          lastDay: "2026-11-21",
          endsAt: minute(until).toISOString(),
        },
});
const now = async (at: number) =>
  (await book.inForce(minute(at))).map(({ principal, deputy }) => [principal.slackId, deputy.slackId]);

test("the last one counts, for each principal, until its end", async () => {
  await book.note(order(1, "U2"));
  await book.note(order(2, "U3", { until: 60 }));
  await book.note(order(3, "U2", { principal: "U9", until: 50 }));
  expect(await now(5)).toEqual([
    ["U9", "U2"],
    ["U1", "U3"],
  ]);
  expect(await now(49)).toHaveLength(2);
  expect(await now(50)).toEqual([["U1", "U3"]]);
  expect(await now(60)).toEqual([]);
});

test("an order that a crash delayed brings back nothing that was ended since", async () => {
  await book.note(order(2, null));
  await book.note(order(1, "U2"));
  expect(await now(5)).toEqual([]);
});

test("an order given by a clock that was ahead is ended by the next one, and that it was is known", async () => {
  const ahead = order(300, "U2", { until: 900 });
  await book.note(ahead);
  const at = orderedAt(minute(5), await book.lastOrder("U1"));
  const off = { ...order(5, null), at };
  expect((await book.before(off))?.id).toBe(ahead.id);
  await book.note(off);
  expect(await now(6)).toEqual([]);
  expect(await now(301)).toEqual([]);
  expect(orderedAt(minute(400), await book.lastOrder("U1"))).toBe(minute(400).toISOString());
  expect(orderedAt(minute(5), await book.lastOrder("U9"))).toBe(minute(5).toISOString());
});

test("the same order twice is one, and keeps what it said at first", async () => {
  await book.note(order(1, "U2"));
  await book.note(order(1, "U2"));
  expect(await now(5)).toEqual([["U1", "U2"]]);
});

test("what stood before an order is known after it was noted too", async () => {
  const first = order(1, "U2", { until: 30 });
  const second = order(2, "U3");
  await book.note(first);
  expect(await book.before(first)).toBeNull();
  await book.note(second);
  expect((await book.before(second))?.deputy).toEqual({ slackId: "U2", name: "Name of U2" });
  expect(await book.before(order(40, null))).toMatchObject({ id: second.id });
  await book.note(order(3, null));
  expect(await book.before(order(4, "U5"))).toBeNull();
});

test("any sequence in any order of arrival ends as if it had come in time", async () => {
  const orders = fc.uniqueArray(
    fc.record({ at: fc.integer({ min: 0, max: 30 }), deputy: fc.constantFrom("U2", "U3", null) }),
    { selector: ({ at }) => at, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(orders, async (given) => {
      await store.db.deleteFrom("deputies").execute();
      for (const { at, deputy } of given) await book.note(order(at, deputy));
      const last = given.toSorted((a, b) => a.at - b.at).at(-1);
      expect(await now(31)).toEqual(last?.deputy ? [["U1", last.deputy]] : []);
    }),
    { numRuns: 30 },
  );
});

test("what is known of a vote so far names those whose approval counts, and nobody whose approval counts no more", async () => {
  const lee = { slackId: "U3", name: "Lee Park", for: { slackId: "U1", name: "Dana Reyes" } };
  const vote = { at: "2026-11-21T12:00:00.000Z", planHash: "h" };
  const voided = { at: vote.at, why: "Taken back." };
  const approvals = [
    { ...vote, by: { slackId: "U2", name: "Sam" }, voided },
    { ...vote, by: lee },
  ];
  await createDecisionStore(store.db).insert(decision({ id: "voted", requestedBy: "U1", approvals }));
  expect(await createRightsStore(store.db).facts(["voted", "unknown"])).toEqual(
    new Map([
      ["voted", { impact: analysis.triage.impact, requestedBy: "U1", escalatedTo: [], voters: [lee] }],
    ]),
  );
});
