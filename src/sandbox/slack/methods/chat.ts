/** chat.*: post, update, delete, ephemeral, permalink. */
import { areBlocksTooLong } from "../blocks/validate-blocks.ts";
import { type Json, listOf } from "../json-values.ts";
import { addMessage, changeMessage, findMessage, messageJson, removeMessage } from "../messages.ts";
import {
  flagArg,
  jsonArg,
  type Method,
  type MethodCall,
  messageBlocksArg,
  metadataArg,
  SlackRefusal,
  textArg,
} from "../method-call.ts";
import { findUser, membersOf, type StoredMessage, type Workspace } from "../workspace.ts";
import { visibleChannel, writableChannel } from "./conversation-access.ts";

/** Longer texts of new messages are cut. */
const TRUNCATED_ABOVE = 40_000;
/** chat.update refuses where chat.postMessage cuts. */
const UPDATE_TOO_LONG_ABOVE = 4_000;
/** What Slack shows in place of the text of a message that has only blocks. */
const NO_TEXT_SHOWN = "This content can't be displayed.";

interface Content {
  text: string;
  textGiven: boolean;
  blocks: unknown[] | undefined;
  attachments: unknown[] | undefined;
  metadata: unknown;
}

function contentOf(args: Json): Content {
  const attachments = jsonArg(args, "attachments", "invalid_attachments");
  if (attachments !== undefined && !Array.isArray(attachments)) throw new SlackRefusal("invalid_attachments");
  const blocks = messageBlocksArg(args);
  const markdown = textArg(args, "markdown_text");
  if (markdown !== "" && (blocks !== undefined || textArg(args, "text") !== ""))
    throw new SlackRefusal("markdown_text_conflict");
  if (markdown.length > 12_000) throw new SlackRefusal("msg_too_long");
  const text = markdown === "" ? textArg(args, "text") : markdown;
  const shown = text !== "" || listOf(blocks).length > 0 || listOf(attachments).length > 0;
  if (!shown) throw new SlackRefusal("no_text");
  if (areBlocksTooLong(blocks)) throw new SlackRefusal("msg_blocks_too_long");
  return {
    text: text === "" ? NO_TEXT_SHOWN : text,
    textGiven: text !== "",
    blocks,
    attachments: attachments === undefined ? undefined : listOf(attachments),
    metadata: metadataArg(args),
  };
}

/** Null when the message stands in the channel itself. */
function threadArg({ args, workspace }: MethodCall, channel: string): string | null {
  const threadTs = textArg(args, "thread_ts");
  if (threadTs === "") return null;
  const parent = findMessage(workspace, channel, threadTs);
  if (parent === undefined || parent.visibleTo !== null) throw new SlackRefusal("thread_not_found");
  return parent.threadTs ?? parent.ts;
}

const postMessage: Method = (call) => {
  const { args, workspace } = call;
  const channel = writableChannel(call);
  const content = contentOf(args);
  const truncated = content.text.length > TRUNCATED_ABOVE;
  const message = addMessage(workspace, {
    channel: channel.id,
    user: workspace.seed.bot.userId,
    byBot: true,
    text: content.text.slice(0, TRUNCATED_ABOVE),
    blocks: content.blocks,
    attachments: content.attachments ?? [],
    metadata: content.metadata,
    threadTs: threadArg(call, channel.id),
    broadcast: flagArg(args, "reply_broadcast"),
  });
  const warning = "message_truncated";
  return {
    channel: channel.id,
    ts: message.ts,
    message: messageJson(workspace, message, true),
    ...(truncated ? { warning, response_metadata: { warnings: [warning] } } : {}),
  };
};

const postEphemeral: Method = (call) => {
  const { args, workspace } = call;
  const channel = writableChannel(call);
  const userId = textArg(args, "user");
  if (findUser(workspace, userId) === undefined) throw new SlackRefusal("user_not_found");
  if (!membersOf(workspace, channel).includes(userId)) throw new SlackRefusal("user_not_in_channel");
  const content = contentOf(args);
  const message = addMessage(workspace, {
    channel: channel.id,
    user: workspace.seed.bot.userId,
    byBot: true,
    text: content.text,
    blocks: content.blocks,
    attachments: content.attachments ?? [],
    threadTs: threadArg(call, channel.id),
    visibleTo: userId,
  });
  return { message_ts: message.ts };
};

/** Ephemeral messages are not found: only their response_url can change them. */
function ownMessage({ args, workspace }: MethodCall, channel: string, refusal: string): StoredMessage {
  const message = findMessage(workspace, channel, textArg(args, "ts"));
  if (message === undefined || message.visibleTo !== null) throw new SlackRefusal("message_not_found");
  if (!message.byBot) throw new SlackRefusal(refusal);
  return message;
}

const update: Method = (call) => {
  const { args, workspace } = call;
  const channel = visibleChannel(call);
  if (channel.isArchived) throw new SlackRefusal("is_archived");
  const message = ownMessage(call, channel.id, "cant_update_message");
  const content = contentOf(args);
  if (content.textGiven && content.text.length > UPDATE_TOO_LONG_ABOVE)
    throw new SlackRefusal("msg_too_long");
  // Blocks survive only a call that gives neither text nor blocks.
  const blocks = content.blocks ?? (content.textGiven ? [] : undefined);
  const textOnly = content.textGiven && listOf(blocks).length === 0;
  changeMessage(workspace, message, {
    ...(content.textGiven ? { text: content.text } : {}),
    ...(blocks === undefined ? {} : { blocks }),
    ...(content.attachments === undefined ? {} : { attachments: content.attachments }),
    ...(content.metadata === undefined ? {} : { metadata: content.metadata }),
    marksEdited: textOnly && content.text !== message.text,
  });
  return {
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: messageJson(workspace, message, true),
  };
};

const remove: Method = (call) => {
  const channel = visibleChannel(call);
  const message = ownMessage(call, channel.id, "cant_delete_message");
  removeMessage(call.workspace, message);
  return { channel: channel.id, ts: message.ts };
};

const getPermalink: Method = (call) => {
  const { args, workspace } = call;
  const channel = visibleChannel(call);
  const message = findMessage(workspace, channel.id, textArg(args, "message_ts"));
  if (message === undefined || message.visibleTo !== null) throw new SlackRefusal("message_not_found");
  return { channel: channel.id, permalink: permalinkOf(workspace, message) };
};

function permalinkOf(workspace: Workspace, message: StoredMessage): string {
  const base = `https://${workspace.seed.team.domain}.slack.com/archives/${message.channel}`;
  const thread = message.threadTs === null ? "" : `?thread_ts=${message.threadTs}&cid=${message.channel}`;
  return `${base}/p${message.ts.replace(".", "")}${thread}`;
}

export const chatMethods: Record<string, Method> = {
  "chat.postMessage": postMessage,
  "chat.postEphemeral": postEphemeral,
  "chat.update": update,
  "chat.delete": remove,
  "chat.getPermalink": getPermalink,
};
