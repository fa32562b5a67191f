/** Whether Slack works for us: the token, the way back to us, and the channels. */
import type { Check, CheckStatus } from "../domain/health.ts";
import { type ErrorCode, toFailure } from "../errors.ts";
import type { ChannelFacts, Reads } from "./outbound-reads.ts";

export interface SlackCheckDeps {
  outbound: Pick<Reads, "identity" | "channel">;
  settings: { decisionsChannel: string; alertsChannel: string };
  /** Whether what people do in Slack can reach us. */
  isReachable: () => boolean;
  now: () => Date;
}

interface Finding {
  status: CheckStatus;
  detail: string;
}

const NOT_CONNECTED: Finding = {
  status: "down",
  detail: "The Slack socket is not connected: clicks and commands cannot arrive. I keep trying.",
};

export function createSlackCheck({
  outbound,
  settings,
  isReachable,
  now,
}: SlackCheckDeps): () => Promise<Check> {
  return async () => {
    const found = await look(outbound, settings);
    const finding = found.status === "ok" && !isReachable() ? NOT_CONNECTED : found;
    return { name: "slack", ...finding, checkedAt: now().toISOString() };
  };
}

async function look(
  reads: SlackCheckDeps["outbound"],
  settings: SlackCheckDeps["settings"],
): Promise<Finding> {
  let team: string;
  try {
    team = (await reads.identity()).teamName;
  } catch (error) {
    return noIdentity(error);
  }
  const { decisionsChannel, alertsChannel } = settings;
  const decisions = await lookAt(reads, decisionsChannel, "SLACK_DECISIONS_CHANNEL");
  const alerts =
    alertsChannel === decisionsChannel ? null : await lookAt(reads, alertsChannel, "SLACK_ALERTS_CHANNEL");
  const findings = [decisions, alerts].filter((finding) => finding !== null);
  const worst = (["down", "unknown", "degraded"] as const).find((status) =>
    findings.some((finding) => finding.status === status),
  );
  if (worst === undefined) return { status: "ok", detail: `Connected to ${team}; channels can be reached.` };
  return { status: worst, detail: findings.map((finding) => finding.detail).join(" ") };
}

function noIdentity(error: unknown): Finding {
  const { code, message } = toFailure(error);
  if (code === "slack_unauthorized") {
    return { status: "down", detail: `Slack refuses the bot token (${message}); check SLACK_BOT_TOKEN.` };
  }
  return { status: "down", detail: `Slack does not answer (${message}).` };
}

/** null when the channel is as it should be. */
async function lookAt(
  reads: SlackCheckDeps["outbound"],
  channel: string,
  setting: string,
): Promise<Finding | null> {
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
  return null;
}

function unreadable({
  code,
  channel,
  setting,
}: {
  code: ErrorCode;
  channel: string;
  setting: string;
}): Finding {
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
