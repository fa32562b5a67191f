/** The bodies Slack sends: interactions, commands and events, with the fields and quirks of the real ones. */
import type { SlackUser } from "../stand-ins.ts";
import { initialState } from "./element-state.ts";
import type { Json } from "./json-values.ts";
import { messageJson } from "./messages.ts";
import { viewJson } from "./views.ts";
import {
  type Channel,
  channelNamed,
  issueResponseUrl,
  issueTrigger,
  type StoredMessage,
  type StoredView,
  teamOf,
  type Workspace,
} from "./workspace.ts";

/** What every interaction carries. A person of another team has that team's id; `team` stays ours. */
function commonFields(workspace: Workspace, user: SlackUser): Json {
  const { team } = workspace.seed;
  return {
    team: { id: team.id, domain: team.domain },
    user: { id: user.id, username: user.name, name: user.name, team_id: teamOf(workspace, user) },
    api_app_id: workspace.appId,
    token: workspace.verificationToken,
    enterprise: null,
    is_enterprise_install: false,
  };
}

function channelField(channel: Channel): Json {
  const hidden = channel.imUser === null ? "privategroup" : "directmessage";
  return { id: channel.id, name: channel.isPrivate ? hidden : channel.name };
}

export function messageActionPayload(
  workspace: Workspace,
  use: { user: SlackUser; message: StoredMessage; action: Json },
): Json {
  const { user, message, action } = use;
  const channel = channelNamed(workspace, message.channel);
  const isEphemeral = message.visibleTo !== null;
  return {
    type: "block_actions",
    ...commonFields(workspace, user),
    container: {
      type: "message",
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: isEphemeral,
      ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    },
    trigger_id: issueTrigger(workspace, user.id, null),
    channel: channelField(channel),
    // Slack does not send the content of ephemeral messages back.
    ...(isEphemeral ? {} : { message: messageJson(workspace, message, true) }),
    state: { values: message.chosen.get(user.id) ?? initialState(message.blocks) },
    response_url: issueResponseUrl(workspace, "actions", {
      userId: user.id,
      channel: channel.id,
      originTs: message.ts,
    }),
    actions: [action],
  };
}

export function viewActionPayload(
  workspace: Workspace,
  use: { user: SlackUser; view: StoredView; action: Json },
): Json {
  return {
    type: "block_actions",
    ...commonFields(workspace, use.user),
    container: { type: "view", view_id: use.view.id },
    trigger_id: issueTrigger(workspace, use.user.id, use.view.id),
    view: viewJson(workspace, use.view),
    actions: [use.action],
  };
}

export function submissionPayload(workspace: Workspace, user: SlackUser, view: StoredView): Json {
  return {
    type: "view_submission",
    ...commonFields(workspace, user),
    trigger_id: issueTrigger(workspace, user.id, view.id),
    view: viewJson(workspace, view),
    response_urls: [],
  };
}

export function closedPayload(
  workspace: Workspace,
  closing: { user: SlackUser; view: StoredView; isCleared: boolean },
): Json {
  return {
    type: "view_closed",
    ...commonFields(workspace, closing.user),
    view: viewJson(workspace, closing.view),
    is_cleared: closing.isCleared,
  };
}

export function shortcutPayload(workspace: Workspace, user: SlackUser, callbackId: string): Json {
  return {
    type: "shortcut",
    ...commonFields(workspace, user),
    action_ts: workspace.nextTs(),
    callback_id: callbackId,
    trigger_id: issueTrigger(workspace, user.id, null),
  };
}

export function messageShortcutPayload(
  workspace: Workspace,
  use: { user: SlackUser; callbackId: string; message: StoredMessage },
): Json {
  const { user, message } = use;
  const channel = channelNamed(workspace, message.channel);
  return {
    type: "message_action",
    ...commonFields(workspace, user),
    action_ts: workspace.nextTs(),
    callback_id: use.callbackId,
    trigger_id: issueTrigger(workspace, user.id, null),
    response_url: issueResponseUrl(workspace, "actions", {
      userId: user.id,
      channel: channel.id,
      // Its response_url cannot change the message the shortcut was used on.
      originTs: null,
    }),
    channel: channelField(channel),
    message_ts: message.ts,
    message: messageJson(workspace, message, true),
  };
}

export function commandFields(
  workspace: Workspace,
  use: { user: SlackUser; channel: Channel; command: string; text: string },
): { fields: Record<string, string>; responsePath: string } {
  const { user, channel } = use;
  const responseUrl = issueResponseUrl(workspace, "commands", {
    userId: user.id,
    channel: channel.id,
    originTs: null,
  });
  const fields = {
    token: workspace.verificationToken,
    team_id: teamOf(workspace, user),
    team_domain: workspace.seed.team.domain,
    channel_id: channel.id,
    channel_name: String(channelField(channel)["name"]),
    user_id: user.id,
    user_name: user.name,
    command: use.command,
    text: use.text.trim(),
    api_app_id: workspace.appId,
    is_enterprise_install: "false",
    response_url: responseUrl,
    trigger_id: issueTrigger(workspace, user.id, null),
  };
  return { fields, responsePath: new URL(responseUrl).pathname };
}

export function eventEnvelope(workspace: Workspace, event: Json): Json {
  const { team, bot } = workspace.seed;
  return {
    token: workspace.verificationToken,
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: workspace.appId,
    event,
    type: "event_callback",
    event_id: workspace.nextId("Ev"),
    event_time: Math.floor(workspace.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: team.id,
        user_id: bot.userId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${workspace.nextSecret()}`,
  };
}

export function homeOpenedEvent(
  workspace: Workspace,
  opened: { user: SlackUser; channel: Channel; view: StoredView | null },
): Json {
  return {
    type: "app_home_opened",
    user: opened.user.id,
    channel: opened.channel.id,
    tab: "home",
    ...(opened.view === null ? {} : { view: viewJson(workspace, opened.view) }),
    event_ts: workspace.nextTs(),
  };
}

export function messageEvent(
  workspace: Workspace,
  said: { type: "message" | "app_mention"; user: SlackUser; message: StoredMessage; channel: Channel },
): Json {
  const { message, channel } = said;
  const kind = channel.imUser !== null ? "im" : channel.isPrivate ? "group" : "channel";
  return {
    type: said.type,
    user: said.user.id,
    ts: message.ts,
    client_msg_id: workspace.nextSecret(),
    text: message.text,
    team: teamOf(workspace, said.user),
    blocks: message.blocks,
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    channel: channel.id,
    event_ts: message.ts,
    ...(said.type === "message" ? { channel_type: kind } : {}),
  };
}
