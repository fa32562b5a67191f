/** Says in the thread of a card what is asked, answered, and done with the advisers. */
import { isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { TalkBoard } from "../workflows/talk-ports.ts";
import { talkMessage } from "./cards/question-card.ts";
import type { Outbound } from "./outbound.ts";

export interface TalkBoardOptions {
  outbound: Pick<Outbound, "post">;
  decisionsChannel: string;
  alertsChannel: string;
  log: Log;
}

export function createTalkBoard(options: TalkBoardOptions): TalkBoard {
  const { outbound, decisionsChannel, alertsChannel, log } = options;
  return {
    async say(key, decision, note) {
      const { card } = decision;
      const place =
        card === null
          ? { channels: [decisionsChannel, alertsChannel] }
          : { channels: [card.channel], threadTs: card.ts };
      try {
        await outbound.post({ key: `talk:${key}`, ...place, message: () => talkMessage(decision, note) });
      } catch (error) {
        if (!isAppError(error) || error.code !== "slack_channel_gone") throw error;
        // It stays readable on the record; who mends the channel is told by health.
        log.warn({ decision: decision.id, code: error.code }, "a question has no thread to go to");
      }
    },
  };
}
