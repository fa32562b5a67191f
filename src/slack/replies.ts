/** Answers to one person: private notes, and modals that may need a moment. */
import { createHash } from "node:crypto";
import type { RespondArguments, RespondFn } from "@slack/bolt";
import { AppError, isAppError } from "../errors.ts";
import { messageProblems } from "./block-check.ts";
import { type Message, type Modal, messageModal, textMessage } from "./cards/blocks.ts";
import { VIEWS } from "./ids.ts";
import type { Outbound } from "./outbound.ts";
import { within } from "./time-limit.ts";

/** A trigger lives three seconds: after this long a placeholder is opened and filled later. */
const PLACEHOLDER_AFTER_MS = 800;

export interface Listener {
  userId: string;
  /** Where the click came from; null outside channels. */
  channel: string | null;
  respond: RespondFn | null;
  /** The trigger of a click in the Home tab: there is neither of the two, but a modal can be opened. */
  homeTrigger?: string;
}

export type Teller = Pick<Outbound, "whisper" | "openModal" | "openDm" | "post">;

/** Inert mrkdwn, or a whole message. */
export type Reply = string | Message;

/** A note only this person sees: through the response URL, else directly in the channel, else over the Home tab. */
export async function tell(outbound: Teller, to: Listener, reply: Reply): Promise<void> {
  if (to.homeTrigger === undefined) return tellOnce({ outbound, to, reply, replace: false });
  await tellAtHome(outbound, { userId: to.userId, trigger: to.homeTrigger }, reply);
}

/** In a modal; when its trigger is too old for that, as a direct message. */
export async function tellAtHome(
  outbound: Omit<Teller, "whisper">,
  { userId, trigger }: { userId: string; trigger: string },
  reply: Reply,
): Promise<void> {
  const message = toMessage(reply);
  try {
    await outbound.openModal(trigger, replyModal("Please note", message));
  } catch (error) {
    if (!isAppError(error)) throw error;
    const dm = await outbound.openDm(userId);
    if (dm === null) throw error;
    const key = `home-answer:${createHash("sha256").update(trigger).digest("hex").slice(0, 24)}`;
    await outbound.post({ key, channels: [dm], message: () => message });
  }
}

export function replyModal(title: string, reply: Reply): Modal {
  return { ...messageModal(VIEWS.message, title, "–"), blocks: toMessage(reply).blocks };
}

/** A response URL is good for five answers within thirty minutes; one is kept for the end and one for a failure. */
const PROGRESS_AT_MOST = 3;

export interface RunningAnswer {
  /**
   * Shows how far the work is, in the place where the answer will be. Comfort only: it never rejects, and what comes
   * after the third time is not shown.
   */
  progress(reply: Reply): Promise<void>;
  /** The answer itself, in the place of what was shown before it. */
  finish(reply: Reply): Promise<void>;
}

/** One private answer that may change while the work for it goes on. */
export function runningAnswer(outbound: Pick<Outbound, "whisper">, to: Listener): RunningAnswer {
  let shown = 0;
  let last: Promise<void> = Promise.resolve();
  const show = async (reply: Reply): Promise<void> => {
    if (to.respond === null || shown >= PROGRESS_AT_MOST) return;
    const replace = shown > 0;
    shown += 1;
    await to.respond(privately(toMessage(reply), replace));
  };
  return {
    progress(reply) {
      last = last.then(() => show(reply)).catch(() => undefined);
      return last;
    },
    async finish(reply) {
      await last;
      await tellOnce({ outbound, to, reply, replace: shown > 0 });
    },
  };
}

interface Telling {
  outbound: Pick<Outbound, "whisper">;
  to: Listener;
  reply: Reply;
  replace: boolean;
}

async function tellOnce({ outbound, to, reply, replace }: Telling): Promise<void> {
  const message = toMessage(reply);
  if (to.respond !== null) {
    try {
      await to.respond(privately(message, replace));
      return;
    } catch (error) {
      if (to.channel === null) throw error;
    }
  }
  if (to.channel !== null) await outbound.whisper({ channel: to.channel, user: to.userId, message });
}

/** Throws what Slack would refuse: a response URL answers with the bare word that something is wrong. */
function toMessage(reply: Reply): Message {
  const message = typeof reply === "string" ? textMessage(reply) : reply;
  const problems = messageProblems(message);
  if (problems.length === 0) return message;
  throw new AppError(`Not sent, Slack would refuse this answer: ${problems.slice(0, 5).join("; ")}`, {
    code: "slack_rejected",
    retryable: false,
  });
}

function privately(message: Message, replace: boolean): RespondArguments {
  return {
    response_type: "ephemeral",
    replace_original: replace,
    text: message.text,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    unfurl_links: false,
    unfurl_media: false,
  };
}

export type Prepared = { view: Modal } | { refusal: string };

export interface Opening {
  outbound: Pick<Outbound, "openModal" | "updateModal">;
  triggerId: string;
  title: string;
  prepare: () => Promise<Prepared>;
  refuse: (sentence: string) => Promise<void>;
  /** What is shown until then. */
  waiting?: string;
}

/** Opens a modal before its trigger expires, however long its content takes. False when it was refused, and that is said. */
export async function openPrepared(opening: Opening): Promise<boolean> {
  const { outbound, triggerId, title, prepare, refuse, waiting = "One moment…" } = opening;
  const prepared = prepare();
  const quick = await within(prepared, PLACEHOLDER_AFTER_MS);
  if (quick !== "late") {
    if ("refusal" in quick) await refuse(quick.refusal);
    else await outbound.openModal(triggerId, quick.view);
    return "view" in quick;
  }
  const say = (text: string) => messageModal(VIEWS.message, title, text);
  const placeholder = await outbound.openModal(triggerId, say(waiting));
  try {
    const result = await prepared;
    await outbound.updateModal(placeholder, "view" in result ? result.view : say(result.refusal));
    return "view" in result;
  } catch (error) {
    await outbound.updateModal(
      placeholder,
      say("Sorry, this could not be opened. Please close it and try again."),
    );
    throw error;
  }
}
