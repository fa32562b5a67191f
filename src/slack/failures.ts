/** The one place where a handler that broke is logged and the person hears about it. */
import { randomUUID } from "node:crypto";
import { type ReportFault, toFailure } from "../errors.ts";
import { correlated, type Log } from "../log.ts";
import { messageModal, textMessage } from "./cards/blocks.ts";
import { problemSentence } from "./cards/notes.ts";
import { VIEWS } from "./ids.ts";
import { correlationOf, FORM_ANSWER } from "./intake.ts";
import type { Outbound } from "./outbound.ts";
import type { HandlerFailure } from "./receiver.ts";
import { type Teller, tellAtHome } from "./replies.ts";

export interface FailureDeps {
  outbound: Teller & Pick<Outbound, "postUnrecorded">;
  log: Log;
  reportFault?: ReportFault;
}

export function reportFailure({ outbound, log, reportFault }: FailureDeps) {
  const report = async ({ error, body, context }: HandlerFailure): Promise<void> => {
    const reference = randomUUID().slice(0, 8);
    const root = rootOf(error);
    const { code } = toFailure(root);
    log.error(
      { reference, code, kind: textOf(body, "type") ?? "command", err: root },
      "slack handler failed",
    );
    reportFault?.({ surface: "slack", reference, error: root });
    try {
      await tellPerson({ outbound, body, context, sentence: problemSentence(reference) });
    } catch (unreachable) {
      log.warn({ reference, code: toFailure(unreachable).code }, "the person could not be told");
    }
  };
  // Bolt calls this from outside of the middleware.
  return (failure: HandlerFailure) => correlated(correlationOf(failure.body), () => report(failure));
}

/** Bolt wraps what was thrown. */
function rootOf(error: Error): unknown {
  return "original" in error && error.original instanceof Error ? error.original : error;
}

interface Telling {
  outbound: FailureDeps["outbound"];
  body: object;
  context: HandlerFailure["context"];
  sentence: string;
}

async function tellPerson({ outbound, body, context, sentence }: Telling): Promise<void> {
  const answerForm: unknown = context[FORM_ANSWER];
  const view = messageModal(VIEWS.message, "That did not work", sentence);
  if (typeof answerForm === "function" && (await answerForm({ response_action: "update", view }))) return;
  const message = textMessage(sentence);
  const url = textOf(body, "response_url");
  if (url !== null) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...message, response_type: "ephemeral", replace_original: false }),
      signal: AbortSignal.timeout(5_000),
    });
    if (answer.ok) return;
  }
  const channel = textOf(body, "channel_id") ?? idOf(body, "channel");
  const user = textOf(body, "user_id") ?? idOf(body, "user");
  const trigger = textOf(body, "trigger_id");
  if (user !== null && trigger !== null && isOverHome(body)) {
    await tellAtHome(outbound, { userId: user, trigger }, message);
    return;
  }
  if (user === null) return;
  if (channel !== null) return outbound.whisper({ channel, user, message });
  // In a form that was answered before, or a modal. It may be the store that failed, so it is not asked.
  const dm = await outbound.openDm(user);
  if (dm !== null) await outbound.postUnrecorded([dm], message);
}

function isOverHome(body: object): boolean {
  const view: unknown = Object.entries(body).find(([key]) => key === "view")?.[1];
  return typeof view === "object" && view !== null && textOf(view, "type") === "home";
}

function textOf(body: object, name: string): string | null {
  const value: unknown = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === "string" && value !== "" ? value : null;
}

function idOf(body: object, name: string): string | null {
  const value: unknown = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === "object" && value !== null ? textOf(value, "id") : null;
}
