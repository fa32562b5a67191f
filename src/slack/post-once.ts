/** Makes a post happen once: ledger first, then Slack's own history when an earlier try may have got through. */

import type { MessageRef } from "../domain/item.ts";
import { AppError, isAppError } from "../errors.ts";
import type { PostLedger } from "./ports.ts";

/** Message metadata that names our posts. Anybody in the channel can read it: ids only. */
export const POST_EVENT = "emm_post";

export interface PostOnceParts {
  ledger: PostLedger;
  /** Our post with this key since `startedAt`, or null. */
  find(search: Search): Promise<MessageRef | null>;
  /** Asks `mayStill` right before it sends: it may have waited for its turn for long. */
  post(target: PostTarget): Promise<MessageRef>;
  sleep: (durationMs: number) => Promise<void>;
}

/** Longer than a channel's queue usually is. */
const LOOKS = 60;
const LOOK_MS = 1_000;

interface PostTarget {
  channel: string;
  key: string;
  isFallback: boolean;
  mayStill: () => Promise<void>;
}

interface Search {
  channel: string;
  key: string;
  /** Ours too when its key begins so. */
  kin?: string;
  startedAt: string;
}

export interface PostOnceTarget {
  key: string;
  /** How the keys begin under which the same thing may have been posted by a bot that this store has forgotten. */
  kin?: string;
  /** In order of preference; the next one is used when a channel is gone. */
  channels: string[];
}

export async function postOnce(
  parts: PostOnceParts,
  { key, kin, channels }: PostOnceTarget,
): Promise<MessageRef> {
  const { posted, retried, doubtful = false, startedAt, claim } = await parts.ledger.begin(key);
  if (posted) return posted;
  const wanted = { key, ...(doubtful && kin !== undefined && { kin }), startedAt };
  const earlier = retried || doubtful ? await findInAny(parts, channels, wanted) : null;
  const mayStill = async () => {
    const standing = await parts.ledger.standing(key).catch(storeFailed);
    if (standing.claim !== claim || standing.posted !== null) throw takenOver();
  };
  const post = (target: { channel: string; isFallback: boolean }) => parts.post({ ...target, key, mayStill });
  let ref: MessageRef;
  try {
    ref = earlier ?? (await postToFirst({ post }, channels));
  } catch (error) {
    if (!isAppError(error) || error.code !== "taken_over") throw error;
    return await postedByOther(parts, key);
  }
  await parts.ledger.done(key, ref);
  return ref;
}

/** To begin again at once would take it back, and the two would never be done. */
async function postedByOther({ ledger, sleep }: PostOnceParts, key: string): Promise<MessageRef> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const { posted } = await ledger.standing(key);
    if (posted) return posted;
    await sleep(LOOK_MS);
  }
  throw takenOver();
}

/** Not to be taken for Slack's: it is asked in the middle of a call to Slack. */
function storeFailed(cause: unknown): never {
  throw new AppError("The store does not say who makes this post.", {
    code: "store_unavailable",
    retryable: true,
    cause,
  });
}

function takenOver(): AppError {
  return new AppError("Another process has taken this post over.", { code: "taken_over", retryable: true });
}

async function findInAny(
  parts: PostOnceParts,
  channels: string[],
  wanted: Omit<Search, "channel">,
): Promise<MessageRef | null> {
  for (const channel of channels) {
    try {
      const found = await parts.find({ channel, ...wanted });
      if (found) return found;
    } catch (error) {
      // Without the scope to read history, or in a channel that is gone, a second post is the lesser evil.
      if (!isAppError(error) || !["slack_unauthorized", "slack_channel_gone"].includes(error.code))
        throw error;
    }
  }
  return null;
}

export async function postToFirst(
  { post }: { post(target: { channel: string; isFallback: boolean }): Promise<MessageRef> },
  channels: string[],
): Promise<MessageRef> {
  const [channel = "", ...others] = new Set(channels);
  return tryInTurn({ post }, { channel, isFallback: false }, others);
}

async function tryInTurn(
  { post }: Parameters<typeof postToFirst>[0],
  target: { channel: string; isFallback: boolean },
  [next, ...others]: string[],
): Promise<MessageRef> {
  try {
    return await post(target);
  } catch (error) {
    if (next === undefined || !isAppError(error) || error.code !== "slack_channel_gone") throw error;
    return tryInTurn({ post }, { channel: next, isFallback: true }, others);
  }
}
