/** Whether Slack works for us: the token, the way back to us, the time, each channel, and who is let in. */
import type { CheckStatus } from "../domain/health.ts";
import { type ErrorCode, toFailure } from "../errors.ts";
import { type AllowListCheck, checkAllowList } from "./allow-list-check.ts";
import type { ChannelFacts, Reads } from "./outbound-reads.ts";

export interface SlackCheckDeps {
  outbound: AllowListCheck["reads"] & Pick<Reads, "channel" | "time">;
  now: () => Date;
  settings: {
    decisionsChannel: string;
    alertsChannel: string;
    approvers: readonly string[];
    approversHigh?: readonly string[];
    /** How many people there have to be; absent = one. */
    needed?: Record<"decide" | "decideHigh", AllowListCheck["needed"]> | undefined;
    operators: readonly string[];
    escalation?: readonly string[];
  };
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
  /** Our clock against Slack's. */
  clock(): Promise<Finding>;
  approvers(): Promise<Finding>;
  /** null = the approvers decide everything. */
  approversHigh: (() => Promise<Finding>) | null;
  /** null = the approvers are the operators. */
  operators: (() => Promise<Finding>) | null;
  /** null = nobody is asked beyond the approvers. */
  escalation: (() => Promise<Finding>) | null;
}

/** Slack's rule: what was signed longer ago than this is not from Slack. */
const SIGNED_WITHIN_MS = 5 * 60_000;
const CLOCK_IS_OFF_MS = 60_000;

const NOT_CONNECTED: Finding = {
  status: "down",
  detail: "The Slack socket is not connected: clicks and commands cannot arrive. I keep trying.",
};

export function createSlackChecks(deps: SlackCheckDeps): SlackChecks {
  const { outbound, settings, isReachable } = deps;
  const { decisionsChannel, alertsChannel, approvers, operators, escalation = [] } = settings;
  const { approversHigh = [], needed } = settings;
  const decide = {
    ...{ reads: outbound, ids: approvers, setting: "SLACK_APPROVERS", deed: "decide" },
    needed: approversHigh.length === 0 ? (needed?.decideHigh ?? needed?.decide) : needed?.decide,
  };
  const decideHigh = {
    ...{ reads: outbound, ids: approversHigh, setting: "SLACK_APPROVERS_HIGH" },
    deed: "decide what has a high impact",
    needed: needed?.decideHigh,
  };
  const operate = { reads: outbound, ids: operators, setting: "SLACK_OPERATORS", deed: "operate me" };
  const askedToo = {
    reads: outbound,
    ids: escalation,
    setting: "SLACK_ESCALATION",
    deed: "be asked when nobody decides",
  };
  return {
    async connection() {
      const found = await lookAtToken(outbound);
      return found.status === "ok" && !isReachable() ? NOT_CONNECTED : found;
    },
    decisionsChannel: () => lookAt(outbound, decisionsChannel, "SLACK_DECISIONS_CHANNEL"),
    clock: () => lookAtClock(deps),
    approvers: () => checkAllowList(decide),
    approversHigh: approversHigh.length === 0 ? null : () => checkAllowList(decideHigh),
    operators: approvers.join() === operators.join() ? null : () => checkAllowList(operate),
    escalation: escalation.length === 0 ? null : () => checkAllowList(askedToo),
    alertsChannel:
      alertsChannel === decisionsChannel
        ? null
        : () => lookAt(outbound, alertsChannel, "SLACK_ALERTS_CHANNEL"),
  };
}

async function lookAtClock({ outbound, now }: SlackCheckDeps): Promise<Finding> {
  let theirs: Date | null;
  try {
    theirs = await outbound.time();
  } catch (error) {
    return { status: "unknown", detail: `Slack's time is not known (${toFailure(error).message}).` };
  }
  if (theirs === null) return { status: "ok", detail: "Slack does not tell the time." };
  const offMs = now().getTime() - theirs.getTime();
  if (Math.abs(offMs) < CLOCK_IS_OFF_MS)
    return { status: "ok", detail: "The clock of this machine is right." };
  const off = `The clock of this machine is ${Math.round(Math.abs(offMs) / 1_000)} s ${offMs > 0 ? "ahead" : "behind"}; set it.`;
  if (Math.abs(offMs) < SIGNED_WITHIN_MS) return { status: "degraded", detail: off };
  return {
    status: "down",
    detail: `${off} Clicks and commands from Slack are refused as forged until then.`,
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
