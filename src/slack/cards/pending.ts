/** Open decisions as a list, oldest first. */
import type { DecisionRecord } from "../../domain/decision.ts";
import { lateness } from "../../domain/reminders.ts";
import { inertLine, link, moment, oneLine } from "../limits.ts";

const SHOWN = 12;

export function pendingText(decisions: DecisionRecord[], now: Date): string {
  if (decisions.length === 0) return "No decision is open. `/emm add` puts a question in the inbox.";
  const lines = decisions.slice(0, SHOWN).map((decision) => pendingLine(decision, now));
  const more = decisions.length - lines.length;
  return [
    decisions.length === 1 ? "*1 open decision*" : `*${decisions.length} open decisions, oldest first*`,
    ...lines,
    ...(more > 0 ? [`… and ${more} more; they move up as these are decided`] : []),
  ].join("\n");
}

function pendingLine(decision: DecisionRecord, now: Date): string {
  const title = inertLine(oneLine(decision.title) || "Decision", 120);
  const posted = decision.cardUrl === null ? " (card not posted yet; this is the plan in Notion)" : "";
  const late = lateness(decision, now) === null ? "" : "⏰ Overdue: ";
  return `• ${late}${link(decision.cardUrl ?? decision.pipeUrl, title)}${reopenedMark(decision)}, ${waitingWords(decision, now)}${posted}`;
}

/** In lists: that this was decided once before. */
export function reopenedMark({ reopening }: Pick<DecisionRecord, "reopening">): string {
  return reopening === null ? "" : " (reopened)";
}

/** "open for 3 days, until …". */
export function waitingWords({ createdAt, expiresAt }: DecisionRecord, now: Date): string {
  const until = expiresAt === null ? "without a deadline" : `until ${moment(expiresAt)}`;
  return `open for ${age(createdAt, now)}, ${until}`;
}

/** "3 days", "5 hours", "2 minutes". */
export function age(since: string, now: Date): string {
  const minutes = Math.floor((now.getTime() - Date.parse(since)) / 60_000);
  if (Number.isNaN(minutes)) return "an unknown time";
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return count(minutes, "minute");
  if (minutes < 48 * 60) return count(Math.floor(minutes / 60), "hour");
  return count(Math.floor(minutes / (24 * 60)), "day");
}

function count(n: number, word: string): string {
  return n === 1 ? `1 ${word}` : `${n} ${word}s`;
}
