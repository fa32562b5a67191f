/** A store that was restored from a backup: it is noticed, and what it has forgotten is looked for before it is made. */
import { cpSync } from "node:fs";
import { sql } from "kysely";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../src/domain/decision.ts";
import type { Maintenance } from "../../src/domain/maintenance.ts";
import { createSlackStandIn } from "../../src/sandbox/slack/slack-stand-in.ts";
import { channels, createSlackSeed } from "../../src/sandbox/slack/workspace-seed.ts";
import { textMessage } from "../../src/slack/cards/blocks.ts";
import { createOperationsBoard } from "../../src/slack/operations-board.ts";
import { createOutbound } from "../../src/slack/outbound.ts";
import { doubtNow, noticeRestore } from "../../src/store/doubt.ts";
import { createPostLedger, createSettings, createWriteLedger } from "../../src/store/ledgers.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { cell, connectNotion } from "./notion-fixture.ts";
import { intentFor, outcome, pipeFor, trainingFor } from "./notion-samples.ts";

const log = pino({ level: "silent" });
const MINUTE_MS = 60_000;

describe("the store", () => {
  const dataDir = preparedDataFolder();
  let store: Store;
  beforeAll(async () => {
    store = await openStore({ databaseUrl: null, dataDir, log });
    await store.migrate();
  });
  afterAll(async () => {
    await store.close();
    for (const folder of [dataDir, `${dataDir}-copy`]) removeDataFolder(folder);
  });

  const beatAt = async (moment: Date) => {
    const beat = { minute: moment, ready: true, polled: true, paused: false, polled_at: null };
    await store.db.deleteFrom("heartbeats").execute();
    await store.db.insertInto("heartbeats").values(beat).execute();
  };
  const now = new Date();
  const ago = (minutes: number) => new Date(now.getTime() - minutes * MINUTE_MS);

  it("is not in doubt at its first start, nor after a short absence", async () => {
    expect(await noticeRestore(store, now)).toBeNull();
    await beatAt(ago(4));
    expect(await noticeRestore(store, now)).toBeNull();
    expect(await doubtNow(store.db)).toBeNull();
    expect(await createWriteLedger(store.db).begin("calm")).toMatchObject({
      retried: false,
      doubtful: false,
    });
  });

  it("is in doubt after a long absence, which a copy of its files cannot be told from", async () => {
    await beatAt(ago(6));
    expect(await noticeRestore(store, now)).toMatchObject({ since: ago(6).toISOString() });
  });

  it("is in doubt when its tables came out of a dump, however recent that is", async () => {
    await beatAt(ago(1));
    expect(await noticeRestore(store, now)).toBeNull();
    for (const statement of [
      "create table emm.copy (like emm.settings including all)",
      "insert into emm.copy select * from emm.settings",
      "drop table emm.settings",
      "alter table emm.copy rename to settings",
    ]) {
      await sql.raw(statement).execute(store.db);
    }
    expect(await noticeRestore(store, now)).toMatchObject({ since: ago(1).toISOString() });
    expect(await noticeRestore(store, now)).toBeNull();
  });

  it("is in doubt when its folder is a copy", async () => {
    await store.close();
    const copy = `${dataDir}-copy`;
    cpSync(dataDir, copy, { recursive: true });
    store = await openStore({ databaseUrl: null, dataDir: copy, log });
    expect(await noticeRestore(store, now)).toMatchObject({ since: ago(1).toISOString() });
    expect(await noticeRestore(store, now)).toBeNull();
  });

  it("looks before it writes while in doubt, except where it knows; and no longer than twelve hours", async () => {
    const writes = createWriteLedger(store.db);
    const posts = createPostLedger(store.db);
    expect(await writes.begin("w")).toMatchObject({ retried: false, doubtful: true });
    await writes.done("w", "page");
    expect(await writes.begin("w")).toMatchObject({ pageId: "page", retried: false });
    const doubtful = { doubtful: true, startedAt: ago(1).toISOString() };
    expect(await posts.begin("p")).toMatchObject({ retried: false, ...doubtful });
    expect(await posts.begin("p")).toMatchObject({ retried: true, ...doubtful });
    const { until } = (await doubtNow(store.db)) ?? { until: "" };
    expect(Date.parse(until) - now.getTime()).toBe(12 * 60 * MINUTE_MS);
    await createSettings(store.db).set("doubt", { since: ago(1), until: ago(0) });
    expect(await writes.begin("later")).toMatchObject({ doubtful: false });
    expect(await posts.begin("later")).toMatchObject({ doubtful: false });
  });
});

describe("Notion, asked by a bot in doubt", () => {
  const QUERY = "POST /v1/data_sources/:id/query";

  it("shows the page that was made in another life, at the price of one request and no wait", async () => {
    const at = await connectNotion();
    const [item] = at.standIn.rows("System Inbox");
    const made = await at.notion.decisions.createIntent(intentFor(item?.id ?? ""), { key: "intent:1" });
    const doubtful = {
      begin: async () => ({ pageId: null, retried: false, doubtful: true, startedAt: "" }),
      done: async () => undefined,
    };
    const again = at.restartWith(doubtful);
    await again.connect();
    const routes = await at.routesOf(async () => {
      const found = await again.decisions.createIntent(intentFor(item?.id ?? ""), { key: "intent:1" });
      expect(found.id).toBe(made.id);
    });
    expect(routes).toEqual([QUERY]);
    expect(at.sleeps).toEqual([]);
    await at.standIn.close();
  });

  it("tells how the bot itself settled a pipe, and believes nobody else", async () => {
    const at = await connectNotion();
    const { notion, standIn } = at;
    const [item] = standIn.rows("System Inbox");
    const intent = await notion.decisions.createIntent(intentFor(item?.id ?? ""), { key: "i" });
    const pipe = await notion.decisions.createPipe(pipeFor(intent.id), { key: "p" });
    const { lastEditedBy: bot } = await notion.decisions.readPipe(pipe.id);
    const ask = (lastEditedBy: string) => notion.records.ownOutcome({ id: pipe.id, lastEditedBy });
    expect(await ask(bot)).toBeNull();

    // A person who writes what looks like the bot's row.
    const forged = {
      Title: "Forged",
      Key: `training:${pipe.id}`,
      Outcome: "approved",
      Decided_By: "Dana (U0DANA0001)",
    };
    standIn.create({ user: "dana@acme.example", database: "Training Data", values: forged });
    expect(await ask(bot)).toBeNull();

    await notion.records.createTraining(trainingFor(intent.id, { outcome }), { key: `training:${pipe.id}` });
    expect(await ask("somebody")).toBeNull();
    expect(await ask(bot)).toEqual({
      ...outcome,
      at: expect.stringMatching(/^2026-11-21T09:30/),
      via: "notion",
    });

    const vote = (by: Person) => ({ by, at: outcome.at, planHash: "h" });
    const first = { slackId: "U0LEE00001", name: "Lee Park", for: { slackId: "U0DANA0001", name: "Dana" } };
    const two = { ...outcome, approvals: [vote(first), vote(outcome.by)] };
    const other = await notion.decisions.createPipe(pipeFor(intent.id), { key: "p2" });
    await notion.records.createTraining(trainingFor(intent.id, { outcome: two }), {
      key: `training:${other.id}`,
    });
    const restored = await notion.records.ownOutcome({ id: other.id, lastEditedBy: bot });
    expect(restored).toMatchObject({ by: outcome.by, approvals: [{ by: first }, { by: outcome.by }] });

    const row = standIn.rows("Training Data").find((one) => cell(one, "Title") !== "Forged");
    standIn.edit({
      user: "dana@acme.example",
      pageId: row?.id ?? "",
      values: { Decided_By: "Lee (U0LEE00001)" },
    });
    expect(await ask(bot)).toBeNull();
    await standIn.close();
  });
});

describe("Slack, asked by a bot in doubt", () => {
  it("shows the card that was posted in another life; without doubt a new one is posted", async () => {
    const slack = await createSlackStandIn({ seed: createSlackSeed() });
    let doubtful = false;
    const outbound = createOutbound({
      token: slack.seed.bot.token,
      apiUrl: slack.url,
      ledger: {
        begin: async () => ({
          ...{ posted: null, retried: false, doubtful, claim: 1 },
          startedAt: new Date().toISOString(),
        }),
        standing: async () => ({ claim: 1, posted: null }),
        done: async () => undefined,
      },
      log,
      postIntervalMs: 1,
      sleep: async () => undefined,
    });
    const post = (made: string) =>
      outbound.post({
        key: `card:pipe:hash:${made}`,
        kin: "card:pipe:hash:",
        channels: [channels.leadership],
        message: () => textMessage("Decision needed"),
      });
    const first = await post("1");
    doubtful = true;
    expect(await post("2")).toEqual(first);
    doubtful = false;
    expect(await post("3")).not.toEqual(first);
    await slack.close();
  });

  it("does not take the card of another maintenance that had the same number", async () => {
    const slack = await createSlackStandIn({ seed: createSlackSeed() });
    const outbound = createOutbound({
      token: slack.seed.bot.token,
      apiUrl: slack.url,
      ledger: {
        begin: async () => ({
          ...{ posted: null, retried: false, doubtful: true, claim: 1 },
          startedAt: new Date().toISOString(),
        }),
        standing: async () => ({ claim: 1, posted: null }),
        done: async () => undefined,
      },
      log,
      postIntervalMs: 1,
      sleep: async () => undefined,
    });
    const board = createOperationsBoard({
      ...{ outbound, decisionsChannel: channels.leadership, alertsChannel: channels.alerts },
      reader: { timezone: "UTC", pipesUrl: "https://app.notion.com/p/1" },
    });
    const begun = (startedAt: string): Maintenance => ({
      ...{
        id: "5",
        by: { slackId: null, name: "Dana" },
        reason: "moving",
        startedAt,
        ended: null,
        card: null,
      },
      ...{ endsAt: "2026-11-22T12:00:00.000Z", rev: 1, cardRev: 0 },
    });
    const first = await board.postMaintenance(begun("2026-11-20T12:00:00.000Z"));
    expect(await board.postMaintenance(begun("2026-11-20T12:00:00.000Z"))).toEqual(first);
    expect(await board.postMaintenance(begun("2026-11-21T12:00:00.000Z"))).not.toEqual(first);
    await slack.close();
  });
});
