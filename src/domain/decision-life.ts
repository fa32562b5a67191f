/**
 * The whole life of a decision, from the audit table and from what the decision itself says. Earlier versions, which were
 * replaced, belong to it: what people tried on them is part of the story.
 */
import { type DecisionRecord, type Outcome, writtenName } from "./decision.ts";
import { withoutEarlierTasks } from "./reopening.ts";

/** As the audit table keeps it. */
export interface AuditEvent {
  /** ISO 8601, UTC. */
  at: string;
  /** Slack id, Notion id or name. */
  actor: string;
  /** e.g. "decision.approve" */
  action: string;
  outcome: string;
  detail: string;
}

/** What the decision tells of itself. */
interface OwnEvent extends AuditEvent {
  /** Of the project that came of it. */
  projectUrl?: string;
}

export interface LifeEvent extends OwnEvent {
  /** Of the version it is about. */
  decisionId: string;
}

export interface DecisionLife {
  /** As it stands. */
  decision: DecisionRecord;
  /** Oldest first. */
  events: LifeEvent[];
}

/** As the audit names the bot itself. */
export const BOT = "Executive Mind Matrix";

/** `versions`: oldest first, at least one; `audit`: what was written about each. */
export function lifeOf(
  versions: readonly [DecisionRecord, ...DecisionRecord[]],
  audit: ReadonlyMap<string, readonly AuditEvent[]>,
): DecisionLife {
  const events = versions.flatMap((version) => {
    const noted = audit.get(version.id) ?? [];
    return [...ownEvents(version, noted), ...noted].map((event) => ({ ...event, decisionId: version.id }));
  });
  // The order within the same moment is the one they were put in: sorting is stable.
  const sorted = events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return { decision: versions.at(-1) ?? versions[0], events: sorted };
}

/** What the decision knows of itself. */
function ownEvents(decision: DecisionRecord, noted: readonly AuditEvent[]): OwnEvent[] {
  const { state, createdAt, title, card } = decision;
  const done = { outcome: "done" };
  const events: OwnEvent[] = [
    { ...done, at: createdAt, actor: BOT, action: "decision.created", detail: title },
  ];
  const postedAt = card === null ? null : slackTime(card.ts);
  if (postedAt !== null) {
    const detail = card?.channel ?? "";
    events.push({ ...done, at: postedAt, actor: BOT, action: "decision.posted", detail });
  }
  if ("outcome" in state) {
    const { outcome } = state;
    const action = `decision.${outcome.verdict}`;
    const isNoted = noted.some((event) => event.action === action && event.outcome === "done");
    const actor = outcome.by.slackId ?? outcome.by.name;
    const detail = `via ${outcome.via}${approvalWords(outcome)}`;
    if (!isNoted) events.push({ ...done, at: outcome.at, actor, action, detail });
    if (outcome.reason !== null && outcome.verdict !== "expired")
      events.push({
        ...{ ...done, at: outcome.at, actor: whoseReason(decision, outcome) },
        ...{ action: "decision.reason", detail: outcome.reason },
      });
  }
  if (state.kind === "recorded") {
    events.push({
      ...done,
      ...{ at: state.recordedAt, actor: BOT, action: "decision.recorded" },
      detail: recordedWords(decision, state),
      ...(state.projectUrl === null ? {} : { projectUrl: state.projectUrl }),
    });
  }
  return events;
}

/** Of the last one, whose others the audit would not name; empty where one was enough. */
export function approvalWords({ approvals = [] }: Pick<Outcome, "approvals">): string {
  const count = approvals.length;
  const names = approvals.map(({ by }) => writtenName(by)).join(" and ");
  return count > 1 ? `, ${count} of ${count} approvals: ${names}` : "";
}

/** The reason for a changed plan is that of whoever changed it, although others approved it last. */
function whoseReason({ draft }: DecisionRecord, { by, reason }: Outcome): string {
  const author = draft !== null && draft.reason === reason ? draft.by : by;
  return author.slackId ?? author.name;
}

function recordedWords(
  decision: DecisionRecord,
  { outcome, taskCount, projectUrl }: { outcome: Outcome; taskCount: number; projectUrl: string | null },
): string {
  if (outcome.final === null) return "in Notion; nothing is carried out";
  const { recommendedOption, options, tasks } = withoutEarlierTasks(outcome.final, decision);
  const option = options.find(({ id }) => id === recommendedOption)?.title ?? "";
  const what = `in Notion; option ${recommendedOption}${option === "" ? "" : `, ${option}`}`;
  const project = projectUrl === null ? "" : " in a project";
  const count = taskCount === 1 ? "1 task" : `${taskCount} tasks`;
  const none = decision.reopening === null ? "no tasks" : "no further tasks";
  return taskCount === 0 ? `${what}; ${none}` : `${what}; ${count}${project}: ${tasks.join("; ")}`;
}

/** Slack's ids of messages are moments. */
function slackTime(ts: string): string | null {
  const ms = Number(ts) * 1_000;
  return Number.isFinite(ms) && ms > 0 ? new Date(Math.floor(ms)).toISOString() : null;
}

/** One JSON object a line: first what is decided on, then what happened, oldest first. */
export function lifeFile({ decision, events }: DecisionLife): string {
  const { id, title, pipeUrl, intentUrl, cardUrl, requestedBy, createdAt, expiresAt, state } = decision;
  const head = { id, title, pipeUrl, intentUrl, cardUrl, requestedBy, createdAt, expiresAt };
  const lines = [
    { kind: "decision", ...head, state: state.kind },
    ...events.map((event) => ({ kind: "event", ...event })),
  ];
  return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
}

export function lifeFileName({ decision }: DecisionLife): string {
  return `decision-${decision.id
    .replaceAll("-", "")
    .slice(0, 8)
    .replace(/[^0-9a-z]/gi, "")}-audit.jsonl`;
}
