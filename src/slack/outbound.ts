/**
 * Slack outbound: the only caller of chat.*, views.*, files.*, conversations.*, users.* and usergroups.*. Every message is
 * checked against Slack's limits, never unfurls, and always has `text`. Background posts and interactive calls have
 * separate clients, because a rate limit stops a whole client. Knows no decisions and no words.
 */
import { webApi } from "@slack/bolt";
import type { MessageRef } from "../domain/item.ts";
import { AppError, type ErrorCode } from "../errors.ts";
import type { Log } from "../log.ts";
import { slackErrorWord, toAppError } from "./api-errors.ts";
import { messageProblems, viewProblems } from "./block-check.ts";
import { boltLogger } from "./bolt-log.ts";
import type { Home, Message, Modal } from "./cards/blocks.ts";
import { createFiles, type Files } from "./outbound-files.ts";
import { createReads, type Reads } from "./outbound-reads.ts";
import { createThreads, type Threads } from "./outbound-thread.ts";
import { createPacing, type PacingOptions } from "./pacing.ts";
import type { PostLedger, SharedTurns } from "./ports.ts";
import { POST_EVENT, postOnce, postToFirst } from "./post-once.ts";

/** A background call may take this long before its outcome counts as unknown. */
const BACKGROUND_TIMEOUT_MS = 10_000;
/** Interactive calls are worthless after Slack's three seconds. */
const INTERACTIVE_TIMEOUT_MS = 2_500;
/** A 429 on one call must not stop the others, and a repeated post is a second post: we decide about retries. */
const NO_SDK_RETRIES = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true } as const;

export interface OutboundOptions extends PacingOptions {
  token: string;
  apiUrl: string;
  ledger: PostLedger;
  /** Left out: nobody else posts with this token. */
  sharedTurns?: SharedTurns;
  log: Log;
  /** Called for every call that failed, whether it is repeated or not. */
  onFailure?: (code: ErrorCode) => void;
}

export interface KeyedPost {
  key: string;
  /** How the keys begin under which a bot whose store was lost may have posted the same. */
  kin?: string;
  /** In order of preference; the next is used when a channel is gone. */
  channels: string[];
  /** In the first of the channels. */
  threadTs?: string;
  /** A reply that is shown in the channel too. */
  broadcast?: boolean;
  /** Waits behind everything else that is to be posted there. */
  canWait?: boolean;
  /** Drawn when it is sent, so that a fallback can say why it is elsewhere. */
  message: (isFallback: boolean) => Message;
}

export interface OutboundUpdate {
  ref: MessageRef;
  /** An older one never replaces a newer one. */
  version: number;
  message: Message;
  /** Waits behind all others: nobody is looking at it now. */
  canWait?: boolean;
}

export interface Outbound extends Reads, Files, Threads {
  /** Posts once per key, whatever is repeated or lost. */
  post(post: KeyedPost): Promise<MessageRef>;
  /** For when nothing can be written down: may be made twice, and is lost when Slack does not answer. */
  postUnrecorded(channels: string[], message: Message): Promise<MessageRef>;
  /** "gone" when the message was deleted or can no longer be changed. */
  update(update: OutboundUpdate): Promise<"updated" | "gone">;
  whisper(whisper: { channel: string; user: string; message: Message; threadTs?: string }): Promise<void>;
  openModal(triggerId: string, view: Modal): Promise<{ id: string; hash: string }>;
  updateModal(target: { id: string; hash: string }, view: Modal): Promise<void>;
  /** With the `hash` of a view it replaces only that one: what was published since stays. */
  publishHome(userId: string, view: Home, hash?: string): Promise<void>;
}

export function createOutbound(options: OutboundOptions): Outbound {
  const { background, interactive } = createClients(options);
  const pacing = createPacing(options);
  const rethrow = (method: string) => (error: unknown) => {
    const failure = toAppError(error, method);
    if (failure.code.startsWith("slack_")) options.onFailure?.(failure.code);
    throw failure;
  };
  const { apiUrl, onFailure, ledger, sharedTurns = alone } = options;
  const reads = createReads({ background, interactive, apiUrl, onFailure });
  const postOne = (input: SendInput) =>
    pacing.post(input.channel, () => send(background, input)).catch(rethrow("chat.postMessage"));
  const sendInTurn = (input: SendInput, { mayStill }: Turn) =>
    sharedTurns(input.channel)
      .then(mayStill)
      .then(() => send(background, input));
  const postInTurn = (input: SendInput, turn: Turn) =>
    pacing
      .post(input.channel, () => sendInTurn(input, turn), turn.canWait)
      .catch(rethrow("chat.postMessage"));

  return {
    ...reads,
    ...createFiles({ client: background, onFailure }),
    ...createThreads({ client: background, onFailure }),
    post: (post) => {
      const { threadTs, broadcast = false, canWait = false } = post;
      const find = (search: { channel: string; key: string; startedAt: string }) =>
        reads.findPost({ ...search, threadTs: threadTs ?? null });
      const draw = (isFallback: boolean) => checked(post.message(isFallback), "chat.postMessage");
      return postOnce(
        {
          ...{ ledger, find, sleep: options.sleep },
          post: async ({ channel, key, isFallback, mayStill }) => {
            const place = { channel, threadTs: isFallback ? undefined : threadTs, broadcast };
            return postInTurn({ ...place, key, message: draw(isFallback) }, { canWait, mayStill });
          },
        },
        post,
      );
    },
    async postUnrecorded(channels, message) {
      checked(message, "chat.postMessage");
      const key = "unrecorded";
      const post = ({ channel }: { channel: string }) =>
        postOne({ channel, key, message, threadTs: undefined, broadcast: false });
      return postToFirst({ post }, channels);
    },
    async update({ ref, version, message, canWait = false }) {
      checked(message, "chat.update");
      const key = `${ref.channel}:${ref.ts}`;
      const inTurn = () => sharedTurns(null).then(() => change(background, ref, message));
      return pacing.update({ key, version, canWait, send: inTurn }).catch(rethrow("chat.update"));
    },
    async whisper({ channel, user, message, threadTs }) {
      checked(message, "chat.postEphemeral");
      await interactive.chat
        .postEphemeral({ channel, user, ...inertPost(message), ...(threadTs ? { thread_ts: threadTs } : {}) })
        .catch(rethrow("chat.postEphemeral"));
    },
    ...createViews(interactive, rethrow),
  };
}

type Rethrow = (method: string) => (error: unknown) => never;

function createViews(
  interactive: webApi.WebClient,
  rethrow: Rethrow,
): Pick<Outbound, "openModal" | "updateModal" | "publishHome"> {
  return {
    async openModal(triggerId, view) {
      checkedView(view, "views.open");
      const opened = await interactive.views
        .open({ trigger_id: triggerId, view })
        .catch(rethrow("views.open"));
      return { id: opened.view?.id ?? "", hash: opened.view?.hash ?? "" };
    },
    async updateModal({ id, hash }, view) {
      checkedView(view, "views.update");
      try {
        await interactive.views.update({ view_id: id, hash, view });
      } catch (error) {
        // The person closed the modal, or it changed under a second click: nothing to repair.
        if (!VIEW_MOVED_ON.has(slackErrorWord(error) ?? "")) rethrow("views.update")(error);
      }
    },
    async publishHome(userId, view, hash) {
      checkedView(view, "views.publish");
      try {
        await interactive.views.publish({ user_id: userId, view, ...(hash ? { hash } : {}) });
      } catch (error) {
        if (!hash || slackErrorWord(error) !== "hash_conflict") rethrow("views.publish")(error);
      }
    },
  };
}

const alone: SharedTurns = () => Promise.resolve();

function createClients({ token, apiUrl, log }: OutboundOptions) {
  const shared = { slackApiUrl: apiUrl, logger: boltLogger(log), ...NO_SDK_RETRIES };
  return {
    background: new webApi.WebClient(token, { ...shared, timeout: BACKGROUND_TIMEOUT_MS }),
    interactive: new webApi.WebClient(token, { ...shared, timeout: INTERACTIVE_TIMEOUT_MS }),
  };
}

function inertPost({ text, blocks }: Message) {
  return {
    text,
    ...(blocks.length > 0 ? { blocks } : {}),
    unfurl_links: false,
    unfurl_media: false,
    link_names: false,
    parse: "none" as const,
  };
}

interface Turn {
  canWait: boolean;
  /** Rejects when another process has made the post meanwhile: its turn may be long in coming. */
  mayStill: () => Promise<void>;
}

interface SendInput {
  channel: string;
  key: string;
  message: Message;
  threadTs: string | undefined;
  broadcast: boolean;
}

async function send(client: webApi.WebClient, input: SendInput): Promise<MessageRef> {
  const { channel, key, message, threadTs, broadcast } = input;
  const post = {
    channel,
    ...inertPost(message),
    metadata: { event_type: POST_EVENT, event_payload: { key } },
  };
  try {
    const sent = await client.chat.postMessage(
      threadTs === undefined ? post : { ...post, thread_ts: threadTs, reply_broadcast: broadcast },
    );
    return { channel: sent.channel ?? channel, ts: sent.ts ?? "" };
  } catch (error) {
    // The thread's first message was deleted: say it in the channel.
    const word = slackErrorWord(error);
    if (threadTs === undefined || (word !== "thread_not_found" && word !== "message_not_found")) throw error;
    return send(client, { ...input, threadTs: undefined });
  }
}

const VIEW_MOVED_ON = new Set(["not_found", "hash_conflict"]);

const GONE = new Set(["message_not_found", "cant_update_message", "edit_window_closed"]);

async function change(
  client: webApi.WebClient,
  ref: MessageRef,
  message: Message,
): Promise<"updated" | "gone"> {
  try {
    // Text without blocks would remove the old blocks; both are always sent.
    await client.chat.update({
      channel: ref.channel,
      ts: ref.ts,
      text: message.text,
      blocks: message.blocks,
      link_names: false,
      parse: "none",
    });
    return "updated";
  } catch (error) {
    if (GONE.has(slackErrorWord(error) ?? "")) return "gone";
    throw error;
  }
}

function checked(message: Message, method: string): Message {
  refuse(messageProblems(message), method);
  return message;
}

function checkedView(view: Modal | Home, method: string): void {
  refuse(viewProblems(view), method);
}

function refuse(problems: string[], method: string): void {
  if (problems.length === 0) return;
  throw new AppError(`Not sent, ${method} would refuse it: ${problems.slice(0, 5).join("; ")}`, {
    code: "slack_rejected",
    retryable: false,
  });
}
