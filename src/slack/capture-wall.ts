/** Threads for the inbox: reads what was said, whole and with names, and answers whoever sent it. */
import { capturedItem, type Mention, type Said } from "../domain/capture.ts";
import { isAppError } from "../errors.ts";
import type { CaptureWall, MentionEnd, ThreadReading } from "../workflows/capture-ports.ts";
import { placeOf, speakerOf } from "./capture-form.ts";
import { textMessage } from "./cards/blocks.ts";
import {
  addedText,
  alreadyText,
  closedText,
  DELETED_TEXT,
  failedText,
  WORDLESS_TEXT,
} from "./cards/capture-notes.ts";
import type { Directory } from "./directory.ts";
import { clip, mention as mentionOf } from "./limits.ts";
import {
  namedIn,
  rawWords,
  type SpokenMessage,
  spokenText,
  titleOf,
  transcriptText,
} from "./message-text.ts";
import { lookUpNames } from "./names.ts";
import type { Outbound } from "./outbound.ts";
import type { Identity } from "./outbound-reads.ts";

export interface CaptureWallOptions {
  outbound: Pick<Outbound, "post" | "openDm" | "thread" | "person" | "channel" | "permalink">;
  directory: Pick<Directory, "identity">;
  decisionsChannel: string;
}

/** What Notion's `Content` and the advisers can take. */
const TEXT_AT_MOST = 100_000;

export function createCaptureWall(options: CaptureWallOptions): CaptureWall {
  const { outbound, directory, decisionsChannel } = options;
  return {
    async readThread(mention) {
      const pages = await messagesAround(outbound, mention);
      if (pages.kind !== "read") return { kind: pages.kind };
      return composed(outbound, { mention, ...pages, identity: await directory.identity() });
    },
    async tell(mention, end) {
      const { channel, ts } = mention.message;
      const post = { key: `captured:${end.kind}:${channel}:${ts}`, message: () => textMessage(words(end)) };
      const words = (how: MentionEnd) =>
        `${mentionOf(mention.userId)} ${endText(how, { mention, decisionsChannel })}`;
      const direct = async () => {
        const dm = await outbound.openDm(mention.userId);
        if (dm !== null) await outbound.post({ ...post, channels: [dm] });
      };
      if (end.kind === "closed" || end.kind === "deleted") return direct();
      try {
        await outbound.post({ ...post, channels: [channel], threadTs: mention.rootTs });
      } catch (error) {
        if (!isAppError(error) || error.code !== "slack_channel_gone") throw error;
        await direct();
      }
    },
  };
}

type Messages = { kind: "read"; messages: SpokenMessage[]; isCut: boolean } | { kind: "closed" | "deleted" };

/** Outside a thread the event itself holds everything. */
async function messagesAround(
  outbound: Pick<Outbound, "thread">,
  { message, rootTs }: Mention,
): Promise<Messages> {
  if (rootTs === message.ts) return { kind: "read", messages: [], isCut: false };
  return outbound.thread({ channel: message.channel, ts: rootTs });
}

interface Material {
  mention: Mention;
  messages: SpokenMessage[];
  isCut: boolean;
  identity: Identity;
}

async function composed(
  outbound: CaptureWallOptions["outbound"],
  { mention, messages, isCut, identity }: Material,
): Promise<ThreadReading> {
  const { channel } = mention.message;
  const own = (one: SpokenMessage) => one.bot_id === identity.botId || one.user === identity.botUserId;
  const toBot = new RegExp(`<@${identity.botUserId}(\\|[^>]*)?>`, "g");
  const others = messages
    .filter((one) => !own(one) && one.ts !== mention.message.ts)
    .map((one) => ({ message: one, raw: rawWords(one).replace(toBot, "") }))
    .filter(({ raw }) => raw.trim() !== "");
  const asked = mention.text.replace(toBot, "");
  const named = namedIn([asked, ...others.map(({ raw }) => raw)].join("\n"));
  const speakers = others.flatMap(({ message }) => (message.user ? [message.user] : []));
  const [names, room, permalink] = await Promise.all([
    lookUpNames(outbound, { ...named, users: [...new Set([mention.userId, ...speakers, ...named.users])] }),
    roomOf(outbound, channel),
    outbound.permalink({ channel, ts: mention.rootTs }),
  ]);
  const lines = others.map(({ message, raw }) => ({
    speaker: speakerOf(message, names.users) ?? "Somebody",
    words: spokenText(raw, names),
  }));
  const question = spokenText(asked, names);
  const [first] = lines;
  if (question === "" && first === undefined) return { kind: "wordless" };
  const root = messages.find((one) => one.ts === mention.rootTs) ?? null;
  const opener = mention.rootTs === mention.message.ts ? (names.users.get(mention.userId) ?? null) : null;
  const said: Said = {
    message: { channel, ts: mention.rootTs },
    rootTs: mention.rootTs,
    author: root === null ? opener : speakerOf(root, names.users),
    place: room,
    permalink,
  };
  const text = clip(
    transcriptText({ lines, question, place: room, isCut }),
    TEXT_AT_MOST,
    "the rest is in Slack",
  );
  const item = capturedItem({
    ...{ text, context: "", urgency: "normal", requestedBy: mention.userId, said },
    title: titleOf(question === "" ? (first?.words ?? "") : question),
  });
  return { kind: "read", item, said };
}

async function roomOf(outbound: Pick<Outbound, "channel">, channel: string): Promise<string> {
  const { channels } = await lookUpNames(
    { person: async () => null, channel: outbound.channel },
    { users: [], channels: [channel] },
  );
  return placeOf({ id: channel, name: channels.get(channel) ?? "" });
}

function endText(
  end: MentionEnd,
  { mention, decisionsChannel }: { mention: Mention; decisionsChannel: string },
): string {
  switch (end.kind) {
    case "added":
      return addedText({ ...end, decisionsChannel, tellIn: "here" });
    case "already":
      return alreadyText(end.captured, mention.userId);
    case "closed":
      return closedText(mention.message.channel);
    case "deleted":
      return DELETED_TEXT;
    case "failed":
      return failedText(end.reason);
    case "wordless":
      return WORDLESS_TEXT;
  }
}
