/** The life of a decision in words, and how to name the one that is meant. Inert mrkdwn. */
import type { DecisionRecord, Outcome } from "../../domain/decision.ts";
import { BOT, type DecisionLife, type LifeEvent } from "../../domain/decision-life.ts";
import type { Failure } from "../../errors.ts";
import type { FoundDecision } from "../audit-ports.ts";
import { COMMAND } from "../ids.ts";
import { day, inertLine, link, mention, moment, oneLine, sentence } from "../limits.ts";
import { decidersOf, verdictWord } from "./decision-parts.ts";
import { whyFailed } from "./export.ts";
import { callOut } from "./people.ts";

/** An answer holds some 9,000 characters. */
const SHOWN = 20;
const DETAIL_MAX = 140;

export const AUDIT_USAGE = [
  `\`${COMMAND} audit <decision>\` tells everything that happened to a decision; add \`file\` to get it as a file.`,
  "Name it by a link to its card or its page in Notion, by its id, or by words of its title.",
].join("\n");

export const AUDIT_FILE_STARTED = "The file comes to you as a direct message, which nobody else sees.";

export function auditText(life: DecisionLife): string {
  const { decision, events } = life;
  const shown = merged(events);
  const lines = shown.slice(-SHOWN);
  const hidden = events.length - lines.reduce((sum, { times }) => sum + times, 0);
  const name = shortId(decision.id);
  return [
    `*${titleOf(decision.cardUrl ?? decision.pipeUrl, decision.title)}*`,
    `${standingWords(life)} Id \`${inertLine(decision.id, 60).replaceAll("`", "'")}\``,
    ...(hidden > 0 ? [`… and ${hidden} more before these; \`${COMMAND} audit ${name} file\` has all`] : []),
    ...lines.map((event) => eventLine(event, decision)),
  ].join("\n");
}

function titleOf(url: string | null, title: string): string {
  return link(url, inertLine(oneLine(title) || "Decision", 200).replace(/\*/g, "∗"));
}

function standingWords({ decision }: DecisionLife): string {
  const { state, expiresAt } = decision;
  switch (state.kind) {
    case "pending":
      return expiresAt === null ? "Open, without an end." : `Open until ${moment(expiresAt)}.`;
    case "undoable":
      return `${decidedWords(state.outcome)}; can be taken back until ${moment(state.until)}.`;
    case "recording":
      return `${decidedWords(state.outcome)}; not all of it is in Notion yet.`;
    case "recorded":
      return `${decidedWords(state.outcome)}, ${moment(state.outcome.at)}.`;
    case "superseded":
      return `Closed: ${sentence(inertLine(state.reason, 200))}`;
  }
}

function decidedWords(outcome: Outcome): string {
  const by = outcome.verdict === "expired" ? "" : ` by ${decidersOf(outcome)}`;
  return `${verdictWord(outcome.verdict)}${by}`;
}

interface Repeated extends LifeEvent {
  times: number;
}

/** A hundred clicks of one person that changed nothing are one line. */
function merged(events: readonly LifeEvent[]): Repeated[] {
  const result: Repeated[] = [];
  for (const event of events) {
    const last = result.at(-1);
    const isSame =
      last !== undefined &&
      (["actor", "action", "outcome", "detail", "decisionId"] as const).every(
        (key) => last[key] === event[key],
      );
    if (isSame) last.times += 1;
    else result.push({ ...event, times: 1 });
  }
  return result;
}

function eventLine(event: Repeated, { id, requestedBy }: DecisionRecord): string {
  const { at, actor, action, outcome, detail, decisionId, times, projectUrl } = event;
  const who = actor === BOT ? "" : `, ${doer(actor)}`;
  const asked = action === "decision.created" && requestedBy !== null;
  const askedBy = asked ? `, asked by ${mention(requestedBy)}` : "";
  const project = projectUrl === undefined ? "" : ` (${link(projectUrl, "the project")})`;
  const refused = outcome === "done" ? "" : ` *${inertLine(outcome, 20)}*`;
  const words = detailWords(action, detail);
  const said = words === "" ? "" : `: ${words}`;
  const again = times > 1 ? ` (${times} times)` : "";
  const version = decisionId === id ? "" : " (earlier version)";
  return `• ${moment(at)}${who}: ${deed(action)}${askedBy}${refused}${said}${project}${again}${version}`;
}

/** Changes in Notion are known by the id that their author has there, which tells nobody anything. */
function doer(actor: string): string {
  return /^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(actor)
    ? "somebody in Notion"
    : mention(actor);
}

function detailWords(action: string, detail: string): string {
  if (action === "decision.escalated") return `${callOut(detail.split(", "))} may decide too`;
  if (action === "decision.posted" && /^[CGD][A-Z0-9]+$/.test(detail)) return `<#${detail}>`;
  const [, place = detail, more = ""] = /^(via \w+)(, .*)$/s.exec(detail) ?? [];
  const words = `${DETAILS[place] ?? place}${more.replace(PRINCIPAL_ID, "$1")}`;
  return inertLine(words, DETAIL_MAX, "whole text in the file");
}

/** Beside the name, where a deputy acted. */
const PRINCIPAL_ID = /^(, for .*) \([UW][A-Z0-9]+\)/s;

const DEEDS: Record<string, string> = {
  "decision.created": "put up for decision",
  "decision.posted": "card posted",
  "decision.reminded": "reminder",
  "decision.escalated": "escalated",
  "decision.reason": "reason",
  "decision.recorded": "recorded",
  "decision.superseded": "replaced, because the content changed in Notion",
  "decision.voided": "made the decision void, because the content changed in Notion",
  "decision.notion": "decided in Notion",
  "decision.question": "question",
  "decision.answer": "answer",
  "decision.dialectic": "asked all three advisers",
  "decision.renewed": "replaced by a new analysis",
  "decision.vote": "approved, and others have to as well",
  "decision.vote-void": "no longer counts",
  "decision.undo": "Undo",
  "decision.undone": "took back",
  "decision.withdraw": "Withdraw request",
  "decision.withdrawn": "withdrew the request",
  "decision.approve": "Approve",
  "decision.edit": "Edit",
  "decision.reject": "Reject",
  "decision.break-glass": "broke the glass for their own request",
  "decision.batch": "Decide several at once",
  "decision.approved": "approved",
  "decision.edited": "approved with changes",
  "decision.rejected": "rejected",
  "decision.expired": "expired",
  "decision.reopen": "Reopen",
  "decision.reopened": "reopened",
  "decision.review": "an answer to the review",
  "decision.review-asked": "asked whether it was right",
  "decision.review-unasked": "nobody could be asked whether it was right: its channel is closed to me",
  "decision.reviewed": "said whether it was right",
  "decision.review-unanswered": "the review ended without an answer",
  "decision.review-dropped": "the review ended, because the decision was reopened",
  "audit.read": "read this history",
  "audit.file": "took this history as a file",
};

function deed(action: string): string {
  return DEEDS[action] ?? inertLine(action.replace(/^decision\./, "").replaceAll(/[._-]/g, " "), 40);
}

/** Where the audit keeps only a word: why somebody was sent away, and where it was decided. */
const DETAILS: Record<string, string> = {
  "not-listed": "not an approver",
  "nobody-set": "SLACK_APPROVERS is empty",
  "unknown-person": "no such person in Slack",
  bot: "an app",
  deleted: "deactivated account",
  "not-linked": "a Notion account without a Slack user",
  "other-team": "another workspace",
  guest: "a guest",
  "lookup-failed": "the right could not be checked",
  "group-unusable": "the user group could not be read",
  "already-decided": "it was decided already",
  "already-approved": "their approval counts already",
  "votes-unchecked": "an earlier approval could not be checked",
  "high-impact": "too high an impact to be decided with others",
  "not-yours": "somebody else decided",
  "not-requester": "somebody else asked for it",
  "nothing-to-undo": "there was nothing of theirs to take back",
  "too-late-to-undo": "it was being carried out",
  "already-reopened": "it was reopened already",
  "already-answered": "it was answered already",
  "too-late": "its time was over",
  stale: "the plan had changed",
  "self-approval-forbidden": "their own request, or that of whom they stand in for",
  "via slack": "in Slack",
  "via notion": "in Notion",
  "via timer": "nobody decided in time",
};

export function severalText(found: readonly FoundDecision[]): string {
  return ["Which one? Name it by its id.", ...found.map(foundLine)].join("\n");
}

export function noneText(typed: string, latest: readonly FoundDecision[]): string {
  const lines = latest.slice(0, 5).map(foundLine);
  const nearest = lines.length === 0 ? ["There has been no decision yet."] : ["The latest ones:", ...lines];
  return [
    `I know no decision by "${inertLine(typed, 100)}".`,
    ...nearest,
    "A link to its card or to its page in Notion, its id, or words of its title find any other.",
  ].join("\n");
}

function foundLine({ id, title, createdAt }: FoundDecision): string {
  return `• \`${shortId(id)}\` ${inertLine(oneLine(title) || "Decision", 120)}, ${day(createdAt)}`;
}

export function auditFileComment(title: string): string {
  return [
    `Everything that happened to the decision on ${inertLine(oneLine(title) || "a question", 200)}, one JSON object a line.`,
    "The file holds who did what and why: keep it as carefully as the Notion workspace.",
  ].join("\n");
}

export function auditFileUnconfirmed(): string {
  return `Slack did not tell me whether it posted the file. If there is none above, type \`${COMMAND} audit\` again.`;
}

export function auditFileFailed(failure: Failure): string {
  return `The file of \`${COMMAND} audit\` did not work: ${whyFailed(failure, "audit")}`;
}

/** As code, which cannot be ended by what is in it. */
function shortId(id: string): string {
  return inertLine(id, 60).replaceAll("`", "'");
}
