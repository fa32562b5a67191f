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
}

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
    if (await parts.ledger.holds(key, claim)) return;
    throw new AppError("Another process has taken this post over.", {
      code: "slack_unavailable",
      retryable: true,
    });
  };
  const post = (target: { channel: string; isFallback: boolean }) => parts.post({ ...target, key, mayStill });
  const ref = earlier ?? (await postToFirst({ post }, channels));
  await parts.ledger.done(key, ref);
  return ref;
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
  const [channel = "", ...others] = channels;
  const isGone = (error: unknown) => isAppError(error) && error.code === "slack_channel_gone";
  try {
    return await post({ channel, isFallback: false });
  } catch (error) {
    const fallback = others.find((other) => other !== channel);
    if (fallback === undefined || !isGone(error)) throw error;
    return await post({ channel: fallback, isFallback: true });
  }
}
