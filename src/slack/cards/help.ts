/** What `/emm` can do. Lists only what works. */
import { distance } from "fastest-levenshtein";
import { COMMAND } from "../ids.ts";
import { inertLine } from "../limits.ts";

export const SUBCOMMANDS = ["help", "add", "health", "poll", "pending"] as const;
export type Subcommand = (typeof SUBCOMMANDS)[number];

export function helpText(): string {
  return [
    "*What I can do*",
    `• \`${COMMAND} add <question or note>\`: put something in the inbox; I sort it and, for a decision, ask the advisers`,
    `• \`${COMMAND} pending\`: open decisions, oldest first`,
    `• \`${COMMAND} health\`: how I am, and what to fix`,
    `• \`${COMMAND} poll\`: look into the inbox now (operators)`,
    `• \`${COMMAND} help\`: this list`,
    "Decisions come as cards: Approve, Edit or Reject. Slack has no commands inside threads; use the channel.",
  ].join("\n");
}

export function unknownText(typed: string): string {
  const nearest = nearestSubcommand(typed);
  const hint = nearest === null ? "" : ` Did you mean \`${COMMAND} ${nearest}\`?`;
  return `I do not know \`${COMMAND} ${inertLine(typed, 40).replace(/`/g, "'")}\`.${hint}\n\n${helpText()}`;
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
