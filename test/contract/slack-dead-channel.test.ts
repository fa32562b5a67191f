/** The channel of a card is archived while it is followed: nothing fails for ever, and the end is told elsewhere. */
import { describe, expect, it } from "vitest";
import type { Maintenance } from "../../src/domain/maintenance.ts";
import { AppError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { createBoard } from "../../src/slack/board.ts";
import { createIncidentWall } from "../../src/slack/incident-wall.ts";
import { createOperationsBoard } from "../../src/slack/operations-board.ts";
import type { KeyedPost, OutboundUpdate } from "../../src/slack/outbound.ts";
import { postToFirst } from "../../src/slack/post-once.ts";
import { createRollbackWall } from "../../src/slack/rollback-wall.ts";
import { createTalkBoard } from "../../src/slack/talk-board.ts";
import type { Note } from "../../src/workflows/ports.ts";
import { decision } from "../fixtures/decision.ts";
import { rollbackOf } from "../fixtures/deployments.ts";
import { createIncidentDesk } from "../fixtures/incident-desk.ts";

const DEAD = { channel: "C0ALERTS01", ts: "1.1" };
const ALIVE = { channel: "C0LEADERS1", ts: "2.2" };
const rooms = { alertsChannel: DEAD.channel, decisionsChannel: ALIVE.channel };

/** As `outbound`: the next channel is used when one is gone. */
function deadOutbound() {
  const posted: { channel: string; key: string }[] = [];
  const told: string[] = [];
  const gone = () => new AppError("is_archived", { code: "slack_channel_gone", retryable: false });
  return {
    posted,
    /** What is read in the channel that is alive. */
    told,
    async update(_update: OutboundUpdate): Promise<"updated" | "gone"> {
      throw gone();
    },
    async post({ key, channels, message }: KeyedPost) {
      if (!channels.includes(ALIVE.channel)) throw gone();
      posted.push({ channel: ALIVE.channel, key });
      told.push(message(channels[0] !== ALIVE.channel).text);
      return ALIVE;
    },
    openDm: async (): Promise<string | null> => null,
    permalink: async () => null,
  };
}

const gone = (change: Partial<typeof rooms> = {}) => {
  const outbound = deadOutbound();
  const log: string[] = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line).message) };
  const board = createBoard({
    ...{ outbound, ...rooms, ...change, cardUrlOf: async () => null },
    votesOf: () => Promise.reject(new Error("no card is drawn")),
    log: createLog({ level: "WARNING", json: true, destination }),
  });
  return { ...outbound, board, log };
};
const NOWHERE = { alertsChannel: DEAD.channel, decisionsChannel: DEAD.channel };

describe("the thread of a card in a channel that is gone", () => {
  const known = decision({ title: "Chairs <!here>", card: DEAD });
  const about = { decision: known, by: "Kim", reason: "Not an approver." };
  const refused: Note = { kind: "refused-in-notion", ...about };

  it("says what belongs there elsewhere, and where it belongs", async () => {
    const { board, posted, told, log } = gone();
    await board.say("refused", refused);
    expect(posted).toEqual([{ channel: ALIVE.channel, key: "refused" }]);
    expect(told[0]).toMatch(
      /^About .*Chairs.*, whose thread is in .*C0ALERTS01.*cannot post in any more:\n.*Kim/,
    );
    expect(told[0]).not.toContain("<!here>");
    expect(log).toEqual([]);
  });

  it("is given up where there is no other channel, and the log has it", async () => {
    const { board, posted, log } = gone(NOWHERE);
    await expect(board.say("refused", refused)).resolves.toBeUndefined();
    expect(posted).toEqual([]);
    expect(log).toEqual(["a reply has no place to go to"]);
  });

  it("keeps back nothing that whoever runs the bot has to know until a channel is mended", async () => {
    const { board } = gone(NOWHERE);
    const budget = { kind: "budget-reached", capUsd: 5, day: "2026-11-21" } as const;
    await expect(board.say("budget", budget)).rejects.toMatchObject({ code: "slack_channel_gone" });
  });

  it("keeps no incident's timeline in trouble", async () => {
    const { posted, told, ...outbound } = deadOutbound();
    const log = createLog({ level: "CRITICAL", json: true });
    const wall = createIncidentWall({ outbound, ...rooms, log });
    const incident = await createIncidentDesk().begin({
      ...{ key: "k", severity: "P1", title: "All is slow", text: "", by: { slackId: null, name: "Sam" } },
    });
    const page = "https://www.notion.so/post-mortem";
    await wall.tellPostMortem({ ...incident, card: DEAD, postMortemUrl: page });
    expect(posted).toHaveLength(1);
    expect(told[0]).toMatch(/^About \*All is slow\*[\s\S]*post-mortem/);
  });
});

describe("whoever asked in a channel that is gone", () => {
  const item = { itemTitle: "Chairs", outcome: "It is a task now.", url: null };
  const triaged: Note = { kind: "item-triaged", to: DEAD, requestedBy: "U0LEE00001", ...item };

  it("is told by others when there is no direct message either", async () => {
    const { board, posted, told } = gone();
    await board.say("triaged", triaged);
    expect(posted).toEqual([{ channel: ALIVE.channel, key: "triaged" }]);
    expect(told[0]).toMatch(/^I could not tell <@U0LEE00001> what became of Chairs: .*Please tell them\.$/);
  });

  it("is given up where nobody can be told, and the log has it", async () => {
    const { board, posted, log } = gone(NOWHERE);
    await board.say("triaged", triaged);
    expect(posted).toEqual([]);
    expect(log).toEqual(["whoever asked could not be told"]);
  });
});

it("the first channel that is there is posted in, each of them tried once", async () => {
  const tried: string[] = [];
  const post = async ({ channel, isFallback }: { channel: string; isFallback: boolean }) => {
    tried.push(channel);
    if (channel !== "C3") throw new AppError("is_archived", { code: "slack_channel_gone", retryable: false });
    return { channel, ts: String(isFallback) };
  };
  const posted = await postToFirst({ post }, ["C1", "C2", "C1", "C3", "C4"]);
  expect(posted).toEqual({ channel: "C3", ts: "true" });
  expect(tried).toEqual(["C1", "C2", "C3"]);
});

describe("a channel that is gone", () => {
  it("keeps no rollback's card in trouble, and whoever asked is told how it ended", async () => {
    const outbound = deadOutbound();
    const wall = createRollbackWall({
      ...{ outbound, ...rooms },
      log: createLog({ level: "CRITICAL", json: true }),
    });
    const state = { kind: "ended", result: "failed", reason: null, deploymentId: null } as const;
    const ended = rollbackOf({ card: DEAD, state: { ...state, at: "2026-11-21T12:05:00.000Z" } });
    await wall.update(ended, DEAD);
    await wall.tellEnd(ended);
    expect(outbound.posted).toEqual([{ channel: ALIVE.channel, key: "rollback-end:V1" }]);
  });

  it("keeps no maintenance's card in trouble", async () => {
    const outbound = deadOutbound();
    const reader = { timezone: "UTC", pipesUrl: "https://app.notion.com/p/1" };
    const board = createOperationsBoard({ outbound, ...rooms, reader });
    const begun: Maintenance = {
      ...{ id: "5", by: { slackId: null, name: "Dana" }, reason: "moving", ended: null, card: DEAD, rev: 2 },
      ...{ startedAt: "2026-11-21T12:00:00.000Z", endsAt: "2026-11-21T13:00:00.000Z", cardRev: 1 },
    };
    await expect(board.updateMaintenance(begun)).resolves.toBeUndefined();
  });

  it("keeps no question from whoever is to answer it", async () => {
    const asked: string[] = [];
    const board = createTalkBoard({
      ...rooms,
      log: createLog({ level: "CRITICAL", json: true }),
      outbound: {
        openDm: async () => "D0LEE00001",
        post: async ({ channels, key }: KeyedPost) => {
          if (!channels.includes("D0LEE00001"))
            throw new AppError("is_archived", { code: "slack_channel_gone", retryable: false });
          asked.push(key);
          return ALIVE;
        },
      },
    });
    const by = { slackId: "U0DANA0001", name: "Dana Reyes" };
    const question = { id: "q1", text: "Who pays?", by, at: "2026-11-21T10:00:00.000Z", answer: null };
    const card = decision({ requestedBy: "U0LEE00001", card: DEAD });
    await board.say("k", card, { kind: "asked", question: { ...question, to: "requester" } });
    expect(asked).toEqual(["talk:k:direct"]);
  });
});
