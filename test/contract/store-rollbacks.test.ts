/** The book of rollbacks: one at a time and asked once, whoever comes at the same moment. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RollbackState } from "../../src/domain/rollback.ts";
import { createRollbackStore } from "../../src/store/rollbacks.ts";
import type { Store } from "../../src/store/store.ts";
import { LIVE, PREVIOUS, rollbackOf } from "../fixtures/deployments.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

let store: Store;
let book: ReturnType<typeof createRollbackStore>;

beforeAll(async () => {
  store = await openOwnStore();
  book = createRollbackStore(store.db);
});

afterAll(() => store.close());

const order = (id: string, startedAt = "2026-11-21T12:00:00.000Z") => ({
  ...{ id, target: PREVIOUS, from: LIVE, by: rollbackOf().by, startedAt },
});
const END: RollbackState = {
  kind: "ended",
  result: "healthy",
  reason: null,
  at: "2026-11-21T12:05:00.000Z",
  deploymentId: "d",
};

describe("the book of rollbacks", () => {
  it("lets one of many begin, and that one as often as it is sent", async () => {
    const begun = await Promise.all(["V1", "V2", "V3"].map((id) => book.begin(order(id))));
    expect(begun.filter(Boolean)).toHaveLength(1);
    const first = await book.active();
    expect(await book.begin(order(first?.id ?? ""))).toBe(true);
    expect(await book.begin(order("V4"))).toBe(false);
    expect(first).toMatchObject({
      target: PREVIOUS,
      from: LIVE,
      state: { kind: "starting" },
      rev: 1,
      cardRev: 0,
    });
  });

  it("lets one ask, once and for all", async () => {
    const { id = "" } = (await book.active()) ?? {};
    const claim = { at: "2026-11-21T12:00:01.000Z", knownIds: ["a", "b"] };
    const claims = await Promise.all([1, 2, 3].map(() => book.claimAsk(id, claim)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await book.find(id)).toMatchObject({ askedAt: claim.at, knownIds: ["a", "b"] });
  });

  it("keeps how it ended, whoever comes later, and lets the next one begin", async () => {
    const { id = "" } = (await book.active()) ?? {};
    expect(await book.move(id, END)).toMatchObject({ state: END, rev: 2 });
    expect(await book.move(id, { kind: "asked", accepted: true, note: null })).toMatchObject({
      state: END,
      rev: 2,
    });
    expect(await book.claimAsk(id, { at: "2026-11-21T12:06:00.000Z", knownIds: [] })).toBe(false);
    expect(await book.active()).toBeNull();
    expect(await book.begin(order(id))).toBe(true);
    expect(await book.active()).toBeNull();
    expect(await book.begin(order("V9", "2026-11-21T13:00:00.000Z"))).toBe(true);
    expect((await book.latest())?.id).toBe("V9");
  });

  it("knows the card and what it shows; an older drawing does not count", async () => {
    await book.cardPosted("V9", { channel: "C1", ts: "1.2" });
    await book.cardShows("V9", 3);
    await book.cardShows("V9", 2);
    expect(await book.find("V9")).toMatchObject({ card: { channel: "C1", ts: "1.2" }, cardRev: 3 });
  });
});
