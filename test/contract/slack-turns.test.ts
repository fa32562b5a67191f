/** Replicas take turns: together they post to a channel no faster than one may. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSlackTurns } from "../../src/compose/slack-turns.ts";
import type { Store } from "../../src/store/store.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const INTERVAL_MS = 100;
let store: Store;

beforeAll(async () => {
  store = await openOwnStore();
});

afterAll(() => store.close());

const replicas = () => [1, 2, 3].map(() => createSlackTurns(store, INTERVAL_MS));

it("three that post to one channel are an interval apart each; another channel does not wait for them", async () => {
  const begun = performance.now();
  const at: number[] = [];
  const others: number[] = [];
  await Promise.all(
    replicas().flatMap((turn, nth) => [
      turn("C1").then(() => at.push(performance.now() - begun)),
      turn(`C-${nth}`).then(() => others.push(performance.now() - begun)),
    ]),
  );
  // The last one of three waited for two others, whatever the machine is busy with.
  expect(Math.max(...at)).toBeGreaterThanOrEqual(2 * INTERVAL_MS - 5);
  expect(at).toHaveLength(3);
  expect(Math.min(...others)).toBeLessThan(Math.max(...at));
});

it("a database that is away gives no turns, and it is said to be the store", async () => {
  const gone = { ...store, db: store.db.withSchema("gone") };
  const broken = createSlackTurns({ ...gone, db: closedDb(gone) }, INTERVAL_MS);
  await expect(broken("C1")).rejects.toMatchObject({ code: "store_unavailable", retryable: true });
});

/** As a database that does not answer: every query rejects. */
function closedDb({ db }: Store): Store["db"] {
  return new Proxy(db, {
    get() {
      throw new Error("Connection terminated");
    },
  });
}
