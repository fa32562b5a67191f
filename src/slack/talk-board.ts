/** Says in the thread of a card what is asked, answered, and done with the advisers. */
import type { DecisionRecord, Question } from "../domain/decision.ts";
import { slackRequester } from "../domain/talk.ts";
import { isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { TalkBoard } from "../workflows/talk-ports.ts";
import { directQuestion, talkMessage } from "./cards/question-card.ts";
import type { Outbound } from "./outbound.ts";

export interface TalkBoardOptions {
  outbound: Pick<Outbound, "post" | "openDm">;
  decisionsChannel: string;
  alertsChannel: string;
  log: Log;
}

export function createTalkBoard(options: TalkBoardOptions): TalkBoard {
  const { outbound, decisionsChannel, alertsChannel, log } = options;
  /** Whoever asked for the decision need not be in the channel of the cards. */
  async function askDirectly(key: string, decision: DecisionRecord, question: Question): Promise<void> {
    const requester = question.to === "requester" ? slackRequester(decision) : null;
    const dm = requester === null ? null : await outbound.openDm(requester);
    if (dm === null) return;
    const message = () => directQuestion(decision, question);
    await outbound.post({ key: `talk:${key}:direct`, channels: [dm], message });
  }

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
      if (note.kind === "asked") await askDirectly(key, decision, note.question);
    },
  };
}
