/** What `/emm deputy` answers, privately, and what deputies are told. Inert mrkdwn; every refusal names the fix. */
import { MINUTE_MS } from "../../domain/calendar.ts";
import { DAYS_AT_MOST, type DeputyProblem, type Deputyship } from "../../domain/deputy.ts";
import { COMMAND } from "../ids.ts";
import { inertLine, mention, moment } from "../limits.ts";

const NAME = `${COMMAND} deputy`;
const NOTHING = "Nothing was changed.";
const SHOWN = 20;

export const DEPUTY_USAGE = `• \`${NAME} @somebody until 2026-12-31\`: they may decide what you may decide, to the end of that day\n• \`${NAME} off\`: ends it now\n• \`${NAME}\`: who stands in for whom`;

const PROBLEMS: Record<DeputyProblem, string> = {
  "no-day": "Until when? I need the last day as year-month-day, such as `until 2026-12-31`.",
  "several-days": "I need one day, the last one, such as `until 2026-12-31`.",
  "no-such-day": "There is no such day in the calendar.",
  past: "That day is over.",
  "too-far": `A deputy is named for at most ${DAYS_AT_MOST} days; name them again when it is over.`,
};

/** Both at once where the person is missing too. */
export function deputyProblem(problem: DeputyProblem, hasPerson: boolean): string {
  return refused(hasPerson ? PROBLEMS[problem] : `${ONE_PERSON} ${PROBLEMS[problem]}`);
}

const ONE_PERSON = "I need one person: type @ and choose a name from Slack's list.";
export const NO_SUCH_DEPUTY = refused(ONE_PERSON);
export const OWN_DEPUTY = refused("You cannot be your own deputy.");
/** Without the usage, which is of no use to them. */
export const NO_CHAINS = `You decide as somebody's deputy, and a deputy cannot name another: whoever named you can. ${NOTHING}`;

/** `reason`: why this person is no full member, as a sentence of the lookup. */
export function unfitDeputy(slackId: string, isUnsure: boolean): string {
  return refused(
    isUnsure
      ? `I could not check who ${mention(slackId)} is. Please try again in a minute.`
      : `${mention(slackId)} cannot be a deputy: only full members of this workspace can, not guests, apps or people of other workspaces.`,
  );
}

function refused(sentence: string): string {
  return `${sentence} ${NOTHING}\n${DEPUTY_USAGE}`;
}

interface NamedAnswer {
  deputyship: Deputyship;
  ended: Deputyship | null;
  /** The deputy may decide anyway. */
  isApprover: boolean;
}

export function deputyNamed({ deputyship, ended, isApprover }: NamedAnswer): string {
  const { deputy, principal } = deputyship;
  const who = mention(deputy.slackId);
  const before =
    ended === null || ended.deputy.slackId === deputy.slackId
      ? ""
      : ` ${mention(ended.deputy.slackId)} no longer is.`;
  return [
    `${who} is your deputy ${untilWords(deputyship)}, and is told so.${before}`,
    `What they decide with your right is recorded as “${inertLine(deputy.name, 80)} for ${inertLine(principal.name, 80)}”; the two of you count as one. \`${NAME} off\` ends it.`,
    ...(isApprover
      ? [`${who} may decide most things anyway; what they may decide themselves stays their own.`]
      : []),
  ].join("\n");
}

export function deputyOff(ended: Deputyship | null): string {
  return ended === null
    ? "You have no deputy, so there is nothing to end."
    : `${mention(ended.deputy.slackId)} is no longer your deputy, and is told so.`;
}

export function deputiesText(inForce: readonly Deputyship[], userId: string): string {
  if (inForce.length === 0) return `Nobody stands in for anybody.\n${DEPUTY_USAGE}`;
  const shown = inForce.slice(0, SHOWN).map((one) => `• ${deputyLine(one, userId)}`);
  const more = inForce.length - shown.length;
  return [
    "*Who may decide for whom*",
    ...shown,
    ...(more > 0 ? [`… and ${more} more`] : []),
    "*What you can do*",
    DEPUTY_USAGE,
  ].join("\n");
}

function deputyLine(deputyship: Deputyship, userId: string): string {
  const you = (slackId: string) => (slackId === userId ? "you" : mention(slackId));
  const { deputy, principal } = deputyship;
  return `${you(deputy.slackId)} for ${you(principal.slackId)}, ${untilWords(deputyship)}`;
}

/** With its last minute in the reader's time zone, because the day is one in the bot's. */
function untilWords({ lastDay, endsAt }: Deputyship): string {
  const last = new Date(Date.parse(endsAt) - MINUTE_MS).toISOString();
  return `until the end of ${inertLine(lastDay, 20)} (${moment(last)})`;
}

/** To the deputy. */
export function namedText(deputyship: Deputyship): string {
  const { deputy, principal } = deputyship;
  return [
    `${mention(principal.slackId)} made you their deputy ${untilWords(deputyship)}: you may decide what they may decide.`,
    `It is recorded as “${inertLine(deputy.name, 80)} for ${inertLine(principal.name, 80)}”. \`${COMMAND} pending\` lists what is open.`,
  ].join("\n");
}

export function endedText({ principal }: Deputyship): string {
  return `You are no longer the deputy of ${mention(principal.slackId)}: clicks on decisions count only if you may decide yourself.`;
}
