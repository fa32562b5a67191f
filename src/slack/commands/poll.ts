/** `/emm poll`: looks into the inbox now and tells what came of it; pause, resume and status. For operators. */

import type { RunOutcome } from "../../domain/poll-run.ts";
import { tally } from "../../domain/poll-run.ts";
import { type Failure, isAppError, toFailure } from "../../errors.ts";
import {
  alreadyPaused,
  LOOKING,
  notWhilePaused,
  nowPaused,
  POLL_USAGE,
  pollFailed,
  pollProgress,
  pollResult,
  pollStandingText,
  stillHeld,
} from "../cards/poll.ts";
import type { Gate } from "../gate.ts";
import { clip, inertLine, oneLine } from "../limits.ts";
import type { PollDesk } from "../poll-ports.ts";
import type { AuditEntry, AuditTrail } from "../ports.ts";
import type { CommandHandler, CommandRequest } from "./emm.ts";

const REASON_LENGTH = 300;
/** Slack shows three changes of an answer: one of them is kept until there is something to tell. */
const QUIET_MS = 4_000;

export interface PollDeps {
  polls: PollDesk;
  gate: Gate;
  audit: AuditTrail;
  decisionsChannel: string;
  now: () => Date;
}

type Order = "now" | "pause" | "resume" | "status";

export function poll(deps: PollDeps): CommandHandler {
  return async (request) => {
    const [word = ""] = request.text.split(/\s/, 1);
    const order = toOrder(word);
    if (order === null) {
      return `I do not know \`/emm poll ${inertLine(word, 40).replace(/`/g, "'")}\`.\n${POLL_USAGE}`;
    }
    const { userId, teamId } = request;
    const attempt = { role: "operate", userId, teamId, action: `poll.${order}`, subject: "inbox" } as const;
    const permission = await deps.gate.pass(attempt);
    if (!permission.ok) return permission.reason;
    const record = (outcome: AuditEntry["outcome"], detail: string) =>
      deps.audit.record({ actor: userId, action: `poll.${order}`, subject: "inbox", outcome, detail });
    switch (order) {
      case "status":
        return pollStandingText(await deps.polls.standing(), deps.now());
      case "pause": {
        const reason = clip(oneLine(request.text.slice(word.length)).trim(), REASON_LENGTH);
        return pause({ ...deps, record, by: permission.person.name, reason });
      }
      case "resume":
        return resume({ ...deps, record, request });
      case "now":
        return pollNow({ ...deps, record, request });
    }
  };
}

function toOrder(word: string): Order | null {
  if (word === "" || word.toLowerCase() === "now") return "now";
  return (["pause", "resume", "status"] as const).find((name) => name === word.toLowerCase()) ?? null;
}

type Recorder = (outcome: AuditEntry["outcome"], detail: string) => Promise<void>;

interface Pausing extends PollDeps {
  record: Recorder;
  by: string;
  reason: string;
}

async function pause({ polls, record, by, reason }: Pausing): Promise<string> {
  const result = await polls.pause(by, reason);
  if (result.kind === "already") return alreadyPaused(result.pause);
  await record("done", reason === "" ? "no reason given" : reason);
  return nowPaused(result.pause);
}

interface Polling extends PollDeps {
  record: Recorder;
  request: Pick<CommandRequest, "progress">;
}

async function resume(polling: Polling): Promise<string> {
  const result = await polling.polls.resume();
  if (result.kind === "not-paused") return "Polling is not paused; nothing has changed.";
  if (result.was !== null) await polling.record("done", `paused since ${result.was.since}`);
  if (result.kind === "held") return stillHeld(result.was !== null, result.by);
  return `*Polling goes on.*\n${await pollNow(polling)}`;
}

async function pollNow(polling: Polling): Promise<string> {
  const { polls, record, decisionsChannel, request } = polling;
  void request.progress(LOOKING);
  const outcome = await polls.now().catch(failureOf);
  if (outcome.kind === "failed") {
    await record("failed", outcome.failure.code);
    return pollFailed(outcome.failure);
  }
  if (outcome.kind === "paused") {
    await record("refused", "polling is paused");
    return notWhilePaused(outcome.pause);
  }
  const { report } = outcome;
  const outcomes = await followed(polling, report);
  const { done, failed, atWork } = tally(outcomes);
  await record(
    "done",
    `found ${report.found}, started ${report.started}, done ${done}, failed ${failed}, still at work ${atWork}`,
  );
  return pollResult({ report, outcomes, decisionsChannel });
}

/** A vendor that fails is an answer; a bug is not. */
function failureOf(error: unknown): { kind: "failed"; failure: Failure } {
  if (!isAppError(error)) throw error;
  return { kind: "failed", failure: toFailure(error) };
}

type Report = Parameters<typeof pollProgress>[0];

async function followed({ polls, request }: Polling, report: Report): Promise<RunOutcome[]> {
  if (report.runs.length === 0) return [];
  const begun = performance.now();
  const atFirst = report.runs.map((run) => ({ ...run, state: "at-work" as const, reason: null }));
  void request.progress(pollProgress(report, atFirst));
  return polls.follow(report.runs, (outcomes) => {
    if (performance.now() - begun > QUIET_MS) void request.progress(pollProgress(report, outcomes));
  });
}
