/** What is kept of the nodes in Notion, by data source. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createNodeMemory } from "../../src/store/node-memory.ts";
import { type OwnStore, openOwnStore } from "../fixtures/own-store.ts";

const reading = { since: Date.UTC(2026, 10, 20, 9), isPartial: false };
let store: OwnStore;

beforeAll(async () => {
  store = await openOwnStore();
});
afterAll(() => store.close());

it("is what was last said of each, of this data source alone", async () => {
  const memory = createNodeMemory(store.db);
  expect(await memory.load("one")).toBeNull();
  const many = Array.from({ length: 3_000 }, (_, n) => [`n${n}`, `Supplier ${n}`] as const);
  await memory.save("one", { ...reading, titles: new Map(many) });
  await memory.save("two", { ...reading, titles: new Map([["n1", "Elsewhere"]]) });
  const later = { since: reading.since + 60_000, isPartial: true };
  const changes = [
    ["n1", "Renamed"],
    ["n2", null],
    ["n3000", " Ŋew \\ \n\t''"],
  ] as const;
  await memory.save("one", { ...later, titles: new Map(changes) });
  const kept = await memory.load("one");
  expect(kept).toMatchObject(later);
  const expected = new Map<string, string | null>([...many, ...changes]);
  expected.delete("n2");
  expect(new Map(kept?.nodes.map(({ id, title }) => [id, title]))).toEqual(expected);
  expect((await memory.load("two"))?.nodes).toEqual([{ id: "n1", title: "Elsewhere" }]);
});

it("leaves out a name that PostgreSQL cannot hold, also the one before it", async () => {
  const memory = createNodeMemory(store.db);
  const save = (a: string, b: string) =>
    memory.save("odd", { ...reading, titles: new Map(Object.entries({ a, b, c: "kept" })) });
  await save("before", "before");
  await save("nul \u0000", "half \uD83D");
  expect((await memory.load("odd"))?.nodes).toEqual([{ id: "c", title: "kept" }]);
});
