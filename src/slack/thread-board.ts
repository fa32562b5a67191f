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
    async postAdvice(decision, first) {
      const messages =
        first === null ? analysisThread(decision.analysis) : [textMessage(adviceElsewhere(first.cardUrl))];
      try {
        for (const [index, message] of messages.entries()) await post(decision, index, message);
      } catch (error) {
        if (!isAppError(error) || error.code !== "slack_channel_gone") throw error;
        // It stays readable under Details; who mends the channel is told by health.
        log.warn({ decision: decision.id, code: error.code }, "the advice has no thread to go to");
      }
    },
    async postLine(key, { card }, line) {
      if (card === null) return;
      const message = () => textMessage(threadLine(line));
      await outbound.post({ key, channels: [card.channel], threadTs: card.ts, message });
    },
  };

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
