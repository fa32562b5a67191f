/** Somebody wrote the bot's name in a channel: what they wrote, or the thread they wrote it in, goes into the inbox. */
import type { SlackEventMiddlewareArgs } from "@slack/bolt";
import { CAPTURE_ACTION } from "./capture-form.ts";
import type { CaptureDesk } from "./capture-ports.ts";
import { textMessage } from "./cards/blocks.ts";
import type { Directory } from "./directory.ts";
import type { MemberGate } from "./member-gate.ts";
import { rawWords, readMessage } from "./message-text.ts";
import type { Outbound } from "./outbound.ts";
import type { AuditTrail } from "./ports.ts";

export interface MentionDeps {
  desk: Pick<CaptureDesk, "captureThread">;
  gate: MemberGate;
  audit: AuditTrail;
  directory: Pick<Directory, "identity">;
  outbound: Pick<Outbound, "whisper">;
}

export function captureMention({ desk, gate, audit, directory, outbound }: MentionDeps) {
  return async ({ event }: SlackEventMiddlewareArgs<"app_mention">): Promise<void> => {
    const { channel, ts } = event;
    const subject = `${channel}:${ts}`;
    const sender = event.user ?? event.bot_id ?? "unknown";
    // Never answered: two bots would go on for ever.
    if (event.bot_id !== undefined || event.user === undefined) {
      const { botId, botUserId } = await directory.identity();
      if (event.bot_id === botId || event.user === botUserId) return;
      await audit.record({
        ...{ actor: sender, action: CAPTURE_ACTION, subject },
        ...{ outcome: "refused", detail: "bot" },
      });
      return;
    }
    const permission = await gate({ userId: sender, teamId: event.team, action: CAPTURE_ACTION, subject });
    const rootTs = event.thread_ts ?? ts;
    if (permission.ok) {
      const message = readMessage(event);
      const text = message === null ? event.text : rawWords(message);
      await desk.captureThread({ message: { channel, ts }, rootTs, userId: sender, text });
      return;
    }
    await outbound.whisper({
      ...{ channel, user: sender, message: textMessage(permission.reason) },
      ...(event.thread_ts === undefined ? {} : { threadTs: event.thread_ts }),
    });
  };
}
