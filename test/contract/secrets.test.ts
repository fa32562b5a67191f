/** What the store keeps of secrets: enough to date them, too little to find them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSecretBook } from "../../src/store/secrets.ts";
import type { Store } from "../../src/store/store.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

let store: Store;
beforeAll(async () => {
  store = await openOwnStore();
});
afterAll(() => store.close());

const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const SECRET = { name: "API_KEY", value: "correct horse battery staple" };

describe("the book of secrets", () => {
  it("keeps the first moment of each value, also of one that was away for a while", async () => {
    const book = createSecretBook(store.db);
    expect(await book.firstSeen([SECRET])).toEqual(new Map());
    await book.remember([SECRET], at(1));
    await book.remember([{ ...SECRET, value: "another" }], at(5));
    await book.remember([SECRET], at(9));
    expect(await book.firstSeen([SECRET])).toEqual(new Map([["API_KEY", at(1)]]));
    expect(await book.firstSeen([{ ...SECRET, value: "a third" }])).toEqual(new Map());
    expect(await book.firstSeen([{ ...SECRET, name: "METRICS_TOKEN" }])).toEqual(new Map());
  });

  it("agrees with itself when replicas start at the same moment", async () => {
    const secrets = [{ name: "NOTION_API_KEY", value: "ntn_1" }];
    await store.db.deleteFrom("settings").execute();
    await Promise.all([1, 2, 3].map(() => createSecretBook(store.db).remember(secrets, at(2))));
    expect(await createSecretBook(store.db).firstSeen(secrets)).toEqual(new Map([["NOTION_API_KEY", at(2)]]));
  });

  it("holds sixteen bits of each, and no secret anywhere", async () => {
    const rows = await store.db.selectFrom("secrets").selectAll().execute();
    const settings = await store.db.selectFrom("settings").selectAll().execute();
    expect(rows.length).toBeGreaterThan(2);
    for (const { fingerprint } of rows) expect(fingerprint).toMatch(/^[0-9a-f]{4}$/);
    expect(JSON.stringify([rows, settings])).not.toMatch(/horse|ntn_1/);
  });
});
