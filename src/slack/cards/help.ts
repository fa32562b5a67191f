/** What `/emm` can do. Lists only what works. */
import { distance } from "fastest-levenshtein";
import { COMMAND, SHORTCUT_NAMES } from "../ids.ts";
import { inertLine } from "../limits.ts";

export const SUBCOMMANDS = [
  "help",
  "add",
  "health",
  "poll",
  "pending",
  "alerts",
  "deputy",
  "dialectic",
  "audit",
  "export",
  "slo",
  "incident",
  "maintenance",
  "digest",
  "budget",
  "stats",
  "doctor",
  "deploys",
  "rollback",
] as const;
export type Subcommand = (typeof SUBCOMMANDS)[number];

export function helpText(): string {
  return [
    "*What I can do*",
    `• \`${COMMAND} add [question or note]\`: put something in the inbox; I sort it and, for a decision, ask the advisers`,
    `• “…” on a message → *${SHORTCUT_NAMES.capture}*, or my name in a thread: the message or the whole thread goes in`,
    `• \`${COMMAND} pending\`: open decisions, oldest first; several at once where the impact is below 8`,
    `• \`${COMMAND} health\`: how I am, and what to fix`,
    `• \`${COMMAND} doctor\`: what is set up wrongly, or was never seen to work, with the fix (operators)`,
    `• \`${COMMAND} alerts\`: problems that are open, worst first`,
    `• \`${COMMAND} poll\`: look into the inbox now; \`pause\`, \`resume\`, \`status\` (operators)`,
    `• \`${COMMAND} deputy [@somebody until <YYYY-MM-DD> | off]\`: lends your right to decide while you are away (approvers)`,
    `• \`${COMMAND} dialectic <link, id, words or a new question>\`: all three advisers, whatever the matter weighs`,
    `• \`${COMMAND} audit <link, id or words> [file]\`: everything that happened to a decision (approvers, operators)`,
    `• \`${COMMAND} export\`: past decisions as training data, a file for you alone (approvers, operators)`,
    `• \`${COMMAND} slo\`: how well I keep my promises: speed, polls, availability`,
    `• \`${COMMAND} incident [open <P1–P4> <title>]\`: a card with owner, timeline and post-mortem (operators)`,
    `• \`${COMMAND} deploys\`: what was deployed, what is live, what can be gone back to`,
    `• \`${COMMAND} rollback\`: what going back would do; \`${COMMAND} rollback to <commit>\` asks for it (operators)`,
    `• \`${COMMAND} digest [daily|weekly]\`: what was decided, what waits, and the numbers, for you alone`,
    `• \`${COMMAND} budget\`: what Claude costs, and what is left`,
    `• \`${COMMAND} stats\`: decisions and advice of the last 7 and 30 days`,
    `• \`${COMMAND} maintenance [30m <reason> | off]\`: hold polls and alerts for a while (operators)`,
    `• \`${COMMAND} help\`: this list`,
    "Decisions come as cards: Approve, Edit, Reject, another option, a question first, Withdraw; then Undo, later Reopen. Slack has no commands inside threads; use the channel.",
  ].join("\n");
}

export function unknownText(typed: string): string {
  const nearest = nearestSubcommand(typed);
  const hint = nearest === null ? "" : ` Did you mean \`${COMMAND} ${nearest}\`?`;
  return `I do not know \`${COMMAND} ${inertLine(typed, 40).replace(/`/g, "'")}\`.${hint} \`${COMMAND} help\` shows everything I can do.`;
}

/** null when nothing is near enough to be a typing error. */
export function nearestSubcommand(typed: string): Subcommand | null {
  const word = typed.toLowerCase().slice(0, 40);
  const ranked = SUBCOMMANDS.map((name) => ({ name, far: distance(word, name) })).sort(
    (a, b) => a.far - b.far,
  );
  const best = ranked[0];
  return best && best.far <= Math.max(1, Math.floor(best.name.length / 2)) ? best.name : null;
}
