/**
 * The state of the pretended workspace: people, channels, messages, files, trigger ids, response URLs and modal
 * stacks, plus ids and the clock. Owns no HTTP and no rule of a Web API method; those live in methods/.
 */
import { createHash } from "node:crypto";
import type { SlackMessage, SlackSeed, SlackUser } from "../stand-ins.ts";
import type { Json } from "./json-values.ts";

export interface Channel {
  id: string;
  name: string;
  isPrivate: boolean;
  isArchived: boolean;
  botIsMember: boolean;
  /** The person at the other end of a direct message with the bot; null for channels. */
  imUser: string | null;
  createdAt: number;
}

/** block_id → action_id → the value, as Slack sends it in `state.values`. */
export type ElementState = Record<string, Record<string, Json>>;

export interface StoredMessage extends SlackMessage {
  byBot: boolean;
  attachments: unknown[];
  files: StoredFile[];
  /** A thread reply that is also shown in the channel. */
  broadcast: boolean;
  editedTs: string | null;
  reactions: { name: string; users: string[] }[];
  /** What each person chose in the message's menus. */
  chosen: Map<string, ElementState>;
}

export interface StoredFile {
  id: string;
  name: string;
  title: string;
  /** Bytes, as announced. */
  length: number;
  /** Of the upload, in epoch milliseconds. */
  expiresAt: number;
  content: Buffer | null;
  shared: boolean;
}

export interface StoredView {
  id: string;
  hash: string;
  userId: string;
  kind: "modal" | "home";
  rootId: string;
  previousId: string | null;
  /** As sent by the app, block and action ids filled in. */
  view: Json;
  state: ElementState;
  errors: Record<string, string>;
}

export interface Trigger {
  userId: string;
  issuedAt: number;
  used: boolean;
  /** The interaction came from inside this modal. */
  viewId: string | null;
}

export interface ResponseUrl {
  userId: string;
  channel: string;
  /** The message it came from; null for commands. */
  originTs: string | null;
  uses: number;
  issuedAt: number;
}

export interface Workspace {
  seed: SlackSeed;
  appId: string;
  /** The deprecated verification token that payloads still carry. */
  verificationToken: string;
  /** Root of this server, no slash at the end. Known once it listens. */
  origin: string;
  now: () => number;
  channels: Map<string, Channel>;
  messages: StoredMessage[];
  files: Map<string, StoredFile>;
  triggers: Map<string, Trigger>;
  responseUrls: Map<string, ResponseUrl>;
  /** For Socket Mode. */
  appToken: string;
  /** For the app's own settings. */
  configToken: string;
  /** Those settings, as Slack exports them. */
  manifest: Json;
  /** Each opens one connection. */
  socketTickets: Map<string, "fresh" | "used">;
  modals: Map<string, StoredView[]>;
  homes: Map<string, StoredView>;
  nextTs(): string;
  nextId(prefix: string): string;
  /** Short, hard to guess, the same on every run. */
  nextSecret(): string;
  changed(): void;
  onChange(listener: () => void): () => void;
}

export function createWorkspace(seed: SlackSeed, now: () => number): Workspace {
  const appId = `A0${seed.team.id.slice(2)}`;
  const listeners = new Set<() => void>();
  let lastMicros = 0;
  let counter = 0;
  const next = () => {
    counter += 1;
    return counter;
  };
  return {
    seed,
    appId,
    verificationToken: digest(`verification ${seed.team.id}`).slice(0, 24),
    origin: "",
    now,
    channels: new Map(seed.channels.map((channel) => [channel.id, channelOf(channel, now())])),
    messages: [],
    files: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    appToken: `xapp-1-${appId}-1-sandbox-app-token`,
    configToken: "xoxe.xoxp-1-sandbox-config-token",
    manifest: {},
    socketTickets: new Map(),
    modals: new Map(),
    homes: new Map(),
    nextTs: () => {
      lastMicros = Math.max(Math.floor(now() * 1000), lastMicros + 1);
      return `${Math.floor(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, "0")}`;
    },
    nextId: (prefix) => `${prefix}${next().toString(36).toUpperCase().padStart(8, "0")}`,
    nextSecret: () => digest(`${seed.signingSecret} ${next()}`).slice(0, 24),
    changed: () => {
      for (const listener of [...listeners]) listener();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function channelOf(channel: SlackSeed["channels"][number], createdAt: number): Channel {
  return {
    id: channel.id,
    name: channel.name,
    isPrivate: channel.isPrivate ?? false,
    isArchived: channel.isArchived ?? false,
    botIsMember: channel.botIsMember ?? true,
    imUser: null,
    createdAt,
  };
}

export function findUser(workspace: Workspace, id: string): SlackUser | undefined {
  const { bot, users } = workspace.seed;
  if (id === bot.userId) return { id, name: bot.name, realName: bot.name, email: "", isBot: true };
  return users.find((user) => user.id === id);
}

/** For acts of a person: an unknown one is a mistake of the caller, not something Slack could answer. */
export function personOf(workspace: Workspace, id: string): SlackUser {
  const user = findUser(workspace, id);
  if (user === undefined) throw new Error(`The Slack seed has no user ${id}`);
  return user;
}

export function channelNamed(workspace: Workspace, id: string): Channel {
  const channel = workspace.channels.get(id);
  if (channel === undefined) throw new Error(`The Slack workspace has no channel ${id}`);
  return channel;
}

export function teamOf(workspace: Workspace, user: SlackUser): string {
  return user.teamId ?? workspace.seed.team.id;
}

/** Channels have no member lists in the seed: everybody who is not deleted is in each of them. */
export function membersOf(workspace: Workspace, channel: Channel): string[] {
  const { bot, users } = workspace.seed;
  const botId = channel.botIsMember ? [bot.userId] : [];
  if (channel.imUser !== null) return [...botId, channel.imUser];
  return [...users.filter((user) => user.deleted !== true).map((user) => user.id), ...botId];
}

/** The direct message between the bot and a person, opened when it is not there yet. */
export function directMessageWith(workspace: Workspace, userId: string): Channel {
  for (const channel of workspace.channels.values()) if (channel.imUser === userId) return channel;
  const channel: Channel = {
    id: `D0${userId.slice(2)}`,
    name: "directmessage",
    isPrivate: true,
    isArchived: false,
    botIsMember: true,
    imUser: userId,
    createdAt: workspace.now(),
  };
  workspace.channels.set(channel.id, channel);
  return channel;
}

export function issueTrigger(workspace: Workspace, userId: string, viewId: string | null): string {
  const id = `${Math.floor(workspace.now())}.${workspace.triggers.size + 1}.${workspace.nextSecret()}`;
  workspace.triggers.set(id, { userId, issuedAt: workspace.now(), used: false, viewId });
  return id;
}

/** Absolute URL. Commands and actions differ in the path, as with hooks.slack.com. */
export function issueResponseUrl(
  workspace: Workspace,
  kind: "actions" | "commands",
  target: Pick<ResponseUrl, "userId" | "channel" | "originTs">,
): string {
  const path = `/${kind}/${workspace.seed.team.id}/${workspace.responseUrls.size + 1}/${workspace.nextSecret()}`;
  workspace.responseUrls.set(path, { ...target, uses: 0, issuedAt: workspace.now() });
  return `${workspace.origin}${path}`;
}
