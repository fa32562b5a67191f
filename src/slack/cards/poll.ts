/** Polls in words. Page links are Notion's own form, which needs nothing but the id. */
import type { Backlog } from "../../domain/backlog.ts";
import { type BacklogFinding, judgeBacklog } from "../../domain/backlog.ts";
import { durationWords } from "../../domain/duration.ts";
import type { PollReport } from "../../domain/health.ts";
import type { PauseState } from "../../domain/pause.ts";
import { type RunOutcome, tally } from "../../domain/poll-run.ts";
import type { Failure } from "../../errors.ts";
import { COMMAND } from "../ids.ts";
import { inertLine, link, moment, sentence } from "../limits.ts";
import type { PollStanding } from "../poll-ports.ts";
import { causeOf } from "./export.ts";

const SHOWN_FAILURES = 10;

export const LOOKING = "Looking into the inbox…";
export const POLL_USAGE = [
  `\`${COMMAND} poll\`: look into the inbox now`,
  `\`${COMMAND} poll pause [reason]\`: no polls until somebody resumes them; clicks and decisions go on`,
  `\`${COMMAND} poll resume\`: go on, and look at once`,
  `\`${COMMAND} poll status\`: how polling stands`,
].join("\n");

export function pollProgress(report: PollReport, outcomes: RunOutcome[]): string {
  const { total, atWork } = tally(outcomes);
  return `${report.found} found, ${total - atWork} of ${total} done…`;
}

export interface PollEnd {
  report: PollReport;
  outcomes: RunOutcome[];
  decisionsChannel: string;
}

export function pollResult({ report, outcomes, decisionsChannel }: PollEnd): string {
  const swept = report.swept > 0 ? [`${report.swept} taken over from changes made in Notion.`] : [];
  if (report.found === 0) return swept.length > 0 ? swept.join("\n") : "Nothing waits in the inbox.";
  const counts = tally(outcomes);
  const parts = [
    `${report.found} found`,
    `${counts.done} analysed`,
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.waiting > 0 ? [`${counts.waiting} put back`] : []),
    ...(counts.atWork > 0 ? [`${counts.atWork} still at work`] : []),
  ];
  const bad = outcomes.filter(({ state }) => state !== "done" && state !== "at-work");
  const hidden = bad.length - SHOWN_FAILURES;
  return [
    `*${parts.join(", ")}.*`,
    ...bad.slice(0, SHOWN_FAILURES).map(failureLine),
    ...(hidden > 0 ? [`… and ${hidden} more like these`] : []),
    ...report.waiting.slice(0, SHOWN_FAILURES).map(({ count, reason }) => {
      return `• ${count} not started: ${inertLine(reason, 200)}`;
    }),
    ...swept,
    ...(counts.atWork > 0 ? [stillAtWork(decisionsChannel)] : []),
  ].join("\n");
}

function stillAtWork(decisionsChannel: string): string {
  return (
    `What is at work goes on without me watching: cards come to <#${decisionsChannel}>, tasks and notes go to ` +
    `Notion. \`${COMMAND} poll status\` tells how many are left.`
  );
}

const NEXT: Record<Exclude<RunOutcome["state"], "done" | "at-work">, string> = {
  failed: "I try again at a later poll.",
  "given-up": "I have given up; Retry is on its card in the alerts channel.",
  waiting: "Put back; not counted as a failure.",
};

function failureLine({ pageId, state, reason }: RunOutcome): string {
  const page = link(`https://app.notion.com/p/${pageId.replaceAll("-", "")}`, "An item");
  const why = sentence(inertLine(reason ?? "no reason is known", 300));
  const next = state === "done" || state === "at-work" ? "" : ` ${NEXT[state]}`;
  return `• ${page}: ${why}${next}`;
}

export function pollFailed(failure: Failure): string {
  const { code, message, retryable } = failure;
  if (code === "notion_unavailable" || code === "notion_outcome_unknown") {
    // Only shown: which answer it was says little, but helps those who look it up.
    const [, status] = /: (5\d\d) /.exec(message) ?? [];
    return `*The poll failed: Notion does not answer${status === undefined ? "" : ` (${status})`}.* ${NEXT_POLL}`;
  }
  const next = retryable ? NEXT_POLL : `\`${COMMAND} health\` tells what works and what to fix.`;
  return `*The poll failed.* ${causeOf(failure)}\n${next}`;
}

const NEXT_POLL = "Nothing is lost; I try again at the next poll.";

/** "Polling is paused by Sam Okafor since … : reason". */
export function pausedLine({ by, since, reason, until }: PauseState): string {
  const end = until === null ? "" : ` until ${moment(until)}`;
  const why = reason === "" ? "" : `: ${inertLine(reason, 300)}`;
  return sentence(`Polling is paused by ${inertLine(by, 80)} since ${moment(since)}${end}${why}`);
}

const STILL_WORKS =
  "Cards can be decided, what was begun goes on, and `/emm add` keeps what it is given; nothing new is looked at, in the " +
  "inbox or in Notion's Action Pipes.";

export function nowPaused(pause: PauseState): string {
  return `*${pausedLine(pause)}*\n${STILL_WORKS}\n\`${COMMAND} poll resume\` ends it.`;
}

export function alreadyPaused(pause: PauseState): string {
  return `${pausedLine(pause)} It stays so; nothing has changed.\n\`${COMMAND} poll resume\` ends it.`;
}

export function notWhilePaused(pause: PauseState): string {
  const fix = pause.until === null ? `\`${COMMAND} poll resume\` ends it, and looks at once.` : "";
  return `I did not look. ${pausedLine(pause)} ${fix}`.trim();
}

/** Something else than the operators' pause holds polls back, e.g. maintenance. */
export function stillHeld(wasPaused: boolean, by: PauseState): string {
  const pause = wasPaused ? "Your pause is over" : "There was no pause of yours to end";
  return `${pause}, but something else holds polls back. ${pausedLine(by)}`;
}

export function pollStandingText(standing: PollStanding, now: Date): string {
  const { intervalSeconds, pause, lastSuccessAt, lastFailure, atWork } = standing;
  const last =
    lastSuccessAt === null
      ? "none since this process started"
      : `${moment(lastSuccessAt)}, as this process saw it`;
  const head = pause ? pausedLine(pause) : `Polling every ${intervalSeconds} s.`;
  return [
    `*${standing.active ? head : "The clock of the poller is stopped."}*`,
    `• Last successful poll: ${last}`,
    ...(lastFailure
      ? [`• Last failure: ${moment(lastFailure.at)}. ${sentence(inertLine(lastFailure.reason, 300))}`]
      : []),
    `• Waiting in the inbox: ${waitingWords(standing, now)}`,
    `• At work now: ${atWork === 1 ? "1 item" : `${atWork} items`}`,
  ].join("\n");
}

function waitingWords({ backlog, intervalSeconds, lastFailure }: PollStanding, now: Date): string {
  const found: BacklogFinding = judgeBacklog(backlog, { now, maxAgeMs: 2 * intervalSeconds * 1000 });
  if (found.kind === "no-data" || lastFailure !== null) return `no data${lastLook(backlog)}`;
  if (found.count === 0 || found.oldestMs === null) return "nothing";
  return `${found.count}, the oldest for ${durationWords(found.oldestMs)}`;
}

function lastLook(backlog: Backlog | null): string {
  return backlog === null ? "" : `; ${backlog.count} at ${moment(backlog.at)}`;
}
