/** What a submitted form is answered with: within Slack's three seconds in the form, later in a direct message. */
import type { SlackViewMiddlewareArgs, ViewResponseAction, ViewSubmitAction } from "@slack/bolt";
import { type Modal, messageModal, textMessage } from "./cards/blocks.ts";
import type { Permission } from "./directory.ts";
import { VIEWS } from "./ids.ts";
import { cleanText, clip } from "./limits.ts";
import type { Outbound } from "./outbound.ts";
import { within } from "./time-limit.ts";

/** A submission must be answered within three seconds. */
const ANSWER_WITHIN_MS = 2_200;

export type FormSubmission = SlackViewMiddlewareArgs<ViewSubmitAction>;

/** `field` keeps what the person typed. */
export type FormAnswer =
  | { kind: "done" }
  | FieldAnswer
  | ModalAnswer
  /** Whoever made it is told whether the form shows it, and says it elsewhere if not. */
  | { kind: "view"; view: Modal; shown: (isShown: boolean) => void };

type FieldAnswer = { kind: "field"; block: string; sentence: string };
type ModalAnswer = { kind: "modal"; title: string; sentence: string };

export function unchanged(sentence: string): ModalAnswer {
  return { kind: "modal", title: "Nothing was changed", sentence };
}

/** What trying again may cure keeps the words that were typed: it is said at the input `block`. */
export function turnedAway(
  { refusal, reason }: Extract<Permission, { ok: false }>,
  block: string,
): FieldAnswer | ModalAnswer {
  return refusal.kind === "lookup-failed" ? { kind: "field", block, sentence: reason } : unchanged(reason);
}

export interface Submission {
  form: Pick<FormSubmission, "ack" | "body" | "view">;
  /** For what comes too late for the form: whoever submitted it need not be in the channel of the card. */
  outbound: Pick<Outbound, "openDm" | "post">;
  work: () => Promise<FormAnswer>;
}

export async function answerSubmission({ form, outbound, work }: Submission): Promise<void> {
  const { ack, body, view } = form;
  const working = work();
  const quick = await within(working, ANSWER_WITHIN_MS);
  await ack(toAck(quick === "late" ? PATIENCE : quick));
  const answer = await working;
  if (answer.kind === "view") return answer.shown(quick !== "late");
  if (quick === "late" && answer.kind !== "done") {
    const message = textMessage(answer.sentence);
    const dm = await outbound.openDm(body.user.id);
    if (dm !== null)
      await outbound.post({ key: `form-answer:${view.id}`, channels: [dm], message: () => message });
  }
}

const PATIENCE: ModalAnswer = {
  kind: "modal",
  title: "Working on it",
  sentence:
    "This takes longer than usual. The card shows the result; I will tell you if something goes wrong.",
};

function toAck(answer: FormAnswer): ViewResponseAction | undefined {
  switch (answer.kind) {
    case "done":
      return undefined;
    case "field":
      // Field errors are plain text.
      return {
        response_action: "errors",
        errors: { [answer.block]: clip(cleanText(answer.sentence).replace(/`/g, ""), 1_000) },
      };
    case "view":
      return { response_action: "update", view: answer.view };
    case "modal":
      return {
        response_action: "update",
        view: messageModal(VIEWS.message, answer.title, answer.sentence),
      };
  }
}
