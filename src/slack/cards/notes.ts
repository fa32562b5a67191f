/** Sentences the bot says outside its cards. All inert mrkdwn; every refusal names the fix. */
import type { ActRefusal } from "../../domain/approval.ts";
import {
  type DeadLetter,
  type DecideResult,
  type Outcome,
  type UndoResult,
  whoDecided,
} from "../../domain/decision.ts";
import type { DecisionInShort, Note } from "../../workflows/ports.ts";
import { inert, inertLine, link, mention, moment, sentence } from "../limits.ts";
import { decidersOf, dollars, nameOf } from "./decision-parts.ts";

/** What a right is called, and the settings that grant it. */
export interface Right {
  deed: string;
  holders: string;
  setting: string;
}

export const RIGHTS = {
  decide: { deed: "decide", holders: "Approvers", setting: "SLACK_APPROVERS" },
  operate: { deed: "do this", holders: "Operators", setting: "SLACK_OPERATORS" },
  /** Either of the two will do. */
  review: {
    deed: "do this",
    holders: "Approvers and operators",
    setting: "SLACK_APPROVERS or SLACK_OPERATORS",
  },
} as const satisfies Record<string, Right>;

/** Where only the few may decide. */
export const HIGH_RIGHT: Right = {
  deed: "decide what has an impact of 8 of 10 or more",
  holders: "Those who may",
  setting: "SLACK_APPROVERS_HIGH",
};

interface RefusalContext {
  right: Right;
  /** User and group ids of those who may. */
  allowed: readonly string[];
}

export function refusalSentence(refusal: ActRefusal, { right, allowed }: RefusalContext): string {
  const who = holders(allowed);
  switch (refusal.kind) {
    case "nobody-set":
      return `Nobody can ${right.deed} yet: nobody is named in ${right.setting}. Please ask whoever runs this bot to set it.`;
    case "unknown-person":
      return `I could not find your Slack account, so I cannot let you ${right.deed}. Please ask ${who}.`;
    case "bot":
      return `Only people can ${right.deed}, not apps. Please ask ${who}.`;
    case "deleted":
      return `This Slack account is deactivated, so it cannot ${right.deed}. Please ask ${who}.`;
    case "other-team":
      return `You belong to another Slack workspace. Only people of this one can ${right.deed}. Please ask ${who}.`;
    case "guest":
      return `Guests cannot ${right.deed}. Please ask ${who}.`;
    case "lookup-failed":
      return `I could not check whether you may ${right.deed}, because ${refusal.why}. Nothing was changed. Please try again in a minute.`;
    case "group-unusable":
      return `I could not check whether you may ${right.deed}: ${refusal.why}. Nothing was changed. Whoever runs this bot can list people one by one in ${right.setting}.`;
    case "not-listed":
      return `You may not ${right.deed}. ${right.holders}: ${who}. To be added, ask whoever runs this bot to put you in ${right.setting}.`;
  }
}

/** The same to others, about somebody who decided in Notion: plain text, after a colon. */
export function refusalOf(name: string, refusal: ActRefusal, { deed, setting }: Right): string {
  switch (refusal.kind) {
    case "nobody-set":
      return `nobody is named in ${setting} yet.`;
    case "unknown-person":
      return `I could not find the Slack account of ${name}.`;
    case "bot":
      return `only people can ${deed}, and ${name} is an app.`;
    case "deleted":
      return `the Slack account of ${name} is deactivated.`;
    case "other-team":
      return `${name} belongs to another Slack workspace.`;
    case "guest":
      return `${name} is a guest, and guests cannot ${deed}.`;
    case "lookup-failed":
    case "group-unusable":
      return `I could not check whether ${name} may ${deed}, because ${refusal.why}.`;
    case "not-listed":
      return `${name} may not ${deed}, not being in ${setting}.`;
  }
}

/** Why an approval that somebody gave counts no more: plain text, after the name of whoever gave it. */
export function lostSentence(name: string, refusal: ActRefusal, right: Right): string {
  if (refusal.kind === "not-listed")
    return `${name} may no longer ${right.deed}, not being in ${right.setting}.`;
  const why = refusalOf(name, refusal, right);
  return `${why.slice(0, 1).toUpperCase()}${why.slice(1)}`;
}

function holders(allowed: readonly string[]): string {
  const shown = allowed.slice(0, 8).map((id) => (/^S[A-Z0-9]+$/.test(id) ? `<!subteam^${id}>` : mention(id)));
  if (shown.length === 0) return "whoever runs this bot";
  return allowed.length > shown.length ? `${shown.join(", ")} and others` : shown.join(", ");
}

const DEED: Record<Outcome["verdict"], string> = {
  approved: "approved",
  edited: "approved (with changes)",
  rejected: "rejected",
  expired: "closed as expired",
  withdrawn: "withdrawn",
};

interface ResultContext {
  /** Slack id of the person who is told. */
  userId: string;
  /** Link to the card that replaces a stale one. */
  replacementUrl: string | null;
}

/** null when the click did what it should: the card itself says so. */
export function resultSentence(
  result: DecideResult,
  { userId, replacementUrl }: ResultContext,
): string | null {
  switch (result.kind) {
    case "accepted":
      return null;
    case "counted":
      return null;
    case "not-requester":
      return "Only whoever asked for this decision can withdraw it. To turn it down, click Reject.";
    case "already-approved":
      return "Your approval counts already, for yourself and whoever you stand in for; this one needs somebody else's as well. Whoever gave it can take it back with Undo.";
    case "votes-unchecked": {
      const cure = result.isPassing
        ? "Please try again in a minute."
        : "Whoever runs this bot can mend that.";
      return `I could not check whether ${nameOf(result.by)} may still decide, who approved before you, because ${inertLine(result.why, 400)}. That approval stays, and nothing was changed. ${cure}`;
    }
    case "already-decided": {
      const { outcome } = result;
      const what = `this was ${DEED[outcome.verdict]}`;
      const when = moment(outcome.at);
      if (outcome.verdict === "expired") return `Too late: ${what} ${when}. Add it again with \`/emm add\`.`;
      const isAlone = whoDecided(outcome).length === 1;
      const who = isAlone && outcome.by.slackId === userId ? "you" : decidersOf(outcome);
      return `Already decided: ${what} by ${who}, ${when}. Your click changed nothing.`;
    }
    case "stale": {
      const next = replacementUrl === null ? "the new card" : link(replacementUrl, "the new card");
      const where =
        result.replacement === null
          ? "`/emm pending` lists what is open."
          : `Please look at ${next} and decide there.`;
      return `What you saw has changed since: ${inertLine(result.reason, 300)} Nothing was decided. ${where}`;
    }
    case "too-late":
      return `Too late: this could be decided until ${moment(result.expiresAt)}. It closes as expired, which is not a rejection; nothing was changed. Add it again with \`/emm add\`.`;
    case "not-found":
      return "I do not know this decision any more, so nothing was decided. `/emm pending` lists the open ones.";
    case "self-approval-forbidden":
      return "You asked for this yourself, or stand in for whoever did, and here a second person has to decide. Please ask another approver.";
  }
}

/** null when it was taken back: the card says so. */
export function undoSentence(result: UndoResult): string | null {
  switch (result.kind) {
    case "undone":
      return null;
    case "too-late-to-undo":
      return "Too late: it is being carried out, or was. Nothing was changed. To decide once more, click Reopen on the card when it is recorded.";
    case "not-yours":
      return `Only ${nameOf(result.by)}, who decided, can take this back. Nothing was changed.`;
    case "nothing-to-undo":
      return "There is no decision or approval of yours to take back here. Nothing was changed.";
    case "not-found":
      return "I do not know this decision any more, so nothing was changed. `/emm pending` lists the open ones.";
  }
}

/** Somebody retried or ignored it first; or it is unknown. */
export function deadLetterSentence(letter: DeadLetter | null): string {
  if (letter === null) return "I do not know this item any more. Please look at it in Notion.";
  if (letter.state.kind === "open") return "That did not work. Please click again.";
  const { kind, by, at } = letter.state;
  return `Already ${kind} by ${nameOf(by)}, ${moment(at)}. Your click changed nothing.`;
}

export const GARBLED_BUTTON =
  "I cannot read what this button carries; it may come from an older version of me. `/emm pending` lists the open decisions.";

export const UNKNOWN_BUTTON =
  "This button no longer does anything; it comes from an older version of me. `/emm help` shows what I can do.";

export const DEAD_FORM =
  "I cannot read this form; it may come from an older version of me. Nothing was changed. Please open it again.";

export function problemSentence(reference: string): string {
  return `Sorry, that did not work. Please try again; if it fails again, tell whoever runs this bot the reference \`${reference}\`.`;
}

/** In a thread among others the asker is named, so that Slack tells them. */
export function triagedNote(note: Extract<Note, { kind: "item-triaged" }>): string {
  const asked = note.to === null ? "" : `${mention(note.requestedBy)}: `;
  const title = link(note.url, inertLine(note.itemTitle, 200));
  return `${asked}${title}\n${inert(note.outcome, 800)}`;
}

export function budgetNote(note: { capUsd: number; day: string }): string {
  return (
    `Today's Claude budget of ${dollars(note.capUsd)} is used up, or too little for another analysis (${inertLine(note.day, 20)}). New analyses wait until tomorrow; ` +
    "decisions can still be made. To go on today, raise `DAILY_BUDGET_USD`."
  );
}

export function refusedInNotionNote(note: { decision: DecisionInShort; by: string; reason: string }): string {
  const { decision } = note;
  return (
    `${inertLine(note.by, 80)} set a decision on ${link(decision.pipeUrl, inertLine(decision.title, 200))} in Notion, ` +
    `which was not taken over: ${sentence(inert(note.reason, 600))} The decision is still open.`
  );
}

export function countedInNotionNote(note: {
  decision: DecisionInShort;
  by: string;
  given: number;
  needed: number;
}): string {
  const { decision, given, needed } = note;
  return (
    `${inertLine(note.by, 80)} approved ${link(decision.pipeUrl, inertLine(decision.title, 200))} in Notion: ` +
    `${given} of ${needed} approvals. It is back to Pending there until somebody else approves as well.`
  );
}

export function tooLateInNotionNote(note: { decision: DecisionInShort; status: string }): string {
  const { state, title, pipeUrl } = note.decision;
  const stands =
    state.kind === "recorded" || state.kind === "recording"
      ? `It was already ${DEED[state.outcome.verdict]}, ${moment(state.outcome.at)}, and that stands.`
      : "That plan was already replaced; please decide on the one that replaced it.";
  return `${link(pipeUrl, inertLine(title, 200))} was set to ${inertLine(note.status, 40)} in Notion, too late. ${stands}`;
}

export function notRecordedNote(note: { decision: DecisionInShort; reason: string }): string {
  const { decision } = note;
  return (
    `The decision on ${link(decision.pipeUrl, inertLine(decision.title, 200))} is made but could not be written to Notion: ` +
    `${inert(note.reason, 600)}\nNothing is lost. I try again after every poll, from where it stopped.`
  );
}

export function channelGoneNote(note: { channel: string; decisionTitle: string }): string {
  return (
    `I could not post "${inertLine(note.decisionTitle, 200)}" in ${channelName(note.channel)}. ` +
    "Please invite me there (`/invite` in the channel), or set `SLACK_DECISIONS_CHANNEL` to one I am in."
  );
}

export function fallbackNotice(channel: string, setting = "SLACK_DECISIONS_CHANNEL"): string {
  return (
    `Meant for ${channelName(channel)}, which I cannot post in. ` +
    `Please invite me there, or set \`${setting}\` to a channel I am in.`
  );
}

/** Before what belongs into a thread. `subject`: inert mrkdwn. */
export function threadGoneNotice(channel: string, subject: string): string {
  return `About ${subject}, whose thread is in ${channelName(channel)}, which I cannot post in any more:`;
}

/** Where whoever asked cannot be told. */
export function untoldNote(note: Extract<Note, { kind: "item-triaged" | "outcome" }>): string {
  const about =
    note.kind === "item-triaged"
      ? link(note.url, inertLine(note.itemTitle, 200))
      : link(note.decision.cardUrl ?? note.decision.pipeUrl, inertLine(note.decision.title, 200));
  return `I could not tell ${mention(note.requestedBy)} what became of ${about}: I cannot post where it was asked, nor write to them directly. Please tell them.`;
}

function channelName(channel: string): string {
  return /^[CG][A-Z0-9]+$/.test(channel) ? `<#${channel}>` : inertLine(channel, 40);
}
