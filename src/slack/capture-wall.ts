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
  isOwnMatter,
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
/** Whoever reads threads comes again when Slack does not answer. */
const INSISTENT = { insist: true };

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
  const { rootTs, userId } = mention;
  const { channel, ts } = mention.message;
  const { asked, others } = withoutBot(mention, messages, identity);
  const named = namedIn([asked, ...others.map(({ raw }) => raw)].join("\n"));
  const speakers = others.flatMap(({ message }) => (message.user ? [message.user] : []));
  const users = [...new Set([userId, ...speakers, ...named.users])];
  const names = await lookUpNames(outbound, { users, channels: [channel, ...named.channels] }, INSISTENT);
  const place = placeOf({ id: channel, name: names.channels.get(channel) ?? "" });
  const lines = others.map(({ message, raw }) => ({
    speaker: speakerOf(message, names.users) ?? "Somebody",
    words: spokenText(raw, names),
  }));
  const question = spokenText(asked, names);
  const [first] = lines;
  if (question === "" && first === undefined) return { kind: "wordless" };
  // Words of one's own are a matter of their own; a mere call hands in the message that opens the thread.
  const isOwn = first === undefined || isOwnMatter(question);
  const root = messages.find((one) => one.ts === rootTs) ?? null;
  const message = { channel, ts: isOwn ? ts : rootTs };
  const said: Said = {
    ...{ message, rootTs, place },
    author: isOwn ? (names.users.get(userId) ?? null) : root && speakerOf(root, names.users),
    permalink: await outbound.permalink(message),
  };
  const whole = transcriptText({ lines, question, place, isCut });
  const text = clip(whole, TEXT_AT_MOST, "the rest is in Slack");
  const title = titleOf(isOwn ? question : first.words);
  const item = capturedItem({ title, text, context: "", urgency: "normal", requestedBy: userId, said });
  return { kind: "read", item, said };
}

/** What the mention says besides the bot's name, and what others say in the thread, in Slack's notation. */
function withoutBot(mention: Mention, messages: SpokenMessage[], { botId, botUserId }: Identity) {
  const toBot = new RegExp(`<@${botUserId}(\\|[^>]*)?>`, "g");
  const others = messages
    .filter((one) => one.bot_id !== botId && one.user !== botUserId && one.ts !== mention.message.ts)
    .map((message) => ({ message, raw: rawWords(message).replace(toBot, "") }))
    .filter(({ raw }) => raw.trim() !== "");
  return { asked: mention.text.replace(toBot, ""), others };
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
