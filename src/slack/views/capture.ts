/** The submitted form into the inbox. The right is checked again, because a form may have been open for long. */
import { capturedItem } from "../../domain/capture.ts";
import { CAPTURE_ACTION } from "../capture-form.ts";
import type { CaptureDesk } from "../capture-ports.ts";
import { addedText, alreadyText, BLANK_TEXT, GARBLED_FORM } from "../cards/capture-notes.ts";
import { decodeDraft, readCapture } from "../cards/capture-view.ts";
import { INPUTS } from "../ids.ts";
import type { MemberGate } from "../member-gate.ts";
import { titleOf } from "../message-text.ts";
import type { PollDesk } from "../poll-ports.ts";
import {
  answerSubmission,
  type FormAnswer,
  type FormSubmission,
  type Submission,
  turnedAway,
} from "../submissions.ts";

export interface SubmitCaptureDeps {
  desk: CaptureDesk;
  gate: MemberGate;
  polls: Pick<PollDesk, "held">;
  outbound: Submission["outbound"];
  decisionsChannel: string;
}

export function submitCapture(deps: SubmitCaptureDeps) {
  const { outbound } = deps;
  return ({ ack, body, view }: FormSubmission): Promise<void> =>
    answerSubmission({ form: { ack, body, view }, outbound, work: () => capture(deps, { body, view }) });
}

async function capture(
  { desk, gate, polls, decisionsChannel }: SubmitCaptureDeps,
  { body, view }: Pick<FormSubmission, "body" | "view">,
): Promise<FormAnswer> {
  const { id: userId, team_id: teamId } = body.user;
  const draft = decodeDraft(view.private_metadata);
  if (draft === null) return notAdded(GARBLED_FORM);
  const { said } = draft;
  const subject = said === null ? "form" : `${said.message.channel}:${said.message.ts}`;
  const permission = await gate({ userId, teamId, action: CAPTURE_ACTION, subject });
  if (!permission.ok) {
    const away = turnedAway(permission, INPUTS.captureText.block);
    return away.kind === "field" ? away : notAdded(permission.reason);
  }
  const answers = readCapture(view.state.values, draft);
  if (answers.text === "") {
    return { kind: "field", block: INPUTS.captureText.block, sentence: BLANK_TEXT };
  }
  const title = titleOf(answers.text);
  const item = capturedItem({ ...answers, title, requestedBy: userId, said });
  const key = `slack-form:${view.id}`;
  if (said === null) await desk.add(key, item, null);
  else {
    const origin = { channel: said.message.channel, ts: said.rootTs };
    const result = await desk.addMessage({ key, item, message: said.message, origin });
    if (result.kind === "already") return notAdded(alreadyText(result.captured, userId));
  }
  const tellIn = said === null ? "direct message" : "thread";
  const sentence = addedText({ title, held: await polls.held(), decisionsChannel, tellIn });
  return { kind: "modal", title: "In the inbox", sentence };
}

function notAdded(sentence: string): FormAnswer {
  return { kind: "modal", title: "Nothing was added", sentence };
}
