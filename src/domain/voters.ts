/**
 * Who votes: when two people are one voter, whose request it is, and whether an approval still counts by the time it matters.
 * Whoever may no longer decide has no vote in what is not decided yet. Pure.
 */
import {
  type Approval,
  approvalsGiven,
  type DecisionRecord,
  type Person,
  type SelfApproval,
} from "./decision.ts";

export function isSame(one: Person, other: Person): boolean {
  return one.slackId === null ? one.name === other.name : one.slackId === other.slackId;
}

/** A deputy and whom they stand for are one voter. */
export function isSameVoter(one: Person, other: Person): boolean {
  const ids = idsOf(other);
  return isSame(one, other) || idsOf(one).some((id) => ids.includes(id));
}

function idsOf({ slackId, for: principal }: Person): string[] {
  return [...(slackId === null ? [] : [slackId]), ...(principal ? [principal.slackId] : [])];
}

type Requested = Pick<DecisionRecord, "requestedBy">;

/** A deputy of the requester asks for the requester's sake. */
export function isOwnRequest({ requestedBy }: Requested, by: Person): boolean {
  return requestedBy !== null && idsOf(by).includes(requestedBy);
}

/** In person and by a right of their own: nobody breaks the glass with a right that was lent. */
export function isRequester({ requestedBy }: Requested, by: Person): boolean {
  return by.slackId === requestedBy && by.for === undefined;
}

/** Whether somebody still has the right by which they approved. `why` is plain text. */
export type StillMay =
  | { kind: "may" }
  /** A sentence for others. */
  | { kind: "lost"; why: string }
  /** Nobody could tell, because `why`; `isPassing`: asking again may help. */
  | { kind: "unsure"; why: string; isPassing: boolean };

/** What was found about one who had approved. Plain JSON: it goes with the click that looked. */
export interface FoundVote extends Pick<Approval, "by" | "at"> {
  right: StillMay;
}

export type Recount =
  /** `approvals`: all of them, with those marked that count no more; `given`: those that count. */
  | { kind: "counted"; approvals: Approval[]; given: Approval[] }
  | { kind: "votes-unchecked"; by: Person; why: string; isPassing: boolean }
  /** Somebody approved after it was looked up. */
  | { kind: "moved" };

interface Look {
  /** Absent where a version clicked that did not look: everything counts, as it did for that version. */
  votes: readonly FoundVote[] | undefined;
  at: string;
  selfApproval: SelfApproval;
}

/** The approvals of the plan that is shown, as they count now. What cannot be checked neither counts nor is lost. */
export function recount(known: DecisionRecord, { votes, at, selfApproval }: Look): Recount {
  const given = approvalsGiven(known);
  if (votes === undefined) return { kind: "counted", approvals: known.approvals, given };
  const why = new Map<Approval, string>();
  for (const approval of given) {
    const right = rightOf(approval, votes);
    if (right === null) return { kind: "moved" };
    if (right.kind === "unsure") return { ...right, kind: "votes-unchecked", by: approval.by };
    if (right.kind === "lost") why.set(approval, right.why);
    else if (selfApproval === "forbid" && isOwnRequest(known, approval.by) && !approval.breakGlass)
      why.set(approval, OWN_NO_MORE);
  }
  const approvals = known.approvals.map((approval) => {
    const lost = why.get(approval);
    return lost === undefined ? approval : { ...approval, voided: { at, why: lost } };
  });
  return { kind: "counted", approvals, given: given.filter((approval) => !why.has(approval)) };
}

const OWN_NO_MORE = "By now nobody may approve their own request.";

/** null when it was not looked up. */
function rightOf({ by, at }: Approval, votes: readonly FoundVote[]): StillMay | null {
  return votes.find((vote) => vote.at === at && isSame(vote.by, by))?.right ?? null;
}
