/** The Slack half of the page as JSON, seen through the eyes of one person. Markup in it is already escaped. */
import type { SlackWorkspaceStandIn } from "../slack/slack-stand-in.ts";
import type { SlackMessage, SlackStandIn, SlackUser, SlackView } from "../stand-ins.ts";
import type { Scene } from "./block-elements.ts";
import { isJson, textOf } from "./block-json.ts";
import { renderBlocks, renderMessageText } from "./block-kit.ts";
import { joinHtml } from "./html.ts";

export interface PersonState {
  id: string;
  name: string;
  /** "approver" or "not an approver". */
  role: string;
}

export interface MessageState {
  ts: string;
  channel: string;
  author: string;
  authorId: string;
  isBot: boolean;
  edited: boolean;
  isPrivate: boolean;
  isReply: boolean;
  markup: string;
  files: SlackMessage["files"];
  replies: MessageState[];
}

export interface ModalState {
  id: string;
  title: string;
  submit: string | null;
  close: string;
  markup: string;
}

export interface SlackState {
  workspace: string;
  bot: string;
  me: string;
  people: PersonState[];
  channels: { id: string; name: string; messages: MessageState[] }[];
  /** Bottom of the stack first. */
  modals: ModalState[];
  home: { id: string; markup: string } | null;
}

/** People who can be acted as: no bots, guests, strangers or leavers. */
export function playable(slack: SlackStandIn): SlackUser[] {
  return slack.seed.users.filter(
    (user) =>
      !user.isBot &&
      !user.deleted &&
      !user.isRestricted &&
      !user.isUltraRestricted &&
      (user.teamId === undefined || user.teamId === slack.seed.team.id),
  );
}

export function slackState(slack: SlackWorkspaceStandIn, me: string, approvers: string[]): SlackState {
  const people = playable(slack).map((user) => ({
    id: user.id,
    name: user.realName,
    role: mayDecide(slack, user.id, approvers) ? "approver" : "not an approver",
  }));
  const home = slack.home(me);
  return {
    workspace: slack.seed.team.name,
    bot: slack.seed.bot.name,
    me,
    people,
    channels: conversations(slack, me).map(({ id, name }) => ({
      id,
      name,
      messages: threads(slack, slack.messages(id), me),
    })),
    modals: slack.modals(me).map((modal) => modalState(slack, modal)),
    home: home ? { id: home.id, markup: renderView(slack, home) } : null,
  };
}

function mayDecide(slack: SlackStandIn, user: string, approvers: string[]): boolean {
  const groups = slack.seed.groups.filter((group) => approvers.includes(group.id));
  return approvers.includes(user) || groups.some((group) => group.users.includes(user));
}

/** Live channels the bot is in, and this person's direct messages with the bot. */
function conversations(slack: SlackWorkspaceStandIn, me: string): { id: string; name: string }[] {
  const channels = slack.seed.channels
    .filter((channel) => !channel.isArchived && channel.botIsMember !== false)
    .map(({ id, name }) => ({ id, name: `#${name}` }));
  return [...channels, { id: slack.directMessage(me), name: `@${slack.seed.bot.name}` }];
}

function threads(slack: SlackStandIn, messages: SlackMessage[], me: string): MessageState[] {
  const visible = messages.filter((message) => message.visibleTo === null || message.visibleTo === me);
  const parents = new Set(visible.map((message) => message.ts));
  const isReply = (message: SlackMessage) =>
    message.threadTs !== null && message.threadTs !== message.ts && parents.has(message.threadTs);
  return visible
    .filter((message) => !isReply(message))
    .map((message) => ({
      ...messageState(slack, message),
      replies: visible
        .filter((reply) => isReply(reply) && reply.threadTs === message.ts)
        .map((reply) => messageState(slack, reply)),
    }));
}

function messageState(slack: SlackStandIn, message: SlackMessage): MessageState {
  const scene = sceneOf(slack, {});
  const isBot = [slack.seed.bot.userId, slack.seed.bot.botId].includes(message.user);
  const user = slack.seed.users.find((candidate) => candidate.id === message.user);
  const body =
    message.blocks.length > 0
      ? joinHtml(renderBlocks(message.blocks, scene))
      : renderMessageText(message.text, scene);
  return {
    ts: message.ts,
    channel: message.channel,
    author: isBot ? slack.seed.bot.name : (user?.realName ?? message.user),
    authorId: message.user,
    isBot,
    edited: message.edited,
    isPrivate: message.visibleTo !== null,
    isReply: message.threadTs !== null && message.threadTs !== message.ts,
    markup: body.markup,
    files: message.files,
    replies: [],
  };
}

function modalState(slack: SlackStandIn, modal: SlackView): ModalState {
  return {
    id: modal.id,
    title: textOf(modal.view, "title"),
    submit: textOf(modal.view, "submit") || null,
    close: textOf(modal.view, "close") || "Close",
    markup: renderView(slack, modal),
  };
}

function renderView(slack: SlackStandIn, view: SlackView): string {
  const blocks = Array.isArray(view.view["blocks"]) ? view.view["blocks"].filter(isJson) : [];
  return joinHtml(renderBlocks(blocks, sceneOf(slack, view.errors))).markup;
}

function sceneOf(slack: SlackStandIn, errors: Record<string, string>): Scene {
  const { users, channels, groups, bot } = slack.seed;
  return {
    names: {
      user: (id) => (id === bot.userId ? bot.name : (users.find((user) => user.id === id)?.realName ?? null)),
      channel: (id) => channels.find((channel) => channel.id === id)?.name ?? null,
      group: (id) => groups.find((group) => group.id === id)?.handle ?? null,
    },
    people: playable(slack).map((user) => ({ id: user.id, name: user.realName })),
    channels: channels.map(({ id, name }) => ({ id, name })),
    errors,
  };
}
