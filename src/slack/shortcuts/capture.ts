/** The two shortcuts into the inbox: on a message, and from anywhere. */
import type { GlobalShortcut, MessageShortcut, SlackShortcutMiddlewareArgs } from "@slack/bolt";
import type { OpenCaptureForm } from "../capture-form.ts";
import { readMessage } from "../message-text.ts";

export function captureMessage(open: OpenCaptureForm) {
  return async ({ shortcut }: SlackShortcutMiddlewareArgs<MessageShortcut>): Promise<void> => {
    const { user, channel, trigger_id: triggerId } = shortcut;
    const message = readMessage({ ...shortcut.message, ts: shortcut.message_ts });
    const from = message === null ? null : { message, channel };
    await open({ userId: user.id, teamId: user.team_id, triggerId, from });
  };
}

export function captureFromAnywhere(open: OpenCaptureForm) {
  return async ({ shortcut }: SlackShortcutMiddlewareArgs<GlobalShortcut>): Promise<void> => {
    const { user, trigger_id: triggerId } = shortcut;
    await open({ userId: user.id, teamId: user.team_id, triggerId, from: null });
  };
}
