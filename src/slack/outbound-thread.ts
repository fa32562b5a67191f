/** The part of outbound that reads what people wrote: a thread, whole within limits. */
import type { webApi } from "@slack/bolt";
import type { MessageRef } from "../domain/item.ts";
import type { ErrorCode } from "../errors.ts";
import { slackErrorWord, toAppError } from "./api-errors.ts";
import { readMessage, type SpokenMessage } from "./message-text.ts";

export type ThreadPages =
  /** `isCut`: there are more messages. */
  | { kind: "read"; messages: SpokenMessage[]; isCut: boolean }
  /** The bot is no member. */
  | { kind: "closed" }
  | { kind: "deleted" };

export interface Threads {
  /** Oldest first; `root` is the thread's first message. */
  thread(root: MessageRef): Promise<ThreadPages>;
}

/** 1,000 messages; Slack allows 50 requests a minute for the whole workspace. */
const PAGES = 5;
const PAGE_SIZE = 200;
const CLOSED = ["not_in_channel", "channel_not_found"];
const DELETED = ["thread_not_found", "message_not_found"];

interface ThreadDeps {
  client: webApi.WebClient;
  onFailure?: (code: ErrorCode) => void;
}

export function createThreads({ client, onFailure }: ThreadDeps): Threads {
  return {
    async thread(root) {
      try {
        return await readPages(client, root);
      } catch (error) {
        const word = slackErrorWord(error) ?? "";
        if (CLOSED.includes(word)) return { kind: "closed" };
        if (DELETED.includes(word)) return { kind: "deleted" };
        const failure = toAppError(error, "conversations.replies");
        onFailure?.(failure.code);
        throw failure;
      }
    },
  };
}

async function readPages(client: webApi.WebClient, { channel, ts }: MessageRef): Promise<ThreadPages> {
  const messages: SpokenMessage[] = [];
  let cursor = "";
  for (let page = 0; page < PAGES; page += 1) {
    const found = await client.conversations.replies({
      ...{ channel, ts, limit: PAGE_SIZE },
      ...(cursor === "" ? {} : { cursor }),
    });
    // Every page begins with the thread's first message.
    const fresh = (found.messages ?? []).map(readMessage).filter((one) => one !== null);
    messages.push(...fresh.filter((one) => !messages.some((known) => known.ts === one.ts)));
    cursor = found.response_metadata?.next_cursor ?? "";
    if (cursor === "") return { kind: "read", messages, isCut: false };
  }
  return { kind: "read", messages, isCut: true };
}
