/** The reading half of outbound: who people are, what channels are, and where a post of ours went. */
import type { webApi } from "@slack/bolt";
import type { GroupLookup, PersonFacts } from "../domain/approval.ts";
import type { MessageRef } from "../domain/item.ts";
import type { ErrorCode } from "../errors.ts";
import { slackErrorWord, toAppError } from "./api-errors.ts";
import { POST_EVENT } from "./post-once.ts";

export interface Identity {
  teamId: string;
  teamName: string;
  botUserId: string;
  botId: string;
}

export interface ChannelFacts {
  name: string;
  isMember: boolean;
  isArchived: boolean;
}

export interface PostSearch {
  channel: string;
  key: string;
  /** A post whose key begins so will do as well. */
  kin?: string;
  /** ISO; nothing older is looked at. */
  startedAt: string;
  threadTs: string | null;
}

export interface Reads {
  identity(): Promise<Identity>;
  /** null = no such user. */
  person(userId: string): Promise<PersonFacts | null>;
  personByEmail(email: string): Promise<PersonFacts | null>;
  groupMembers(groupId: string): Promise<GroupLookup>;
  channel(channelId: string): Promise<ChannelFacts>;
  /** null when this person cannot get direct messages. */
  openDm(userId: string): Promise<string | null>;
  permalink(ref: MessageRef): Promise<string | null>;
  /** By Slack's clock, to the second; null when it does not tell. */
  time(): Promise<Date | null>;
  findPost(search: PostSearch): Promise<MessageRef | null>;
}

/** Pages of history looked through for an earlier post; 200 messages each. */
const SEARCH_PAGES = 5;
const TIME_WITHIN_MS = 5_000;
/** Clocks differ; a post is looked for from a little before it was started. */
const SEARCH_SLACK_SECONDS = 120;

interface Clients {
  background: webApi.WebClient;
  interactive: webApi.WebClient;
  apiUrl: string;
  /** Called for every call that failed. */
  onFailure?: (code: ErrorCode) => void;
}

export function createReads({ background, interactive, apiUrl, onFailure }: Clients): Reads {
  const call = async <T>(method: string, send: () => Promise<T>): Promise<T> => {
    try {
      return await send();
    } catch (error) {
      const failure = toAppError(error, method);
      onFailure?.(failure.code);
      throw failure;
    }
  };
  return {
    identity: () => call("auth.test", () => readIdentity(interactive)),
    person: (userId) =>
      call("users.info", () =>
        orNull(NO_USER, async () => toFacts((await interactive.users.info({ user: userId })).user)),
      ),
    personByEmail: (email) =>
      call("users.lookupByEmail", () =>
        orNull(NO_USER, async () => toFacts((await interactive.users.lookupByEmail({ email })).user)),
      ),
    groupMembers: (groupId) => call("usergroups.users.list", () => readGroup(interactive, groupId)),
    channel: (channelId) => call("conversations.info", () => readChannel(interactive, channelId)),
    openDm: (userId) =>
      call("conversations.open", () =>
        orNull(
          NO_DM,
          async () => (await background.conversations.open({ users: userId })).channel?.id ?? null,
        ),
      ),
    permalink: ({ channel, ts }) =>
      call("chat.getPermalink", () =>
        orNull(
          NO_MESSAGE,
          async () => (await background.chat.getPermalink({ channel, message_ts: ts })).permalink ?? null,
        ),
      ),
    time: () => call("api.test", () => readTime(apiUrl)),
    findPost: (search) =>
      call("conversations.history", async () => {
        const inThread = search.threadTs === null ? null : await searchThread(background, search);
        return inThread ?? (await searchPost(background, { ...search, threadTs: null }));
      }),
  };
}

const NO_USER = ["user_not_found", "users_not_found", "user_not_visible"];
const NO_DM = [
  "user_not_found",
  "users_not_found",
  "user_not_visible",
  "user_disabled",
  "cannot_dm_bot",
  "cannot_dm_self",
  "messages_tab_disabled",
];
const NO_MESSAGE = ["message_not_found", "channel_not_found"];

async function orNull<T>(words: string[], send: () => Promise<T | null>): Promise<T | null> {
  try {
    return await send();
  } catch (error) {
    if (words.includes(slackErrorWord(error) ?? "")) return null;
    throw error;
  }
}

async function readIdentity(client: webApi.WebClient): Promise<Identity> {
  const { team_id, team, user_id, bot_id } = await client.auth.test();
  return { teamId: team_id ?? "", teamName: team ?? "", botUserId: user_id ?? "", botId: bot_id ?? "" };
}

type SlackUser = webApi.UsersInfoResponse["user"];

function toFacts(user: SlackUser): PersonFacts | null {
  if (!user?.id) return null;
  return {
    id: user.id,
    name: user.profile?.real_name || user.real_name || user.profile?.display_name || user.name || user.id,
    teamId: user.team_id ?? "",
    isBot: user.is_bot === true || user.id === "USLACKBOT",
    isGuest: user.is_restricted === true || user.is_ultra_restricted === true || user.is_stranger === true,
    isDeleted: user.deleted === true,
  };
}

const UNUSABLE_GROUP: Record<string, string> = {
  plan_upgrade_required: "this Slack plan has no user groups",
  no_such_subteam: "the user group in the list no longer exists",
  subteam_not_found: "the user group in the list no longer exists",
  missing_scope: "I lack the Slack permission to read user groups (`usergroups:read`)",
  permission_denied: "Slack does not let me read user groups",
};

async function readGroup(client: webApi.WebClient, groupId: string): Promise<GroupLookup> {
  try {
    const { users } = await client.usergroups.users.list({ usergroup: groupId });
    return { kind: "found", members: users ?? [] };
  } catch (error) {
    const why = UNUSABLE_GROUP[slackErrorWord(error) ?? ""];
    if (why === undefined) throw error;
    return { kind: "unusable", why };
  }
}

/** The SDK hides headers. No token is sent: any answer of Slack's tells the time. */
async function readTime(apiUrl: string): Promise<Date | null> {
  const answer = await fetch(`${apiUrl}api.test`, { signal: AbortSignal.timeout(TIME_WITHIN_MS) });
  await answer.body?.cancel();
  const told = Date.parse(answer.headers.get("date") ?? "");
  return Number.isNaN(told) ? null : new Date(told);
}

async function readChannel(client: webApi.WebClient, channelId: string): Promise<ChannelFacts> {
  const { channel } = await client.conversations.info({ channel: channelId });
  return {
    name: channel?.name ?? channelId,
    isMember: channel?.is_member === true,
    isArchived: channel?.is_archived === true,
  };
}

/** null also when the thread's first message was deleted: such a reply is posted in the channel instead. */
function searchThread(client: webApi.WebClient, search: PostSearch): Promise<MessageRef | null> {
  return orNull(["thread_not_found", "message_not_found"], () => searchPost(client, search));
}

async function searchPost(client: webApi.WebClient, search: PostSearch): Promise<MessageRef | null> {
  const { channel, startedAt, threadTs } = search;
  const oldest = String(Math.floor(Date.parse(startedAt) / 1000) - SEARCH_SLACK_SECONDS);
  let cursor = "";
  for (let page = 0; page < SEARCH_PAGES; page += 1) {
    const range = { channel, oldest, include_all_metadata: true, limit: 200, ...(cursor ? { cursor } : {}) };
    const found =
      threadTs === null
        ? await client.conversations.history(range)
        : await client.conversations.replies({ ...range, ts: threadTs });
    const hit = found.messages?.find((message) => isPost(message, search));
    if (hit?.ts) return { channel, ts: hit.ts };
    cursor = found.response_metadata?.next_cursor ?? "";
    if (cursor === "") return null;
  }
  return null;
}

function isPost(message: object, { key, kin }: PostSearch): boolean {
  if (!("metadata" in message)) return false;
  const { metadata } = message;
  if (typeof metadata !== "object" || metadata === null) return false;
  if (!("event_type" in metadata) || metadata.event_type !== POST_EVENT) return false;
  if (!("event_payload" in metadata)) return false;
  const payload = metadata.event_payload;
  if (typeof payload !== "object" || payload === null || !("key" in payload)) return false;
  return payload.key === key || (kin !== undefined && String(payload.key).startsWith(kin));
}
