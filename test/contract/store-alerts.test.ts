/** Alerts as rows, on the real embedded store: what a flood, a long time or a hasty click could lose. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAlertDesk } from "../../src/alerts/desk.ts";
import { dueMessages, givePlaces } from "../../src/alerts/places.ts";
import type { AlertSignal } from "../../src/domain/alert.ts";
import { createAlertMessages } from "../../src/store/alert-messages.ts";
import { createAlertStore } from "../../src/store/alerts.ts";
import type { Store } from "../../src/store/store.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const DANA = { slackId: "U0DANA0001", name: "Dana Reyes" };
const DAY_MS = 86_400_000;

let store: Store;
let book: ReturnType<typeof createAlertStore> & ReturnType<typeof createAlertMessages>;
let now = new Date("2026-11-21T10:00:00.000Z");

beforeAll(async () => {
  store = await openOwnStore();
  book = { ...createAlertStore(store.db), ...createAlertMessages(store.db) };
});

afterAll(() => store.close());

const raise = (key: string, change: Partial<AlertSignal> = {}) =>
  book.raise(
    { key, severity: "warning", title: key, detail: "", source: "webhook", url: null, ...change },
    now,
  );
const recordOf = async (key: string) => {
  const { id } = await store.db
    .selectFrom("alerts")
    .select("id")
    .where("key", "=", key)
    .executeTakeFirstOrThrow();
  const found = await book.find(id);
  if (found === null) throw new Error(key);
  return found;
};
const desk = () =>
  createAlertDesk({
    ...{ book, hold: async () => null, timezone: "UTC", ackHours: 4 },
    ...{ now: () => now, showNow: async () => undefined },
  });

it("a click on a message for many leaves alone what it did not show yet", async () => {
  for (const key of ["seen-1", "seen-2", "joined-since"]) await raise(key);
  const ids = await Promise.all(
    ["seen-1", "seen-2", "joined-since"].map(async (key) => (await recordOf(key)).id),
  );
  await book.join({ id: "storm-1", reason: "storm" }, ids.slice(0, 2), now);
  await book.groupDrawn("storm-1", await book.members("storm-1"), now);
  await book.join({ id: "storm-1", reason: "storm" }, ids.slice(2), now);
  expect(await desk().act("storm-1", { kind: "resolve" }, DANA)).toMatchObject({
    kind: "done",
    count: 2,
    left: 0,
  });
  expect((await recordOf("joined-since")).state.kind).toBe("firing");
  await book.groupDrawn("storm-1", await book.members("storm-1"), now);
  expect(await desk().act("storm-1", { kind: "resolve" }, DANA)).toMatchObject({ kind: "done", count: 1 });
});

it("a message for many is kept as long as one of them is open, however old it is", async () => {
  await raise("lasting");
  const { id } = await recordOf("lasting");
  await book.join({ id: "storm-2", reason: "storm" }, [id], now);
  await book.forgetBefore(new Date(now.getTime() + 90 * DAY_MS));
  expect(await book.group("storm-2")).not.toBeNull();
  expect(await book.group("storm-1")).toBeNull();
});

it("what is raised after thousands that are open has its place and its message, critical ones first", async () => {
  await store.db.deleteFrom("alerts").execute();
  await raise("one-of-many");
  const old = await store.db.selectFrom("alerts").selectAll().executeTakeFirstOrThrow();
  const { lapsed, told, state, ...row } = old;
  const json = { lapsed: JSON.stringify(lapsed), told: JSON.stringify(told), state: JSON.stringify(state) };
  const many = Array.from({ length: 3_000 }, (_, n) => ({
    ...{ ...row, ...json, id: `many-${n}`, key: `many-${n}` },
    ...{
      place: "own",
      placed_at: now,
      shown_rev: 1,
      shown_at: now,
      card_channel: "C0ALERTS01",
      card_ts: `${n}.1`,
    },
  }));
  for (let n = 0; n < many.length; n += 500) {
    await store.db
      .insertInto("alerts")
      .values(many.slice(n, n + 500))
      .execute();
  }
  now = new Date(now.getTime() + DAY_MS);
  await raise("many-2999", { severity: "critical" });
  await raise("new-warning");
  await raise("new-critical", { severity: "critical" });

  await givePlaces(book, null, now);
  expect((await recordOf("new-critical")).shown.place).toBe("own");
  expect((await recordOf("new-warning")).shown.place).toBe("own");
  const { due } = await dueMessages(book, null, now);
  const ids = due.map(({ id }) => id);
  expect(ids).toContain((await recordOf("new-critical")).id);
  expect(ids).toContain("many-2999");
  const { open } = await desk().overview();
  expect(open.slice(0, 2).map(({ key }) => key)).toEqual(["many-2999", "new-critical"]);
});
