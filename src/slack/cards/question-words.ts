/** Private answers to people who ask, answer, and call for the advisers. All inert mrkdwn. */
import type { Person, Question } from "../../domain/decision.ts";
import { answererName } from "../../domain/talk.ts";
import { COMMAND } from "../ids.ts";
import { inertLine, moment, oneLine, sentence } from "../limits.ts";
import { nameOf } from "./decision-parts.ts";

export function askedAgain({ to }: Question): string {
  const who = to === "requester" ? "Whoever asked for this" : inertLine(to.adviser, 80);
  return `${who} is asked again. The answer comes into the thread.`;
}

export function alreadyAnswered({ answer }: Question): string {
  if (answer === null) return NO_QUESTION;
  return `Already answered by ${inertLine(answererName(answer), 80)}, ${moment(answer.at)}. The card shows it.`;
}

export const NO_QUESTION =
  "I do not know this question any more, so nothing was changed. `/emm pending` lists the open decisions.";

export function tooMany(most: number): string {
  return `${most} questions have been asked about this already, and nobody reads more on a card. Please talk about it in the thread.`;
}

/** How the start of the dialectic is told to whoever ordered it. */
export function startedWords(title: string): string {
  return `All three advisers are asked about “${sentence(inertLine(title, 200))}” A new card follows when they have spoken, in a minute or two; until then this one can be decided.`;
}

export function runningWords({ by }: { by: Person }): string {
  return `All three advisers are being asked already, by ${nameOf(by)}. The thread of the card tells when they have spoken.`;
}

export const ALL_HEARD =
  "All three advisers have spoken on this already. To know more, ask one of them under *More info* on the card.";

export const DIALECTIC_USAGE = [
  `\`${COMMAND} dialectic <decision>\` asks all three advisers about an open decision: name it by a link to its card or its page in Notion, by its id, or by words of its title.`,
  `\`${COMMAND} dialectic <question>\` puts a new question in the inbox on which all three are heard.`,
].join("\n");

interface Named {
  id: string;
  title: string;
}

export function whichDecision(found: readonly Named[]): string {
  const lines = found.slice(0, 8).map(({ id, title }) => {
    const name = inertLine(oneLine(title) || "Decision", 120);
    return `• \`${COMMAND} dialectic ${inertLine(id, 60).replaceAll("`", "'")}\`: ${name}`;
  });
  return ["Which one?", ...lines].join("\n");
}

export function noDecision(typed: string): string {
  return [
    `I know no open decision by "${inertLine(typed, 100)}". \`${COMMAND} pending\` lists them.`,
    `For a new question, write it out: \`${COMMAND} dialectic Should we …?\``,
  ].join("\n");
}
