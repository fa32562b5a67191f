/** conversations.*, users.conversations and reactions.add. */
import type { Json } from "../json-values.ts";
import { findMessage, messageJson, repliesTo } from "../messages.ts";
import { flagArg, type Method, type MethodCall, page, SlackRefusal, textArg } from "../method-call.ts";
import {
  type Channel,
  directMessageWith,
  findUser,
  membersOf,
  type StoredMessage,
  type Workspace,
} from "../workspace.ts";
import { joinedChannel, visibleChannel } from "./conversation-access.ts";

const HISTORY_LIMITS = { fallback: 100, max: 999 };
const LIST_LIMITS = { fallback: 100, max: 1000 };

function channelJson(workspace: Workspace, channel: Channel): Json {
  const isIm = channel.imUser !== null;
  const base = {
    id: channel.id,
    created: Math.floor(channel.createdAt / 1000),
    is_im: isIm,
    is_archived: channel.isArchived,
    context_team_id: workspace.seed.team.id,
  };
  if (isIm) return { ...base, user: channel.imUser, is_user_deleted: false };
  return {
    ...base,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_mpim: false,
    is_private: channel.isPrivate,
    is_general: channel.name === "general",
    is_member: channel.botIsMember,
    is_shared: false,
    is_ext_shared: false,
    is_org_shared: false,
    topic: { value: "", creator: "", last_set: 0 },
    purpose: { value: "", creator: "", last_set: 0 },
  };
}

/** Bounds are exclusive unless `inclusive` is set. */
function inRange(args: Json, ts: string): boolean {
  const oldest = textArg(args, "oldest");
  const latest = textArg(args, "latest");
  const inclusive = flagArg(args, "inclusive");
  const at = toMicros(ts, "invalid_ts");
  const from = oldest === "" ? Number.NEGATIVE_INFINITY : toMicros(oldest, "invalid_ts_oldest");
  const to = latest === "" ? Number.POSITIVE_INFINITY : toMicros(latest, "invalid_ts_latest");
  return inclusive ? at >= from && at <= to : at > from && at < to;
}

function toMicros(ts: string, refusal: string): number {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(ts);
  if (match === null) throw new SlackRefusal(refusal);
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? "").padEnd(6, "0"));
}

function messagePage({ args, workspace }: MethodCall, messages: StoredMessage[]): Json {
  const { items, nextCursor } = page(messages, args, HISTORY_LIMITS);
  const withMetadata = flagArg(args, "include_all_metadata");
  return {
    messages: items.map((message) => messageJson(workspace, message, withMetadata)),
    has_more: nextCursor !== "",
    ...(nextCursor === "" ? {} : { response_metadata: { next_cursor: nextCursor } }),
  };
}

const history: Method = (call) => {
  const channel = joinedChannel(call);
  const shown = call.workspace.messages.filter(
    (message) =>
      message.channel === channel.id &&
      message.visibleTo === null &&
      (message.threadTs === null || message.broadcast) &&
      inRange(call.args, message.ts),
  );
  return { ...messagePage(call, shown.reverse()), pin_count: 0 };
};

const replies: Method = (call) => {
  const channel = joinedChannel(call);
  const ts = textArg(call.args, "ts");
  const message = findMessage(call.workspace, channel.id, ts);
  if (message === undefined || message.visibleTo !== null) throw new SlackRefusal("thread_not_found");
  const answers = repliesTo(call.workspace, message).filter((reply) => inRange(call.args, reply.ts));
  return messagePage(call, [message, ...answers]);
};

const info: Method = (call) => {
  const channel = visibleChannel(call);
  const count = flagArg(call.args, "include_num_members")
    ? { num_members: membersOf(call.workspace, channel).length }
    : {};
  return { channel: { ...channelJson(call.workspace, channel), ...count } };
};

/** Kinds of conversations asked for. */
function kindOf(channel: Channel): string {
  if (channel.imUser !== null) return "im";
  return channel.isPrivate ? "private_channel" : "public_channel";
}

function channelPage(call: MethodCall, channels: Channel[]): Json {
  const types = (textArg(call.args, "types") || "public_channel").split(",").map((type) => type.trim());
  const excludeArchived = flagArg(call.args, "exclude_archived");
  const wanted = channels.filter(
    (channel) => types.includes(kindOf(channel)) && !(excludeArchived && channel.isArchived),
  );
  const { items, nextCursor } = page(wanted, call.args, LIST_LIMITS);
  return {
    channels: items.map((channel) => channelJson(call.workspace, channel)),
    response_metadata: { next_cursor: nextCursor },
  };
}

const list: Method = (call) =>
  channelPage(
    call,
    [...call.workspace.channels.values()].filter((channel) => !channel.isPrivate || channel.botIsMember),
  );

const ofUser: Method = (call) => {
  const { args, workspace } = call;
  const userId = textArg(args, "user") || workspace.seed.bot.userId;
  if (findUser(workspace, userId) === undefined) throw new SlackRefusal("user_not_found");
  const channels = [...workspace.channels.values()].filter(
    (channel) =>
      membersOf(workspace, channel).includes(userId) && (!channel.isPrivate || channel.botIsMember),
  );
  return channelPage(call, channels);
};

const members: Method = (call) => {
  const channel = visibleChannel(call);
  const { items, nextCursor } = page(membersOf(call.workspace, channel), call.args, LIST_LIMITS);
  return { members: items, response_metadata: { next_cursor: nextCursor } };
};

const open: Method = ({ args, workspace }) => {
  const existing = workspace.channels.get(textArg(args, "channel"));
  if (existing !== undefined) return { channel: { id: existing.id } };
  const users = textArg(args, "users").split(",").filter(Boolean);
  const [userId] = users;
  if (userId === undefined) throw new SlackRefusal("users_list_not_supplied");
  const user = findUser(workspace, userId);
  if (user === undefined) throw new SlackRefusal("user_not_found");
  if (user.deleted === true) throw new SlackRefusal("user_disabled");
  if (users.length > 1 || user.isBot === true) throw new SlackRefusal("cannot_dm_bot");
  const channel = directMessageWith(workspace, userId);
  return { channel: flagArg(args, "return_im") ? channelJson(workspace, channel) : { id: channel.id } };
};

const join: Method = (call) => {
  const channel = visibleChannel(call);
  if (channel.imUser !== null || channel.isPrivate)
    throw new SlackRefusal("method_not_supported_for_channel_type");
  if (channel.isArchived) throw new SlackRefusal("is_archived");
  const already = channel.botIsMember;
  channel.botIsMember = true;
  call.workspace.changed();
  const warning = "already_in_channel";
  return {
    channel: channelJson(call.workspace, channel),
    ...(already ? { warning, response_metadata: { warnings: [warning] } } : {}),
  };
};

const addReaction: Method = (call) => {
  const { args, workspace } = call;
  const channel = joinedChannel(call);
  const message = findMessage(workspace, channel.id, textArg(args, "timestamp"));
  if (message === undefined || message.visibleTo !== null) throw new SlackRefusal("message_not_found");
  const name = textArg(args, "name").replace(/^:|:$/g, "");
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) throw new SlackRefusal("invalid_name");
  const reaction = message.reactions.find((one) => one.name === name);
  if (reaction?.users.includes(workspace.seed.bot.userId)) throw new SlackRefusal("already_reacted");
  if (reaction === undefined) message.reactions.push({ name, users: [workspace.seed.bot.userId] });
  else reaction.users.push(workspace.seed.bot.userId);
  workspace.changed();
  return {};
};

export const conversationMethods: Record<string, Method> = {
  "conversations.history": history,
  "conversations.info": info,
  "conversations.join": join,
  "conversations.list": list,
  "conversations.members": members,
  "conversations.open": open,
  "conversations.replies": replies,
  "users.conversations": ofUser,
  "reactions.add": addReaction,
};
