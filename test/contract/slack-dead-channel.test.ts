/** The channel of a card is archived while it is followed: nothing fails for ever, and the end is told elsewhere. */
import { describe, expect, it } from "vitest";
import type { Maintenance } from "../../src/domain/maintenance.ts";
import { AppError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { createOperationsBoard } from "../../src/slack/operations-board.ts";
import type { KeyedPost, OutboundUpdate } from "../../src/slack/outbound.ts";
import { createRollbackWall } from "../../src/slack/rollback-wall.ts";
import { createTalkBoard } from "../../src/slack/talk-board.ts";
import { decision } from "../fixtures/decision.ts";
import { rollbackOf } from "../fixtures/deployments.ts";

const DEAD = { channel: "C0ALERTS01", ts: "1.1" };
const ALIVE = { channel: "C0LEADERS1", ts: "2.2" };
const rooms = { alertsChannel: DEAD.channel, decisionsChannel: ALIVE.channel };

/** As `outbound`: the next channel is used when one is gone. */
function deadOutbound() {
  const posted: { channel: string; key: string }[] = [];
  const gone = () => new AppError("is_archived", { code: "slack_channel_gone", retryable: false });
  return {
    posted,
    async update(_update: OutboundUpdate): Promise<"updated" | "gone"> {
      throw gone();
    },
    async post({ key, channels }: KeyedPost) {
      if (!channels.includes(ALIVE.channel)) throw gone();
      posted.push({ channel: ALIVE.channel, key });
      return ALIVE;
    },
  };
}

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
          if (!channels.includes("D0LEE00001")) return deadOutbound().post({ channels, key } as KeyedPost);
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
