/** What the bot asks its store again and again reads what is asked for, not what has long been over. */
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createThreadStore } from "../../src/store/decision-threads.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import { createFigures } from "../../src/store/figures.ts";
import { createItemStore } from "../../src/store/items.ts";
import { createAuditTrail, createDeliveryLog } from "../../src/store/ledgers.ts";
import { createReviewStore } from "../../src/store/reviews.ts";
import { createServiceLevelStore } from "../../src/store/service-levels.ts";
import { createSpendLedger } from "../../src/store/spend.ts";
import type { Store } from "../../src/store/store.ts";
import { createUndelivered } from "../../src/store/undelivered.ts";
import { decision, outcome, stand } from "../fixtures/decision.ts";
import { growStore } from "../fixtures/grown-store.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const ROWS = 3_000;
const DAY_MS = 86_400_000;
const now = new Date();
const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
const lastDay = { since: ago(1).toISOString(), until: now.toISOString() };

let store: Store;

beforeAll(async () => {
  store = await openOwnStore();
  await makeOneOfEach(store);
  if (store.connection.kind !== "embedded") throw new Error("not an embedded store");
  await growStore(store.connection.pool, ROWS);
  await spendThisWeek(store);
});

afterAll(() => store.close());

async function makeOneOfEach({ db }: Store): Promise<void> {
  const decisions = createDecisionStore(db);
  await decisions.insert(decision({ createdAt: now.toISOString() }));
  const state = { outcome: outcome({ at: now.toISOString() }), recordedAt: now.toISOString() };
  await stand(decisions, "pipe-1", {
    ...{ kind: "recorded", ...state, taskCount: 3, projectUrl: null, acceptanceRate: 1 },
  });
  await decisions.cardShows("pipe-1", 99);
  const items = createItemStore(db);
  await items.begin({ id: "item-1", status: "Unprocessed", lastEditedAt: now.toISOString() }, null);
  await items.done("item-1", { kind: "strategic", at: now });
  const spend = createSpendLedger(store, { dailyBudgetUsd: 0, timezone: "UTC", now: () => now });
  await spend.reserve("call-1", { step: "triage", model: "m", itemId: "item-1", estimateUsd: 0.01 });
  await createAuditTrail(db).record({ actor: "a", action: "b", subject: "c", outcome: "done", detail: "" });
  await createDeliveryLog(db).isFirst("delivery-1");
}

/** Enough that it may look cheaper to read all items there ever were than to look these up. */
async function spendThisWeek({ db }: Store): Promise<void> {
  await sql`insert into emm.spend (key, day, step, model, item_id, usd, input_tokens, output_tokens, settled, at)
    select 'week~' || n, to_char(now(), 'YYYY-MM-DD'), 'triage', 'm', 'item-' || n, 0.01, 0, 0, true, now()
    from generate_series(1, 200) n`.execute(db);
  await sql`analyze emm.spend`.execute(db);
}

/** Tables of which so much was read that it grows with their history. */
async function readInMasses(run: () => Promise<unknown>): Promise<string[]> {
  const before = await readSoFar();
  await run();
  const after = await readSoFar();
  return [...after].flatMap(([table, rows]) => {
    const more = rows - (before.get(table) ?? 0);
    return more >= ROWS / 2 ? [`${more} rows of ${table}`] : [];
  });
}

async function readSoFar(): Promise<Map<string, number>> {
  await sql`select pg_stat_force_next_flush()`.execute(store.db);
  const { rows } = await sql<{ name: string; rows: string }>`
    select relname as name, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows from pg_stat_user_tables where schemaname = 'emm'`.execute(
    store.db,
  );
  return new Map(rows.map((row) => [row.name, Number(row.rows)]));
}

const decisions = () => createDecisionStore(store.db);
const figures = () => createFigures(store.db);

const QUESTIONS: Record<string, () => Promise<unknown>> = {
  "a decision": () => decisions().find("pipe-1"),
  "what was asked": () => decisions().asked("pipe-1"),
  "what is pending": () => decisions().inState("pending"),
  "how much is pending": () => decisions().count("pending"),
  "what is due": () => decisions().dueBefore(now.toISOString()),
  "cards that show an old state": () => decisions().withStaleCard(now),
  "what Slack should show and does not": () => createUndelivered(store.db)(now),
  "who showed the same advice first": () => createThreadStore(store.db).firstWithAdvice("pipe-1"),
  "what was decided today": () => figures().decidedIn(lastDay),
  "what is pending, in short": () => figures().pending(),
  "how much came up today": () => figures().createdIn(lastDay),
  "what was replaced today": () => figures().supersededIn(lastDay),
  "what was seen today": () => figures().itemsSeenIn(lastDay),
  "what was finished today": () => figures().itemsEndedIn(lastDay),
  "what was spent today": () => figures().spentIn(lastDay),
  "what was spent by kind": () => figures().spendSince(lastDay.since.slice(0, 10)),
  "an item": () => createItemStore(store.db).known(["item-1"]),
  "what is at work": () => createItemStore(store.db).count(["running"]),
  "a month of service levels": () =>
    createServiceLevelStore(store.db).facts(ago(28).getTime(), now.getTime()),
};

it.each(Object.entries(QUESTIONS))("does not read all there ever was: %s", async (_, ask) => {
  expect(await readInMasses(ask)).toEqual([]);
});

it("would notice a whole table that is read", async () => {
  const all = () => sql`select count(*) from emm.decisions where title <> ''`.execute(store.db);
  expect(await readInMasses(all)).toEqual([expect.stringContaining("of decisions")]);
});

describe("whose review is due", () => {
  const reviews = () => createReviewStore(store.db);
  const message = { channel: "C1", ts: "1.1" };
  const endsAt = ago(-14).toISOString();
  const asked = { askedAt: now.toISOString(), endsAt, message, state: { kind: "asked" as const } };
  const isWaiting = async (afterDays: number[], at = now) =>
    (await reviews().waiting(at, afterDays)).map(({ id }) => id);

  /** Asked about, all of them, but for one. */
  beforeAll(async () => {
    await sql`update emm.decisions set card_ts = '1.1', reviewed_days = 30,
      state = jsonb_set(state, '{outcome,at}', ${JSON.stringify(ago(35).toISOString())}::jsonb)`.execute(
      store.db,
    );
    await sql`insert into emm.reviews
      select id, 30, now(), now(), 'C1', '1.1', 'asked', '{"kind":"asked"}' from emm.decisions where id <> 'pipe-1'`.execute(
      store.db,
    );
    await sql`update emm.decisions set reviewed_days = 0 where id in ('pipe-1', 'pipe-1~1')`.execute(
      store.db,
    );
    await sql`analyze`.execute(store.db);
  });

  it("reads those alone that nobody was asked about, whoever noted it", async () => {
    let waiting: string[] = [];
    const read = await readInMasses(async () => {
      waiting = await isWaiting([7, 30, 90]);
    });
    expect(waiting).toEqual(["pipe-1"]);
    expect(read).toEqual([]);
  });

  const by = { slackId: null, name: "Sam" };
  const reopenedAs = { id: "pipe-2", by, reason: "New figures.", at: now.toISOString() };

  it("finds none that is too young, too old or reopened", async () => {
    expect(await isWaiting([36])).toEqual([]);
    expect(await isWaiting([21])).toEqual([]);
    await decisions().evolve("pipe-1", () => ({ patch: { reopenedAs }, result: null }));
    expect(await isWaiting([30])).toEqual([]);
    await decisions().evolve("pipe-1", () => ({ patch: { reopenedAs: null }, result: null }));
    expect(await isWaiting([30])).toEqual(["pipe-1"]);
  });

  it("finds one again whose reopening came to nothing, and asks again what was dropped for its sake", async () => {
    await reviews().note({ ...asked, decisionId: "pipe-1", days: 30 });
    await decisions().evolve("pipe-1", () => ({ patch: { reopenedAs }, result: null }));
    await decisions().insert(decision({ id: "pipe-2" }));
    await reviews().end("pipe-1", 30, "dropped", now.toISOString());
    expect(await isWaiting([30])).toEqual([]);
    const expired = { outcome: outcome({ verdict: "expired" }), recordedAt: now.toISOString() };
    await stand(decisions(), "pipe-2", {
      ...{ kind: "recorded", ...expired, taskCount: 0, projectUrl: null, acceptanceRate: 1 },
    });
    let waiting: string[] = [];
    const read = await readInMasses(async () => {
      waiting = await isWaiting([30]);
    });
    expect(waiting).toEqual(["pipe-1"]);
    expect(read).toEqual([]);
    expect(await reviews().asked("pipe-1")).toEqual([]);
    const state = { kind: "asked", after: now.toISOString() } as const;
    await reviews().note({ ...asked, decisionId: "pipe-1", days: 30, state });
    expect(await reviews().find("pipe-1", 30)).toMatchObject({ state });
    expect(await isWaiting([30])).toEqual([]);
    await reviews().end("pipe-1", 30, "dropped", now.toISOString());
    await decisions().evolve("pipe-1", () => ({ patch: { reopenedAs: null }, result: null }));
    expect(await isWaiting([30])).toEqual(["pipe-1"]);
  });

  it("finds it again when the next question is due, and knows what was asked", async () => {
    await reviews().note({ ...asked, decisionId: "pipe-1", days: 30 });
    expect(await isWaiting([30, 90])).toEqual([]);
    const later = ago(-60);
    const waiting = await reviews().waiting(later, [30, 90]);
    expect(waiting.find(({ id }) => id === "pipe-1")).toMatchObject({ asked: [30] });
    await reviews().note({ ...asked, decisionId: "pipe-1", days: 90 });
    expect(await isWaiting([30, 90], later)).not.toContain("pipe-1");
  });
});
