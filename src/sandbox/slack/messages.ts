/** Messages: storing, changing, and how the Web API shows them. */

import type { SlackMessage } from "../stand-ins.ts";
import { withIds } from "./blocks/interactive-elements.ts";
import { copyOf, type Json } from "./json-values.ts";
import type { StoredMessage, Workspace } from "./workspace.ts";

export interface NewMessage {
  channel: string;
  user: string;
  byBot: boolean;
  text: string;
  blocks?: unknown;
  attachments?: unknown[];
  metadata?: unknown;
  threadTs?: string | null;
  broadcast?: boolean;
  visibleTo?: string | null;
}

export function addMessage(workspace: Workspace, message: NewMessage): StoredMessage {
  const stored: StoredMessage = {
    channel: message.channel,
    ts: workspace.nextTs(),
    threadTs: message.threadTs ?? null,
    user: message.user,
    text: message.text,
    blocks: withIds(message.blocks ?? [], () => workspace.nextSecret().slice(0, 5)),
    metadata: message.metadata ?? null,
    edited: false,
    visibleTo: message.visibleTo ?? null,
    byBot: message.byBot,
    attachments: message.attachments ?? [],
    files: [],
    broadcast: message.broadcast ?? false,
    editedTs: null,
    reactions: [],
    chosen: new Map(),
  };
  workspace.messages.push(stored);
  workspace.changed();
  return stored;
}

export interface MessageChange {
  /** Absent = kept. */
  text?: string;
  blocks?: unknown;
  attachments?: unknown[];
  metadata?: unknown;
  /** Shows "(edited)". */
  marksEdited: boolean;
}

export function changeMessage(workspace: Workspace, message: StoredMessage, change: MessageChange): void {
  if (change.text !== undefined) message.text = change.text;
  if (change.blocks !== undefined)
    message.blocks = withIds(change.blocks, () => workspace.nextSecret().slice(0, 5));
  if (change.attachments !== undefined) message.attachments = change.attachments;
  if (change.metadata !== undefined) message.metadata = change.metadata;
  if (change.marksEdited) {
    message.edited = true;
    message.editedTs = workspace.nextTs();
  }
  message.chosen.clear();
  workspace.changed();
}

export function removeMessage(workspace: Workspace, message: StoredMessage): void {
  workspace.messages = workspace.messages.filter((one) => one !== message);
  workspace.changed();
}

export function findMessage(workspace: Workspace, channel: string, ts: string): StoredMessage | undefined {
  return workspace.messages.find((message) => message.channel === channel && message.ts === ts);
}

/** Thread replies that everybody sees, oldest first. */
export function repliesTo(workspace: Workspace, parent: StoredMessage): StoredMessage[] {
  return workspace.messages.filter(
    (message) =>
      message.channel === parent.channel &&
      message.threadTs === parent.ts &&
      message.ts !== parent.ts &&
      message.visibleTo === null,
  );
}

/** As people see it. */
export function shownMessage(message: StoredMessage): SlackMessage {
  const { channel, ts, threadTs, user, text, blocks, metadata, edited, visibleTo } = message;
  const files = message.files.map(({ id, title, length }) => ({ id, title, length }));
  return copyOf({ channel, ts, threadTs, user, text, blocks, metadata, edited, visibleTo, files });
}

/** As Slack returns it. Metadata only where the caller asked for it. */
export function messageJson(workspace: Workspace, message: StoredMessage, withMetadata: boolean): Json {
  const { seed } = workspace;
  const replies = repliesTo(workspace, message);
  return {
    type: "message",
    ...(message.broadcast ? { subtype: "thread_broadcast" } : {}),
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: seed.team.id,
    ...(message.byBot
      ? {
          bot_id: seed.bot.botId,
          app_id: workspace.appId,
          bot_profile: {
            id: seed.bot.botId,
            app_id: workspace.appId,
            name: seed.bot.name,
            team_id: seed.team.id,
            deleted: false,
          },
        }
      : {}),
    ...(message.blocks.length > 0 ? { blocks: copyOf(message.blocks) } : {}),
    ...(message.attachments.length > 0 ? { attachments: copyOf(message.attachments) } : {}),
    ...(message.files.length > 0 ? { files: message.files.map((file) => fileJson(workspace, file)) } : {}),
    ...(message.editedTs === null ? {} : { edited: { user: message.user, ts: message.editedTs } }),
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(replies.length > 0
      ? {
          thread_ts: message.ts,
          reply_count: replies.length,
          reply_users: [...new Set(replies.map((reply) => reply.user))],
          latest_reply: replies.at(-1)?.ts,
        }
      : {}),
    ...(message.reactions.length > 0
      ? { reactions: message.reactions.map((one) => ({ ...one, count: one.users.length })) }
      : {}),
    ...(withMetadata && message.metadata !== null ? { metadata: copyOf(message.metadata) } : {}),
  };
}

export function fileJson(workspace: Workspace, file: { id: string; name: string; title: string }): Json {
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    user: workspace.seed.bot.userId,
    permalink: `https://${workspace.seed.team.domain}.slack.com/files/${workspace.seed.bot.userId}/${file.id}/${file.name}`,
  };
}
