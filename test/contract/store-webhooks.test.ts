/** What is kept of webhooks, on the real embedded store. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AlertChange } from "../../src/domain/webhook.ts";
import type { Store } from "../../src/store/store.ts";
import { createWebhookStore } from "../../src/store/webhooks.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

let store: Store;
let books: ReturnType<typeof createWebhookStore>;

beforeAll(async () => {
  store = await openOwnStore();
  books = createWebhookStore(store.db);
});

afterAll(() => store.close());

const source = "alertmanager";
const raise = (key: string, position: string): AlertChange => {
  const words = { severity: "warning" as const, title: `at ${position}`, detail: "", url: null };
  return { kind: "raise", position, signal: { key, source, ...words } };
};
const end = (key: string, position: string, onlyIfKnown = false): AlertChange => ({
  kind: "end",
  position,
  end: { key, source, detail: null },
  onlyIfKnown,
});

describe("deliveries", () => {
  it("are first once, however many arrive together, and tell the digest of the first", async () => {
    const notes = await Promise.all(
      ["a", "b", "c"].map((digest) => books.deliveries.note("inbox:1", digest)),
    );
    expect(notes.filter(({ isFirst }) => isFirst)).toHaveLength(1);
    expect(new Set(notes.map(({ digest }) => digest)).size).toBe(1);
  });
});

describe("what an outside system says", () => {
  it("is replaced by what is as late or later, never by what is earlier", async () => {
    const say = async (change: AlertChange) => {
      await books.changes.record("k", change);
      return books.changes.latest("k");
    };
    const later = "2026-11-21T10:00:00.000Z ended";
    expect(await say(raise("k", "2026-11-21T10:00:00.000Z began"))).toMatchObject({ rev: 1 });
    expect(await say(end("k", later))).toMatchObject({ rev: 2, change: { kind: "end" } });
    expect(await say(raise("k", "2026-11-21T10:00:00.000Z began"))).toMatchObject({
      rev: 2,
      change: { kind: "end" },
    });
    expect(await say(end("k", later))).toMatchObject({ rev: 3 });
    expect(await say(raise("k", "2026-11-21T10:00:00.001Z began"))).toMatchObject({
      rev: 4,
      change: { kind: "raise" },
    });
  });

  it("is compared as computers compare, not as dictionaries do", async () => {
    await books.changes.record("case", raise("case", "2026 b"));
    await books.changes.record("case", end("case", "2026 B"));
    expect((await books.changes.latest("case")).change.kind).toBe("raise");
  });

  it("is not kept when it ends what never began and need not be known", async () => {
    expect(await books.changes.record("unknown", end("unknown", "2026", true))).toBe(false);
    await books.changes.record("known", raise("known", "2026"));
    expect(await books.changes.record("known", end("known", "2027", true))).toBe(true);
    expect((await books.changes.latest("known")).change.kind).toBe("end");
  });
});

describe("wakes", () => {
  it("are shared by all who ask before one is due, and keep their distance", async () => {
    const how = { delayMs: 60_000, spacingMs: 300_000 };
    const joined = await Promise.all(Array.from({ length: 5 }, () => books.wakes.join("poll", how)));
    expect(new Set(joined.map(({ dueAt }) => dueAt)).size).toBe(1);
    expect(joined[0]?.waitMs).toBeGreaterThan(50_000);
    const first = await books.wakes.join("soon", { delayMs: -1, spacingMs: 300_000 });
    expect(first.waitMs).toBe(0);
    const next = await books.wakes.join("soon", { delayMs: 0, spacingMs: 300_000 });
    expect(Date.parse(next.dueAt) - Date.parse(first.dueAt)).toBe(300_000);
  });
});

describe("what is old", () => {
  it("is forgotten, but not an alert that still fires nor a token that somebody waits for", async () => {
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
    await books.deliveries.note("sentry:old", "d");
    await books.changes.record("fires", raise("fires", "2026"));
    await books.changes.record("over", end("over", "2026"));
    await books.handshakes.set({ openUntil: inDays(60).toISOString(), token: "secret" });
    await books.forgetOld(inDays(40));
    expect((await books.deliveries.note("sentry:old", "d")).isFirst).toBe(false);
    expect((await books.changes.latest("fires")).change.kind).toBe("raise");
    await expect(books.changes.latest("over")).rejects.toThrow();
    expect(await books.handshakes.get()).not.toBeNull();
    await books.forgetOld(inDays(500));
    expect((await books.deliveries.note("sentry:old", "d")).isFirst).toBe(true);
    expect(await books.handshakes.get()).toBeNull();
  });
});
