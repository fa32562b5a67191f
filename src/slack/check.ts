/** Whether Slack works for us: the token and the way back to us, and each channel we post in. */
import type { CheckStatus } from "../domain/health.ts";
import { type ErrorCode, toFailure } from "../errors.ts";
import type { ChannelFacts, Reads } from "./outbound-reads.ts";

export interface SlackCheckDeps {
  outbound: Pick<Reads, "identity" | "channel">;
  settings: { decisionsChannel: string; alertsChannel: string };
  /** Whether what people do in Slack can reach us. */
  isReachable: () => boolean;
}

export interface Finding {
  status: CheckStatus;
  detail: string;
}

/** Each looks now. */
export interface SlackChecks {
  connection(): Promise<Finding>;
  decisionsChannel(): Promise<Finding>;
  /** null = alerts go to the decisions channel. */
  alertsChannel: (() => Promise<Finding>) | null;
}

const NOT_CONNECTED: Finding = {
  status: "down",
  detail: "The Slack socket is not connected: clicks and commands cannot arrive. I keep trying.",
};

export function createSlackChecks({ outbound, settings, isReachable }: SlackCheckDeps): SlackChecks {
  const { decisionsChannel, alertsChannel } = settings;
  return {
    async connection() {
      const found = await lookAtToken(outbound);
      return found.status === "ok" && !isReachable() ? NOT_CONNECTED : found;
    },
    decisionsChannel: () => lookAt(outbound, decisionsChannel, "SLACK_DECISIONS_CHANNEL"),
    alertsChannel:
      alertsChannel === decisionsChannel
        ? null
        : () => lookAt(outbound, alertsChannel, "SLACK_ALERTS_CHANNEL"),
  };
}

async function lookAtToken(reads: SlackCheckDeps["outbound"]): Promise<Finding> {
  try {
    return { status: "ok", detail: `Connected to ${(await reads.identity()).teamName}.` };
  } catch (error) {
    const { code, message } = toFailure(error);
    const isRefused = code === "slack_unauthorized";
    const detail = isRefused
      ? `Slack refuses the bot token (${message}); check SLACK_BOT_TOKEN.`
      : `Slack does not answer (${message}).`;
    return { status: "down", detail };
  }
}

async function lookAt(reads: SlackCheckDeps["outbound"], channel: string, setting: string): Promise<Finding> {
  let facts: ChannelFacts;
  try {
    facts = await reads.channel(channel);
  } catch (error) {
    return unreadable({ code: toFailure(error).code, channel, setting });
  }
  if (facts.isArchived) {
    return { status: "down", detail: `#${facts.name} is archived; unarchive it or change ${setting}.` };
  }
  if (!facts.isMember) {
    return { status: "down", detail: `I am not in #${facts.name}; invite me there or change ${setting}.` };
  }
  return { status: "ok", detail: `#${facts.name} can be reached.` };
}

interface Unreadable {
  code: ErrorCode;
  channel: string;
  setting: string;
}

function unreadable({ code, channel, setting }: Unreadable): Finding {
  switch (code) {
    case "slack_channel_gone":
      return { status: "down", detail: `I cannot see ${channel}; invite me there or change ${setting}.` };
    case "slack_unauthorized":
      return {
        status: "unknown",
        detail: `I may not look at ${channel}; add the scopes channels:read and groups:read.`,
      };
    default:
      return { status: "unknown", detail: `${channel} could not be looked at.` };
  }
}
