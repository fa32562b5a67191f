/** Puts the whole analysis under its card, message by message, behind everything else that waits to be posted. */
import type { DecisionRecord } from "../domain/decision.ts";
import { isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ThreadBoard } from "../workflows/thread-ports.ts";
import { adviceElsewhere, analysisThread } from "./cards/analysis-thread.ts";
import { type Message, textMessage } from "./cards/blocks.ts";
import { threadLine } from "./cards/thread-lines.ts";
import type { Outbound } from "./outbound.ts";

export interface ThreadBoardOptions {
  outbound: Pick<Outbound, "post">;
  log: Log;
}

export function createThreadBoard({ outbound, log }: ThreadBoardOptions): ThreadBoard {
  return {
    postAdvice(decision, first) {
      const messages =
        first === null ? analysisThread(decision.analysis) : [textMessage(adviceElsewhere(first.cardUrl))];
      return unlessGone(decision, async () => {
        for (const [index, message] of messages.entries()) await post(decision, index, message);
      });
    },
    async postLine(key, decision, line) {
      const { card } = decision;
      if (card === null) return;
      const message = () => textMessage(threadLine(line));
      const place = { channels: [card.channel], threadTs: card.ts };
      await unlessGone(decision, () => outbound.post({ key, ...place, message }));
    },
  };

  /** Advice stays readable under Details, votes on the record; who mends the channel is told by health. */
  async function unlessGone({ id }: DecisionRecord, say: () => Promise<unknown>): Promise<void> {
    try {
      await say();
    } catch (error) {
      if (!isAppError(error) || error.code !== "slack_channel_gone") throw error;
      log.warn({ decision: id, code: error.code }, "a card has no thread any more");
    }
  }

  async function post({ id, card }: DecisionRecord, index: number, message: Message): Promise<void> {
    if (card === null) return;
    await outbound.post({
      key: `advice:${id}:${index}`,
      channels: [card.channel],
      threadTs: card.ts,
      canWait: true,
      message: () => message,
    });
  }
}
