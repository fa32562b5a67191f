/**
 * Replies in a thread whose channel may be archived, or closed to us, by now. They are said elsewhere then, once, with a
 * word on where they belong; where there is no other place either, the log has it, and health says so for two hours.
 */
import type { MessageRef } from "../domain/item.ts";
import { isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { type Message, section } from "./cards/blocks.ts";
import { threadGoneNotice } from "./cards/notes.ts";
import type { KeyedPost, Outbound } from "./outbound.ts";

interface Reply {
  key: string;
  thread: MessageRef;
  /** Where to say it when the channel of the thread is gone, in order of preference. */
  elsewhere: string[];
  /** What the thread is about, in inert mrkdwn. */
  subject: string;
  message: Message;
}

type Parts = { outbound: Pick<Outbound, "post">; log: Log };

export async function replyOrElsewhere(
  { outbound, log }: Parts,
  { key, thread, elsewhere, subject, message }: Reply,
): Promise<void> {
  const notice = threadGoneNotice(thread.channel, subject);
  const moved = {
    text: `${notice}\n${message.text}`,
    blocks: [section("moved", notice), ...message.blocks],
  };
  const isSaid = await postUnlessGone(outbound, {
    ...{ key, channels: [thread.channel, ...elsewhere], threadTs: thread.ts },
    message: (isFallback) => (isFallback ? moved : message),
  });
  if (!isSaid) log.warn({ reply: key }, "a reply has no place to go to");
}

/** False when all of its channels are gone. */
export async function postUnlessGone(outbound: Parts["outbound"], post: KeyedPost): Promise<boolean> {
  try {
    await outbound.post(post);
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === "slack_channel_gone") return false;
    throw error;
  }
}
