/** What people are told after they did something about an alert. Inert mrkdwn. */
import type { AlertDeed, AlertDeedResult } from "../alert-ports.ts";
import { inertLine, moment } from "../limits.ts";

/** null when the message in the channel says it all. */
export function deedSentence(
  result: AlertDeedResult,
  deed: AlertDeed,
  { isList }: { isList: boolean },
): string | null {
  switch (result.kind) {
    case "done":
      return doneSentence(result, deed, isList);
    case "already":
      return alreadySentence(result.state);
    case "still-seen":
      return (
        `This is still there: it was last seen by ${inertLine(result.source, 80)} ${moment(result.lastAt)}. ` +
        "It ends by itself when it is over. Until then, acknowledge or snooze it."
      );
    case "not-found":
      return "I do not know this alert any more, so nothing was changed. `/emm alerts` lists the open ones.";
  }
}

function doneSentence(
  { count, until, left }: Extract<AlertDeedResult, { kind: "done" }>,
  deed: AlertDeed,
  isList: boolean,
): string | null {
  const rest = left === 0 ? "" : ` ${left} ${leftWords(deed, left)}`;
  if (rest === "" && !isList) return null;
  const what = count === 1 ? "One alert" : `${count} alerts`;
  if (deed.kind === "resolve") return `${what} resolved.${rest}`;
  const again = until === null ? "" : `, until ${moment(until)}`;
  return `${what} ${deed.kind === "snooze" ? "snoozed" : "acknowledged"}${again}.${rest}`;
}

function leftWords({ kind }: AlertDeed, left: number): string {
  if (kind !== "resolve") return "had changed meanwhile.";
  return left === 1 ? "is still seen and ends by itself." : "are still seen and end by themselves.";
}

type State = Extract<AlertDeedResult, { kind: "already" }>["state"];

function alreadySentence(state: State): string {
  switch (state.kind) {
    case "acknowledged":
      return `Already acknowledged by ${inertLine(state.by.name, 80)}, ${moment(state.at)}. Your click changed nothing.`;
    case "resolved":
      return `This is over since ${moment(state.at)}. Your click changed nothing.`;
    case "snoozed":
      return `Snoozed by ${inertLine(state.by.name, 80)} until ${moment(state.until)}. Your click changed nothing.`;
    case "firing":
      return "That changed nothing. Please look at the message again.";
  }
}

export const SNOOZE_TIME_MISSING = "Please choose when it should ask again.";
export const SNOOZE_TIME_PAST = "That time is over. Please choose one that is still to come.";
export const SNOOZE_TOO_LONG = "That is more than 30 days away. Please choose a nearer time.";
