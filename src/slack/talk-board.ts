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

  /** It stays readable on the record; who mends the channel is told by health. */
  async function unlessGone({ id }: DecisionRecord, post: () => Promise<unknown>): Promise<void> {
    try {
      await post();
    } catch (error) {
      if (!isAppError(error) || error.code !== "slack_channel_gone") throw error;
      log.warn({ decision: id, code: error.code }, "a question has no place to go to");
    }
  }

  return {
    async say(key, decision, note) {
      const { card } = decision;
      const place =
        card === null
          ? { channels: [decisionsChannel, alertsChannel] }
          : { channels: [card.channel], threadTs: card.ts };
      const message = () => talkMessage(decision, note);
      await unlessGone(decision, () => outbound.post({ key: `talk:${key}`, ...place, message }));
      if (note.kind === "asked") await unlessGone(decision, () => askDirectly(key, decision, note.question));
    },
  };
}
