/** `/emm add <text>`: into the inbox, whole. Without text: the form. */

import { CAPTURE_ACTION, type OpenCaptureForm } from "../capture-form.ts";
import { addedText } from "../cards/capture-notes.ts";
import type { MemberGate } from "../member-gate.ts";
import { titleOf } from "../message-text.ts";
import type { PollDesk } from "../poll-ports.ts";
import type { Capture } from "../ports.ts";
import type { CommandHandler } from "./emm.ts";

export interface AddDeps {
  capture: Capture;
  openForm: OpenCaptureForm;
  polls: Pick<PollDesk, "held">;
  gate: MemberGate;
  decisionsChannel: string;
}

export function add({ capture, openForm, polls, gate, decisionsChannel }: AddDeps): CommandHandler {
  return async ({ userId, teamId, triggerId, text }) => {
    if (text === "") {
      await openForm({ userId, teamId, triggerId, from: null });
      return null;
    }
    const permission = await gate({ userId, teamId, action: CAPTURE_ACTION, subject: "command" });
    if (!permission.ok) return permission.reason;
    const title = titleOf(text);
    const item = { title, content: text, source: "Slack", requestedBy: userId };
    await capture.add(`slack-add:${triggerId}`, item, null);
    return addedText({ title, held: await polls.held(), decisionsChannel, tellIn: "direct message" });
  };
}
