/**
 * What every event does to a decision: a pure function of the record, the event and the rules. The first decision that is
 * accepted wins; what is recorded or superseded changes no more, except that a later decision may name itself as its
 * reopening. Somebody else writes the patch, if the record is still the one that was looked at.
 */
import {
  type Approval,
  type ApprovalRules,
  applyEdits,
  approvalsGiven,
  approvalsNeeded,
  type Choice,
  type Click,
  type DecideResult,
  type DecisionPatch,
  type DecisionRecord,
  type DecisionState,
  type Draft,
  type Evolution,
  type Outcome,
  type Person,
  planHash,
  type SelfApproval,
  shownHash,
  shownPlan,
  type UndoResult,
  verdictOf,
  writtenName,
} from "./decision.ts";
import type { Plan } from "./plan.ts";
import { type FoundVote, isOwnRequest, isRequester, isSame, isSameVoter, recount } from "./voters.ts";

export interface DecisionRules extends ApprovalRules {
  selfApproval: SelfApproval;
  /** How long a decision made in Slack can be taken back; 0 = it cannot. */
  undoSeconds: number;
}

/** Plain JSON: it is kept by the workflow that carries it. `at` is ISO 8601, UTC. */
export type DecisionEvent =
  | {
      kind: "choose";
      click: Click;
      via: "slack" | "notion";
      at: string;
      round: number;
      /** Whether those who approved before may still; absent in events of older versions. */
      votes?: readonly FoundVote[];
    }
  | { kind: "withdraw"; by: Person; reason: string | null; at: string; round: number }
  /** Nobody decided in time, or it was decided and carried out before, which the store has forgotten. */
  | { kind: "settle"; outcome: Outcome };

/** `moved`: somebody took a decision or an approval back since; the same click may mean something else now. */
export type Decided = DecideResult | { kind: "moved" };

type Change = Evolution<Decided>;

const refusal = (result: Decided): Change => ({ patch: null, result });

export function decide(known: DecisionRecord, event: DecisionEvent, rules: DecisionRules): Change {
  const before = ownTrace(known, event, rules);
  if (before) return refusal(before);
  const settled = standing(known);
  if (settled) return refusal(settled);
  if (event.kind === "settle") return accepted(known, event.outcome, rules);
  if (event.round !== known.round) return refusal({ kind: "moved" });
  return event.kind === "withdraw" ? withdraw(known, event, rules) : choose(known, event, rules);
}

/** What this very event did before; a step that was cut off is made once more. */
function ownTrace(known: DecisionRecord, event: DecisionEvent, rules: DecisionRules): Decided | null {
  const { by, at } = event.kind === "settle" ? event.outcome : { by: doer(event), at: event.at };
  const isOwn = (trace: { by: Person; at: string }) => trace.at === at && isSame(trace.by, by);
  const { state, approvals } = known;
  if ("outcome" in state && isOwn(state.outcome)) return { kind: "accepted" };
  if (!approvals.some(isOwn)) return null;
  return { kind: "counted", given: approvalsGiven(known).length, needed: approvalsNeeded(known, rules) };
}

function doer(event: Exclude<DecisionEvent, { kind: "settle" }>): Person {
  return event.kind === "choose" ? event.click.by : event.by;
}

/** How a decision that is no longer pending answers a click; null while it is. */
export function standing({ state }: DecisionRecord): DecideResult | null {
  switch (state.kind) {
    case "pending":
      return null;
    case "undoable":
    case "recording":
    case "recorded":
      return { kind: "already-decided", outcome: state.outcome };
    case "superseded":
      return { kind: "stale", replacement: state.by, reason: state.reason };
  }
}

type Choosing = Extract<DecisionEvent, { kind: "choose" }>;

function choose(known: DecisionRecord, event: Choosing, rules: DecisionRules): Change {
  const { click, via } = event;
  const obstacle = lateOrStale(known, { ...event, hash: click.hash });
  if (obstacle) return refusal(obstacle);
  const { by, choice } = click;
  const how = { by, at: event.at, via };
  if (choice.kind === "reject") {
    const outcome = { ...how, verdict: "rejected", reason: choice.reason, final: null } as const;
    return accepted(known, { ...outcome, selfApproved: false }, rules);
  }
  const own = isOwnRequest(known, by);
  if (own && rules.selfApproval === "forbid" && !(click.breakGlass && isRequester(known, by))) {
    return refusal({ kind: "self-approval-forbidden" });
  }
  const vote: Vote = {
    ...how,
    votes: event.votes,
    plan: planAfter(known, choice),
    reason: choice.kind === "edit" ? choice.reason : null,
    selfApproved: own && rules.selfApproval === "warn",
    breakGlass: own && rules.selfApproval === "forbid" ? (click.breakGlass ?? null) : null,
  };
  return approve(known, vote, rules);
}

/** In Notion somebody may have decided in time and only now be seen. */
function lateOrStale(
  known: DecisionRecord,
  { at, hash, via }: { at: string; hash: string; via: Outcome["via"] },
): DecideResult | null {
  const { expiresAt } = known;
  if (via === "slack" && expiresAt !== null && Date.parse(at) >= Date.parse(expiresAt)) {
    return { kind: "too-late", expiresAt };
  }
  return staleFor(known, hash);
}

/** For whoever saw something else than the card shows now. */
export function staleFor(known: DecisionRecord, hash: string): DecideResult | null {
  if (hash === shownHash(known)) return null;
  const { id: replacement, draft } = known;
  const stale = (reason: string): DecideResult => ({ kind: "stale", replacement, reason });
  if (sawFewerAnswers(known, hash)) return stale("A question about it was answered.");
  if (draft !== null) return stale(`${writtenName(draft.by)} changed the plan on the card.`);
  return stale("What you saw is not what the card shows now.");
}

/** Saw this very plan, before the last answers came. */
function sawFewerAnswers(known: DecisionRecord, hash: string): boolean {
  const { questions } = known;
  const moments = questions.flatMap(({ answer }) => (answer === null ? [] : [answer.at]));
  return moments.some((moment) => {
    const earlier = questions.filter(({ answer }) => answer !== null && answer.at < moment);
    return hash === shownHash({ ...known, questions: earlier });
  });
}

function planAfter(known: DecisionRecord, choice: Exclude<Choice, { kind: "reject" }>): Plan {
  const shown = shownPlan(known);
  return choice.kind === "edit" ? applyEdits(shown, choice.edits) : shown;
}

interface Vote {
  by: Person;
  at: string;
  via: "slack" | "notion";
  votes: readonly FoundVote[] | undefined;
  plan: Plan;
  reason: string | null;
  selfApproved: boolean;
  breakGlass: { reason: string } | null;
}

function approve(known: DecisionRecord, vote: Vote, rules: DecisionRules): Change {
  const needed = approvalsNeeded(known, rules);
  const isEdited = verdictOf(shownPlan(known), vote.plan) === "edited";
  if (needed > 1 && isEdited) return counted(draftBy(known, vote), needed);
  const approval = approvalOf(vote, planHash(known));
  if (needed === 1) {
    const approvals = [...known.approvals, approval];
    return accepted({ ...known, approvals }, outcomeOf(known, vote, null), rules);
  }
  const before = recount(known, { ...vote, selfApproval: rules.selfApproval });
  if (before.kind !== "counted") return refusal(before);
  if (before.given.some(({ by }) => isSameVoter(by, vote.by))) return refusal({ kind: "already-approved" });
  const all = { ...known, approvals: [...before.approvals, approval] };
  const counting = [...before.given, approval];
  return counting.length < needed
    ? counted(all, needed)
    : accepted(all, outcomeOf(known, vote, counting), rules);
}

function approvalOf({ by, at, selfApproved, breakGlass }: Vote, hash: string): Approval {
  return { by, at, planHash: hash, ...(selfApproved && { selfApproved }), ...(breakGlass && { breakGlass }) };
}

/** Why approvals of the plan before count no more. */
export const PLAN_CHANGED = "The plan was changed.";

/** The changed plan takes the place of the one shown; who approved the other has to look again. */
function draftBy(known: DecisionRecord, vote: Vote): DecisionRecord {
  const isProposal = verdictOf(known.proposal, vote.plan) === "approved";
  const { by, at, plan, reason } = vote;
  const draft: Draft | null = isProposal ? null : { plan, by, at, reason };
  const changed = { ...known, draft, approvals: voided(known.approvals, at, PLAN_CHANGED) };
  return { ...changed, approvals: [...changed.approvals, approvalOf(vote, planHash(changed))] };
}

function counted(changed: DecisionRecord, needed: number): Change {
  const { approvals, draft } = changed;
  return {
    patch: { approvals, draft },
    result: { kind: "counted", given: approvalsGiven(changed).length, needed },
  };
}

function outcomeOf(known: DecisionRecord, vote: Vote, counting: Approval[] | null): Outcome {
  const approvals = counting ?? [approvalOf(vote, "")];
  const glass = approvals.find((approval) => approval.breakGlass)?.breakGlass;
  return {
    verdict: verdictOf(known.proposal, vote.plan),
    by: vote.by,
    at: vote.at,
    reason: vote.reason ?? glass?.reason ?? known.draft?.reason ?? null,
    final: vote.plan,
    via: vote.via,
    selfApproved: approvals.some((approval) => approval.selfApproved),
    ...(glass && { breakGlass: true }),
    ...(counting && { approvals: counting }),
  };
}

function accepted(changed: DecisionRecord, outcome: Outcome, { undoSeconds }: DecisionRules): Change {
  const canUndo = outcome.via === "slack" && undoSeconds > 0;
  const until = new Date(Date.parse(outcome.at) + undoSeconds * 1_000).toISOString();
  const state: DecisionState = canUndo
    ? { kind: "undoable", outcome, until }
    : { kind: "recording", outcome };
  return { patch: { state, approvals: changed.approvals }, result: { kind: "accepted" } };
}

/** Whoever asked, and whoever had it reopened. */
export function mayWithdraw(
  { requestedBy, reopening }: Pick<DecisionRecord, "requestedBy" | "reopening">,
  slackId: string | null,
): boolean {
  return slackId !== null && [requestedBy, reopening?.by.slackId].includes(slackId);
}

type Withdrawing = Extract<DecisionEvent, { kind: "withdraw" }>;

/** What the card showed does not matter: what is withdrawn is the request. */
function withdraw(known: DecisionRecord, { by, at, reason }: Withdrawing, rules: DecisionRules): Change {
  if (!mayWithdraw(known, by.slackId)) return refusal({ kind: "not-requester" });
  const late = lateOrStale(known, { at, hash: shownHash(known), via: "slack" });
  if (late) return refusal(late);
  const outcome = { verdict: "withdrawn", by, at, reason, final: null, via: "slack" } as const;
  return accepted(known, { ...outcome, selfApproved: false }, rules);
}

export interface UndoEvent {
  by: Person;
  at: string;
  round: number;
}

/** Only one's own: the decision while it can be undone, an approval while others are missing. */
export function undo(known: DecisionRecord, event: UndoEvent): Evolution<UndoResult> {
  const { state } = known;
  // Done already, in a step that was cut off; others may have taken something back since as well.
  if (known.round > event.round && !stillStands(known, event))
    return { patch: null, result: { kind: "undone" } };
  if (state.kind === "undoable") return undoDecision(known, state.outcome, event);
  if (state.kind !== "pending") return { patch: null, result: { kind: "too-late-to-undo" } };
  const isOwn = ({ by }: { by: Person }) => isSame(by, event.by);
  const own = approvalsGiven(known).filter(isOwn);
  if (own.length === 0) return { patch: null, result: { kind: "nothing-to-undo" } };
  const approvals = known.approvals.map((approval) =>
    own.includes(approval) ? takenBack(approval, event) : approval,
  );
  const isDraft = known.draft !== null && isOwn(known.draft);
  return {
    patch: { approvals, round: known.round + 1, ...(isDraft && { draft: null }) },
    result: { kind: "undone" },
  };
}

/** What was this person's when they clicked. */
function stillStands({ state, approvals }: DecisionRecord, { by, at }: UndoEvent): boolean {
  const isIts = (deed: { by: Person; at: string }) =>
    isSame(deed.by, by) && Date.parse(deed.at) <= Date.parse(at);
  return ("outcome" in state && isIts(state.outcome)) || approvals.some((one) => !one.voided && isIts(one));
}

function undoDecision(known: DecisionRecord, outcome: Outcome, { by, at }: UndoEvent): Evolution<UndoResult> {
  if (!isSame(outcome.by, by)) return { patch: null, result: { kind: "not-yours", by: outcome.by } };
  const isIts = (approval: Approval) => approval.at === outcome.at && isSame(approval.by, outcome.by);
  const approvals = known.approvals.map((approval) =>
    isIts(approval) ? takenBack(approval, { at }) : approval,
  );
  return {
    patch: { state: { kind: "pending" }, approvals, round: known.round + 1 },
    result: { kind: "undone" },
  };
}

function takenBack(approval: Approval, { at }: { at: string }): Approval {
  return { ...approval, voided: { at, why: "Taken back." } };
}

function voided(approvals: Approval[], at: string, why: string): Approval[] {
  return approvals.map((approval) => (approval.voided ? approval : { ...approval, voided: { at, why } }));
}

/** The way from a decision to its end. */
export type Progress =
  /** Nobody took it back; `round` is the one it was made in. */
  | { kind: "window-over"; round: number; at: string }
  | { kind: "stuck"; problem: string }
  | { kind: "recorded"; state: Omit<Extract<DecisionState, { kind: "recorded" }>, "kind" | "since"> }
  | { kind: "supersede"; reason: string; at: string }
  /** Names what took its place, once that exists. */
  | { kind: "replaced"; by: string };

/** `result`: whether it stands there now. */
export function advance(known: DecisionRecord, event: Progress): Evolution<boolean> {
  const patch = advanced(known, event);
  return { patch, result: patch !== null || stands(known, event) };
}

function advanced({ state, approvals, round }: DecisionRecord, event: Progress): DecisionPatch | null {
  switch (event.kind) {
    case "window-over":
      if (state.kind !== "undoable" || round !== event.round) return null;
      return { state: { kind: "recording", outcome: state.outcome, since: event.at } };
    case "stuck":
      return state.kind === "recording" && state.problem !== event.problem
        ? { state: { ...state, problem: event.problem } }
        : null;
    case "recorded":
      if (state.kind !== "recording") return null;
      return {
        state: { kind: "recorded", ...event.state, ...(state.since !== undefined && { since: state.since }) },
      };
    case "supersede":
      if (state.kind !== "pending" && state.kind !== "recording") return null;
      return {
        state: {
          ...{ kind: "superseded", by: null, reason: event.reason },
          ...(state.kind === "recording" && { voided: state.outcome }),
        },
        approvals: voided(approvals, event.at, event.reason),
      };
    case "replaced":
      return state.kind === "superseded" && state.by === null ? { state: { ...state, by: event.by } } : null;
  }
}

function stands({ state, round }: DecisionRecord, event: Progress): boolean {
  switch (event.kind) {
    case "window-over":
      return state.kind === "recording" && round === event.round;
    case "stuck":
      return state.kind === "recording";
    case "recorded":
      return state.kind === "recorded";
    case "supersede":
      // Not by somebody else's hand: the same change is carried out by one alone.
      return state.kind === "superseded" && state.reason === event.reason;
    case "replaced":
      return state.kind === "superseded" && state.by === event.by;
  }
}
