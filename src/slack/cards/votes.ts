/** Who approved so far, where more than one approval is needed. Pure; inert mrkdwn. */
import { approvalsGiven, type DecisionRecord, type Person } from "../../domain/decision.ts";
import { isSameVoter } from "../../domain/voters.ts";
import { inertLine, moment } from "../limits.ts";
import { nameOf } from "./decision-parts.ts";
import { callOut } from "./people.ts";

export interface Votes {
  needed: number;
  /** Ids of people and groups who may decide. */
  who: readonly string[];
}

export const ONE_VOTE: Votes = { needed: 1, who: [] };

/** Rows of approvals that no longer count. */
const SHOWN = 3;

/** "1 of 2 approvals: Dana Reyes. Waiting for …"; null where one is enough. */
export function voteLine(decision: DecisionRecord, { needed, who }: Votes): string | null {
  const given = approvalsGiven(decision);
  if (given.length === 0) return needed > 1 ? `*${needed} approvals are needed.* There is none yet.` : null;
  const names = given.map(({ by }) => nameOf(by)).join(", ");
  const isEnough = given.length >= needed;
  const rest = waitingFor(decision, { isEnough, who });
  return `*${given.length} of ${Math.max(needed, given.length)} approvals*: ${names}.${rest}`;
}

function waitingFor(decision: DecisionRecord, { isEnough, who }: { isEnough: boolean; who: Votes["who"] }) {
  const missing = stillToAsk(decision, who);
  if (missing.length > 0) return ` Waiting for ${callOut(missing)}.`;
  // Who was asked too is not among those who may decide everything.
  return isEnough || decision.escalation ? "" : NOBODY_ELSE;
}

const NOBODY_ELSE = " Nobody else may approve it: whoever runs this bot has to name somebody who may.";

/** Those of these people and groups whose approval does not count already. */
function stillToAsk(decision: DecisionRecord, who: readonly string[]): string[] {
  const given = approvalsGiven(decision);
  const hasVoted = (id: string) => given.some(({ by }) => isSameVoter(by, { slackId: id, name: "" }));
  return who.filter((id) => !hasVoted(id));
}

/** "As edited by Dana Reyes"; null when the plan is the one proposed. */
export function draftLine({ draft }: Pick<DecisionRecord, "draft">): string | null {
  if (draft === null) return null;
  const why =
    draft.reason === null ? "" : `\nReason: ${inertLine(draft.reason, 300, "whole text under Details")}`;
  return `*As edited by ${nameOf(draft.by)}*, ${moment(draft.at)}${why}`;
}

/** Approvals that no longer count, the latest first. */
export function voidedLines({ approvals }: Pick<DecisionRecord, "approvals">): string[] {
  const gone = approvals.flatMap(({ by, voided }) => (voided ? [{ by, voided }] : [])).reverse();
  const lines = gone.slice(0, SHOWN).map(({ by, voided }) => voidedLine(by, voided.why));
  const more = gone.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} more before these`] : lines;
}

/** Plain text in, inert mrkdwn out. */
export function voidedLine(by: Person, why: string): string {
  return `No longer counts: ${nameOf(by)}'s approval. ${inertLine(why, 200)}`;
}
