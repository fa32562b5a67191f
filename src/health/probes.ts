/** What is looked at, how often, and how it is summed up. What each finding means is in the sibling files. */
import type { Check } from "../domain/health.ts";
import { type ClaudeProbeDeps, checkClaude } from "./claude-probe.ts";
import type { Finding, Probe, ProbeGroup } from "./monitor.ts";
import { checkBacklog, checkPoller, type PollProbeDeps } from "./poll-probes.ts";
import { checkDisk, checkPosts, checkStore, type StoreProbeDeps } from "./store-probes.ts";

type Look = () => Promise<Finding>;

export interface ProbeDeps extends PollProbeDeps, StoreProbeDeps, ClaudeProbeDeps {
  notion: {
    /** Titles of the databases by name, e.g. SYSTEM_INBOX. */
    databases: readonly string[];
    /** "unknown" = it could not be asked just now. */
    check(name: string): Promise<Check>;
  };
  slack: {
    connection: Look;
    decisionsChannel: Look;
    clock: Look;
    /** null = alerts go to the decisions channel. */
    alertsChannel: Look | null;
    approvers: Look;
    /** null = the approvers decide everything. */
    approversHigh?: Look | null;
    /** null = the approvers are the operators. */
    operators: Look | null;
    /** null = nobody is asked beyond the approvers. */
    escalation?: Look | null;
  };
  /** Which process answers, one line. */
  process: string;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** A poll that takes longer waits for Notion. */
const POLL_TAKES_MS = 10 * SECOND_MS;

/** The sums, in the order in which people read them. */
export const GROUPS: ProbeGroup[] = [
  { name: "slack", critical: true, allWell: () => "the token works, the channels can be reached" },
  { name: "notion", critical: true, allWell: (count) => `${count} databases reachable, schema as expected` },
];

/** A fault shows within two poll periods: what a poll does not touch is looked at at least once in each. */
export function createProbes(deps: ProbeDeps): Probe[] {
  const { approversHigh, operators, escalation } = deps.slack;
  const everyPeriod = (atLeastMs: number, atMostMs: number) =>
    Math.min(Math.max(deps.intervalSeconds * SECOND_MS, atLeastMs), atMostMs);
  const often = everyPeriod(15 * SECOND_MS, MINUTE_MS);
  const dear = everyPeriod(MINUTE_MS, 2 * MINUTE_MS);
  return [
    { name: "store", critical: true, everyMs: often, run: () => checkStore(deps) },
    { name: "disk", critical: true, everyMs: often, run: () => checkDisk(deps) },
    ...slackProbes(deps.slack, often),
    ...notionProbes(deps, dear),
    { name: "claude", critical: false, everyMs: often, run: () => checkClaude(deps) },
    { name: "poller", critical: true, everyMs: 5 * SECOND_MS, run: () => checkPoller(deps) },
    { name: "backlog", critical: false, everyMs: 15 * SECOND_MS, run: () => checkBacklog(deps) },
    { name: "posts", critical: false, everyMs: 30 * SECOND_MS, run: () => checkPosts(deps) },
    { name: "approvers", critical: false, everyMs: dear, run: deps.slack.approvers },
    ...(approversHigh
      ? [{ name: "approvers_high", critical: false, everyMs: dear, run: approversHigh }]
      : []),
    ...(operators ? [{ name: "operators", critical: false, everyMs: dear, run: operators }] : []),
    ...(escalation ? [{ name: "escalation", critical: false, everyMs: dear, run: escalation }] : []),
    { name: "process", critical: false, everyMs: MINUTE_MS, run: async () => well(deps.process) },
  ];
}

function slackProbes(slack: ProbeDeps["slack"], everyMs: number): Probe[] {
  const part = (name: string, run: Look) => ({ name, group: "slack", critical: false, everyMs, run });
  return [
    part("connection", slack.connection),
    part("clock", slack.clock),
    part("decisions_channel", slack.decisionsChannel),
    ...(slack.alertsChannel === null ? [] : [part("alerts_channel", slack.alertsChannel)]),
  ];
}

/** One request each. */
function notionProbes({ notion, poller }: ProbeDeps, everyMs: number): Probe[] {
  const { databases, check } = notion;
  const isSuspect = () => {
    const { lastFailure, busyMs } = poller.status();
    return lastFailure !== null || (busyMs !== null && busyMs > POLL_TAKES_MS);
  };
  return databases.map((name) => ({
    ...{ name: name.toLowerCase(), group: "notion", critical: false, everyMs, isSuspect },
    run: async () => {
      const { status, detail } = await check(name);
      return status === "unknown" ? null : { status, detail };
    },
  }));
}

function well(detail: string): Finding {
  return { status: "ok", detail };
}
