/** A process that was given up may still run: what it had begun is made by the one that took over, and by that one alone. */
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { createSlackStandIn } from "../../src/sandbox/slack/slack-stand-in.ts";
import { channels, createSlackSeed } from "../../src/sandbox/slack/workspace-seed.ts";
import { textMessage } from "../../src/slack/cards/blocks.ts";
import { createOutbound } from "../../src/slack/outbound.ts";
import { createPostLedger } from "../../src/store/ledgers.ts";
import type { Store } from "../../src/store/store.ts";
import { createCardSync } from "../../src/workflows/cards.ts";
import { decision, outcome } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const log = pino({ level: "silent" });

describe("a post", () => {
  let store: Store;

  beforeAll(async () => {
    store = await openOwnStore();
  });

  afterAll(() => store.close());

  it("that waits for its turn while another process takes it over is made by that one", async () => {
    const slack = await createSlackStandIn({ seed: createSlackSeed() });
    const channel = channels.leadership;
    const process = (sharedTurns: () => Promise<void>) =>
      createOutbound({
        ...{ token: slack.seed.bot.token, apiUrl: slack.url, log, postIntervalMs: 1, sharedTurns },
        ledger: createPostLedger(store.db),
        sleep: async () => undefined,
      });
    const post = { key: "decided:x", channels: [channel], message: () => textMessage("Approved.") };
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let waits: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const slow = process(() => {
      waits();
      return held;
    }).post(post);
    await waiting;
    const made = await process(async () => undefined).post(post);
    release();
    expect(await slow).toEqual(made);
    expect(slack.messages(channel).filter(({ text }) => text === "Approved.")).toHaveLength(1);
    await slack.close();
  });

  it("for which the store does not answer is not counted as a failure of Slack", async () => {
    const slack = await createSlackStandIn({ seed: createSlackSeed() });
    const failures: string[] = [];
    const ledger = createPostLedger(store.db);
    const outbound = createOutbound({
      ...{ token: slack.seed.bot.token, apiUrl: slack.url, log, postIntervalMs: 1 },
      ledger: { ...ledger, standing: () => Promise.reject(new Error("Connection terminated")) },
      sleep: async () => undefined,
      onFailure: (code) => failures.push(code),
    });
    const post = { key: "decided:y", channels: [channels.leadership], message: () => textMessage("Late.") };
    await expect(outbound.post(post)).rejects.toMatchObject({ code: "store_unavailable", retryable: true });
    expect(failures).toEqual([]);
    expect(slack.messages(channels.leadership).filter(({ text }) => text === "Late.")).toEqual([]);
    await slack.close();
  });
});

describe("a card", () => {
  /** `meanwhile`: what another process has made of it by the time that this one draws it. */
  const shownAs = async (before: Partial<DecisionRecord>, meanwhile: Partial<DecisionRecord> = {}) => {
    let known: DecisionRecord = { ...decision(before), card: null, cardUrl: null, cardRev: 0 };
    const drawn: string[] = [];
    const sync = createCardSync({
      board: {
        postDecision: async () => ({ card: { channel: "C1", ts: "1.1" }, url: "https://slack.test/1" }),
        async updateDecision({ state }) {
          if (drawn.length === 0) known = { ...known, ...meanwhile };
          drawn.push(state.kind);
        },
      },
      books: {
        decisions: {
          find: async () => known,
          cardPosted: async (_, { card, url }) => {
            known = { ...known, card, cardUrl: url };
          },
          cardShows: async (_, rev) => {
            known = { ...known, cardRev: Math.max(known.cardRev, rev) };
            return known.cardRev;
          },
        },
      },
      exclusive: (_, act) => act(),
    });
    expect(await sync("x")).toBe("https://slack.test/1");
    expect(known.cardRev).toBe(known.rev);
    return drawn;
  };

  it("that a dead process had posted before people decided is drawn as it is now", async () => {
    expect(await shownAs({ rev: 3, state: { kind: "recording", outcome: outcome() } })).toEqual([
      "recording",
    ]);
  });

  it("that another process drew later, and this one over it, is drawn once more", async () => {
    const decided = { state: { kind: "recording", outcome: outcome() } } as const;
    expect(await shownAs({ rev: 2 }, { ...decided, rev: 3, cardRev: 3 })).toEqual(["pending", "recording"]);
  });

  it("that is new is posted, and no more", async () => {
    expect(await shownAs({ rev: 1 })).toEqual([]);
  });
});
