/** Incidents in a real store: opened once, changed while open, told once, and what is noted by itself. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TimelineFact } from "../../src/domain/incident.ts";
import { createAlertStore } from "../../src/store/alerts.ts";
import { createIncidentFacts } from "../../src/store/incident-facts.ts";
import { createIncidentStore } from "../../src/store/incidents.ts";
import { createRollbackStore } from "../../src/store/rollbacks.ts";
import type { Store } from "../../src/store/store.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const dana = { slackId: "U0DANA0001", name: "Dana Reyes" };
const sam = { slackId: "U0SAM00001", name: "Sam Okafor" };
let store: Store;
let book: ReturnType<typeof createIncidentStore>;

beforeAll(async () => {
  store = await openOwnStore();
  book = createIncidentStore(store.db);
});

afterAll(() => store.close());

const at = (time: string) => new Date(`2025-03-03T${time}:00Z`);
const opening = (key: string) => ({
  ...({ key, severity: "P2", title: "Slow", by: dana, at: at("12:00"), text: "Slow, everywhere" } as const),
});
const said = (key: string, change: Partial<TimelineFact> = {}): TimelineFact => ({
  ...{ key, at: at("12:05").toISOString(), kind: "update", subject: null, by: sam, text: "news" },
  ...change,
});

describe("an incident", () => {
  it("is opened once per order, also by several at the same moment", async () => {
    const opened = await Promise.all(Array.from({ length: 5 }, () => book.begin(opening("same"))));
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    const [incident] = opened;
    if (!incident) throw new Error("none");
    expect(incident).toMatchObject({ severity: "P2", owner: null, closed: null, rev: 1, cardRev: 0 });
    expect(await book.timeline(incident.id)).toEqual([
      expect.objectContaining({ kind: "opened", by: dana, text: "Slow, everywhere" }),
    ]);
  });

  it("takes each change once, and keeps when it first had an owner", async () => {
    const { id } = await book.begin(opening("changes"));
    const owned = await book.change(id, { fact: said("a", { kind: "owner" }), owner: sam });
    expect(owned).toMatchObject({ owner: sam, ownedAt: at("12:05").toISOString(), rev: 2 });
    const again = await book.change(id, { fact: said("a", { kind: "owner" }), owner: sam });
    expect(again?.rev).toBe(2);
    const later = said("b", { kind: "owner", at: at("12:30").toISOString() });
    expect(await book.change(id, { fact: later, owner: dana })).toMatchObject({
      owner: dana,
      ownedAt: at("12:05").toISOString(),
      rev: 3,
    });
  });

  it("that is closed without a post-mortem is found, also when its card and its thread say everything", async () => {
    const { id } = await book.begin(opening("unwritten"));
    const later = at("13:00");
    expect(await book.unwritten(later)).not.toContain(id);
    const closed = await book.change(id, { fact: said("end", { kind: "closed" }), isClosed: true });
    await book.claimUntold(id, "teller");
    await book.cardShows(id, closed?.rev ?? 0);
    expect((await book.behind(later)).map((one) => one.id)).not.toContain(id);
    expect(await book.unwritten(at("12:04"))).not.toContain(id);
    expect(await book.unwritten(later)).toContain(id);
    await book.postMortemWritten(id, "https://notion.test/p", at("12:06"));
    expect(await book.unwritten(later)).not.toContain(id);
  });

  it("is closed by one person only, and changes no more", async () => {
    const { id } = await book.begin(opening("closing"));
    const close = (key: string, by: typeof dana) =>
      book.change(id, { fact: said(key, { kind: "closed", by }), isClosed: true });
    const results = await Promise.all([close("by-dana", dana), close("by-sam", sam)]);
    expect(results.filter((one) => one === null)).toHaveLength(1);
    expect(await book.change(id, { fact: said("late") })).toBeNull();
    const winner = results[0] === null ? "by-sam" : "by-dana";
    // The same order again is the same success.
    expect(await close(winner, dana)).toMatchObject({ rev: 2 });
    expect((await book.open()).map((one) => one.id)).not.toContain(id);
    expect(await book.find(999_999)).toBeNull();
  });

  it("learns facts once, and is then behind until it is shown", async () => {
    const { id } = await book.begin(opening("facts"));
    const facts = Array.from({ length: 300 }, (_, n) =>
      said(`fact-${n}`, { kind: "alert-raised", by: null }),
    );
    expect(await book.gather(id, facts, at("12:06"))).toBe(true);
    expect(await book.gather(id, facts, at("12:07"))).toBe(false);
    expect((await book.find(id))?.rev).toBe(2);
    const isBehind = async () => (await book.behind(at("12:30"))).some((one) => one.id === id);
    expect(await isBehind()).toBe(true);
    await book.cardShows(id, 2);
    expect(await isBehind()).toBe(true);
    await book.claimUntold(id, "me");
    expect(await isBehind()).toBe(false);
  });

  it("has each line told by one teller, who gets the same lines again", async () => {
    const { id } = await book.begin(opening("telling"));
    await book.change(id, { fact: said("one") });
    await book.change(id, { fact: said("two") });
    const claims = await Promise.all(["a", "b", "c"].map((teller) => book.claimUntold(id, teller)));
    expect(
      claims
        .flat()
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(["one", "two"]);
    const winner = ["a", "b", "c"][claims.findIndex((lines) => lines.length > 0)] ?? "";
    await book.change(id, { fact: said("three") });
    expect((await book.claimUntold(id, winner)).map(({ key }) => key)).toEqual(["one", "two"]);
    expect((await book.claimUntold(id, "d")).map(({ key }) => key)).toEqual(["three"]);
  });

  it("says a problem with its post-mortem once, and forgets it when that is written", async () => {
    const { id } = await book.begin(opening("post-mortem"));
    await book.postMortemStuck(id, "no access", at("13:00"));
    await book.postMortemStuck(id, "no access", at("13:01"));
    expect(await book.find(id)).toMatchObject({ problem: "no access", rev: 2 });
    await book.postMortemWritten(id, "https://app.notion.com/p/1", at("13:02"));
    expect(await book.find(id)).toMatchObject({
      problem: null,
      postMortemUrl: "https://app.notion.com/p/1",
      rev: 3,
    });
  });
});

describe("what is noted by itself", () => {
  it("is every alert that was up meanwhile, with what became of it", async () => {
    const alerts = createAlertStore(store.db);
    const facts = createIncidentFacts(store.db);
    const signal = (key: string) => ({
      ...({
        key,
        severity: "critical",
        title: `${key} fails`,
        detail: "",
        source: "test",
        url: null,
      } as const),
    });
    const before = new Date(Date.now() - 60_000);
    await alerts.raise(signal("notion"), new Date());
    const raised = (await alerts.open()).find(({ key }) => key === "notion");
    if (!raised) throw new Error("not raised");
    await alerts.raise(signal("claude"), new Date());
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await alerts.act(raised.id, { kind: "acknowledge", until }, { by: sam, now: new Date() });
    await alerts.end({ key: "claude", source: "test", detail: null }, new Date());
    const found = await facts.between(before, new Date());
    const texts = found.map(({ text }) => text);
    expect(texts).toContain("Alert (critical): notion fails");
    expect(texts).toContain("Alert (critical): claude fails");
    expect(texts).toContain("Alert over: claude fails");
    expect(found).toContainEqual(
      expect.objectContaining({ kind: "alert-acknowledged", by: sam, subject: raised.id }),
    );
    const pair = found.filter(({ text }) => text.includes("claude"));
    expect(new Set(pair.map(({ subject }) => subject)).size).toBe(1);
    // What ended before is none of it, what is still up is.
    const later = await facts.between(new Date(Date.now() + 60_000), new Date(Date.now() + 120_000));
    expect(later.map(({ text }) => text).filter((text) => text.includes("claude"))).toEqual([]);
    expect(later.map(({ text }) => text)).toContain("Alert (critical): notion fails");
  });

  it("is every start of a process, new deployments by name", async () => {
    const facts = createIncidentFacts(store.db);
    const start = (time: string, commit: string | null, deployment: string | null) =>
      facts.started({ at: at(time), version: "1.0.0", commit, deployment });
    await start("10:00", "aaaaaaaaaaaa", "d-1");
    await start("10:10", "aaaaaaaaaaaa", "d-1");
    await start("10:20", "bbbbbbbbbbbb", "d-2");
    const found = await facts.between(at("09:00"), at("11:00"));
    expect(found.filter(({ kind }) => kind === "deploy").map(({ text }) => text)).toEqual([
      "The bot started (version 1.0.0, commit aaaaaaa)",
      "The bot started (version 1.0.0, commit aaaaaaa)",
      "A new deployment started (version 1.0.0, commit bbbbbbb)",
    ]);
    const onlyLast = await facts.between(at("10:15"), at("11:00"));
    expect(onlyLast.map(({ text }) => text)).toContain(
      "A new deployment started (version 1.0.0, commit bbbbbbb)",
    );
    await facts.forgetStartsBefore(at("10:15"));
    expect(await store.db.selectFrom("starts").selectAll().execute()).toHaveLength(1);
  });

  it("is every rollback, from its start to how it ended", async () => {
    const facts = createIncidentFacts(store.db);
    const rollbacks = createRollbackStore(store.db);
    const deployment = (id: string) => ({
      ...{ id, status: "SUCCESS", statusSince: null, createdAt: at("08:00").toISOString() },
      ...{ isStopped: false, canRollBack: true, commit: null, image: null, address: null, page: null },
    });
    await rollbacks.begin({
      id: "r-1",
      target: deployment("target-1"),
      from: deployment("broken-1"),
      by: sam,
      startedAt: at("14:00").toISOString(),
    });
    const texts = async () =>
      (await facts.between(at("13:00"), at("15:00")))
        .map(({ text, by }) => ({ text, by }))
        .filter(({ text }) => text.startsWith("Rollback"));
    expect(await texts()).toEqual([{ text: "Rollback to target-1 started", by: sam }]);
    await rollbacks.move("r-1", {
      ...({ kind: "ended", result: "failed", reason: "It does not answer.", deploymentId: null } as const),
      at: at("14:09").toISOString(),
    });
    expect((await texts()).map(({ text }) => text)).toContain(
      "Rollback to target-1: failed. It does not answer.",
    );
  });
});
