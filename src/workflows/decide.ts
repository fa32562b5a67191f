/**
 * One click. Deciding is a single guarded change of the record: the first that is accepted wins, every later one learns who
 * did. What follows is started from the same workflow, so that a process that dies in between leaves nothing undone.
 * Carrying a decision out is record.ts; taking it back is undo.ts.
 */
import { randomUUID } from "node:crypto";
import {
  type Approval,
  approvalsGiven,
  approvalsNeeded,
  type Choice,
  type Click,
  type DecideResult,
  type DecisionRecord,
  type Outcome,
  type Person,
  writtenName,
} from "../domain/decision.ts";
import { approvalWords, BOT } from "../domain/decision-life.ts";
import {
  type Decided,
  type DecisionEvent,
  type DecisionRules,
  decide,
  PLAN_CHANGED,
} from "../domain/decision-machine.ts";
import type { FoundVote } from "../domain/voters.ts";
import { soundBreakGlass } from "./break-glass.ts";
import type { CardWorkflows } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";
import type { ThreadLine } from "./thread-ports.ts";
import type { UndoWindow } from "./undo.ts";
import { lookUpVotes } from "./votes.ts";

interface Order {
  id: string;
  event: DecisionEvent;
  /** Names the caller, so that the winner knows itself. */
  token: string;
  /** Of the record that the caller saw; absent in orders of older versions. */
  rev?: number;
}

/** What became of the record. */
interface Claimed {
  result: Decided;
  rev: number;
  round: number;
  /** The decision, if there is one now. */
  outcome: Outcome | null;
  isUndoable: boolean;
  /** How long. Absent in claims of older versions, and when it is not. */
  undoMs?: number;
  /** Earlier approvals that it found to count no more. Absent in claims of older versions. */
  voided?: Approval[];
}

const UNDECIDED = { rev: 0, round: 0, outcome: null, isUndoable: false };

/** Begun by a version that knew neither votes nor undo: its claim ended with null when it won, else with the reason. */
interface OlderOrder {
  id: string;
  outcome: Outcome;
  token: string;
}

function orderOf({ id, outcome, token }: OlderOrder): Order {
  return { id, token, event: { kind: "settle", outcome } };
}

function claimedBy(begun: Order | OlderOrder, noted: Claimed | DecideResult | null): Claimed {
  if (noted !== null) return "kind" in noted ? { ...UNDECIDED, result: noted } : noted;
  return { ...UNDECIDED, result: { kind: "accepted" }, outcome: "outcome" in begun ? begun.outcome : null };
}

interface Ended extends Pick<Claimed, "result" | "outcome"> {
  token: string;
}

/** What a decision is made from, read once: in a step when a workflow decides. */
export interface Moment {
  known: DecisionRecord | null;
  at: string;
  token: string;
  /** A run that goes on under other settings foresees what it foresaw. Absent in looks of older versions. */
  rules?: DecisionRules & { ttlHours: number };
  /** Whether those who approved before may still; absent in looks of older versions. */
  votes?: FoundVote[];
}

type KnownMoment = Moment & { known: DecisionRecord };

export interface Decider {
  /** Reads the moment; for whoever approves, also whether those who did before may still. */
  look(id: string, choice?: Choice): Promise<Moment>;
  decide(click: Click, via: "slack" | "notion", moment: Moment): Promise<Decided>;
  /** By whoever asked. */
  withdraw(request: { by: Person; reason: string | null }, moment: Moment): Promise<Decided>;
  /** Decided and carried out before, which the store has forgotten: it is noted, and whatever is missing is made. */
  adopt(outcome: Outcome, moment: KnownMoment): Promise<Decided>;
  /** Nobody decided in time. Nobody's approval: nothing is carried out. */
  expire(moment: KnownMoment): Promise<Decided>;
}

export interface DecideParts {
  cards: CardWorkflows;
  record: (id: string) => Promise<void>;
  undoWindow: Pick<UndoWindow, "open">;
}

export function registerDecide(deps: WorkflowDeps, parts: DecideParts): Decider {
  const { books, rules } = deps;

  const claim = async ({ id, event, rev: seen }: Order): Promise<Claimed> => {
    const evolved = await books.decisions.evolve(id, (known) => {
      const change = decide(known, event, rules);
      const isChanged = known.rev !== seen || change.patch !== null || isDone(change.result);
      // Foreseen otherwise, by other settings: this run has used up the number, and the next click needs one.
      return isChanged ? change : { ...change, patch: {} };
    });
    if (evolved === null) return { ...UNDECIDED, result: { kind: "not-found" } };
    const { decision, result } = evolved;
    const { state, rev, round } = decision;
    const outcome = "outcome" in state ? state.outcome : null;
    const claimed = { result, rev, round, outcome, voided: voidedBy(decision, event) };
    if (state.kind !== "undoable") return { ...claimed, isUndoable: false };
    const undoMs = Date.parse(state.until) - Date.parse(state.outcome.at);
    return { ...claimed, isUndoable: true, undoMs };
  };

  const carryOut = async (begun: Order | OlderOrder): Promise<Ended> => {
    const order = "event" in begun ? begun : orderOf(begun);
    const { id, token } = order;
    const noted = await step(`claim:${id}`, (): Promise<Claimed | DecideResult | null> => claim(order));
    const claimed = claimedBy(begun, noted);
    const { result, outcome } = claimed;
    if (isDone(result)) await follow(deps, parts, { order, claimed });
    return { result, outcome, token };
  };
  registerWorkflow("decision", carryOut);
  // An older version that takes over what this one left would misread the order; a name that it does not know waits.
  const decision = registerWorkflow("decide", carryOut);

  /** Who comes at the same moment with the same in view shares the run of the first. */
  const settle = async (event: DecisionEvent, moment: KnownMoment): Promise<Decided> => {
    const { known, token } = moment;
    const id = known.id;
    // What can be refused at once costs no workflow.
    const foreseen = decide(known, event, moment.rules ?? rules);
    if (foreseen.patch === null) return foreseen.result;
    const started = await startOnce(`decision:${id}:${known.rev}`, decision, {
      ...{ id, event, token, rev: known.rev },
    });
    const ended = await started.result();
    if (ended.token === token) return ended.result;
    return ended.outcome === null ? { kind: "moved" } : { kind: "already-decided", outcome: ended.outcome };
  };

  return {
    async look(id, choice) {
      const { approvalsRequiredHigh, selfApproval, undoSeconds, ttlHours } = rules;
      const known = await books.decisions.find(id);
      const moment = {
        known,
        at: deps.now().toISOString(),
        token: randomUUID(),
        rules: { approvalsRequiredHigh, selfApproval, undoSeconds, ttlHours },
      };
      if (known === null || choice === undefined || choice.kind === "reject") return moment;
      return { ...moment, votes: await lookUpVotes(deps.people, known) };
    },
    async decide(click, via, moment) {
      const { known, at, votes } = moment;
      if (!known) return { kind: "not-found" };
      const event = { kind: "choose", click, via, at, round: known.round, ...(votes && { votes }) } as const;
      return settle(event, { ...moment, known });
    },
    async withdraw({ by, reason }, moment) {
      const { known, at } = moment;
      if (!known) return { kind: "not-found" };
      const event = { kind: "withdraw", by, reason, at, round: known.round } as const;
      return settle(event, { ...moment, known });
    },
    adopt: (outcome, moment) => settle({ kind: "settle", outcome }, moment),
    expire: (moment) => settle({ kind: "settle", outcome: expiry(moment, moment.rules ?? rules) }, moment),
  };
}

/** How often a click is looked at anew when others change the decision at the same moment. */
const TRIES = 5;

/** A click of a person: looked at until it is clear what it did. */
export async function decideSurely(
  decider: Pick<Decider, "look">,
  id: string,
  attempt: (moment: Moment) => Promise<Decided>,
): Promise<DecideResult> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const result = await attempt(await decider.look(id));
    if (result.kind !== "moved") return result;
  }
  return { kind: "stale", replacement: id, reason: "Others decide at the same moment." };
}

/** With the reason, each. */
function voidedBy({ approvals }: DecisionRecord, event: DecisionEvent): Approval[] {
  return event.kind === "choose" ? approvals.filter(({ voided }) => voided?.at === event.at) : [];
}

function isDone({ kind }: Decided): boolean {
  return kind === "accepted" || kind === "counted";
}

async function follow(
  deps: WorkflowDeps,
  { cards, record, undoWindow }: DecideParts,
  { order, claimed }: { order: Order; claimed: Claimed },
): Promise<void> {
  const { books, meter } = deps;
  const { id } = order;
  const { result, outcome, isUndoable, undoMs, round, rev, voided = [] } = claimed;
  const decided = result.kind === "accepted" ? outcome : null;
  if (decided === null) await cards.show(id, `vote-${rev}`);
  else if (isUndoable) await undoWindow.open(id, round, undoMs);
  else await startOnce(`record:${id}`, record, id);
  for (const [index, vote] of voided.entries())
    await step(`audit-void:${id}:${index}`, () => books.audit.record(voidEntry(id, vote)));
  await step(`audit:${id}`, async () => {
    if (decided === null) return books.audit.record(voteEntry(order, result));
    await books.audit.record(auditEntry(id, decided));
    // What can be taken back counts once it no longer can.
    if (!isUndoable) meter.decided(decided.verdict);
  });
  const { event } = order;
  if (event.kind === "choose" && event.click.breakGlass) await soundBreakGlass(deps, { id, at: event.at });
  for (const [index, line] of voided.flatMap(lostLine).entries())
    await cards.sayLine(`vote-lost:${id}:${rev}:${index}`, id, line);
  const vote = voteLine(order, result);
  if (vote) await cards.sayLine(`vote:${id}:${rev}`, id, vote);
}

/** One that was cast in Notion is said under the card by whoever saw it there. */
function voteLine({ event }: Order, result: Decided): ThreadLine | null {
  if (result.kind !== "counted" || event.kind !== "choose" || event.via !== "slack") return null;
  const { given, needed } = result;
  const { by, choice } = event.click;
  return { kind: "voted", by, given, needed, isChanged: choice.kind === "edit" };
}

function expiry({ known, at }: KnownMoment, rules: NonNullable<Moment["rules"]>): Outcome {
  const by = { slackId: null, name: "Executive Mind Matrix" };
  const given = approvalsGiven(known).length;
  const needed = Math.max(approvalsNeeded(known, rules), given + 1);
  const who = given === 0 ? "Nobody decided" : `Only ${given} of ${needed} approved`;
  const reason = `${who} within ${rules.ttlHours} hours.`;
  return { verdict: "expired", by, at, reason, final: null, via: "timer", selfApproved: false };
}

function auditEntry(id: string, outcome: Outcome) {
  const { by, at, verdict, via } = outcome;
  const entry = { actor: actorOf(by), action: `decision.${verdict}`, subject: id, at };
  return { ...entry, outcome: "done", detail: `via ${via}${principalWords(by)}${approvalWords(outcome)}` };
}

function voteEntry({ id, event }: Order, result: Decided) {
  const { by, via } =
    event.kind === "choose"
      ? { by: event.click.by, via: event.via }
      : { by: { slackId: null, name: "" }, via: "slack" };
  const count = result.kind === "counted" ? `${result.given} of ${result.needed} approvals` : "";
  const at = event.kind === "settle" ? event.outcome.at : event.at;
  const entry = { actor: actorOf(by), action: "decision.vote", subject: id, at };
  return { ...entry, outcome: "done", detail: `via ${via}${principalWords(by)}, ${count}` };
}

/** Nobody did it: it is found out when it matters. */
function voidEntry(id: string, { by, voided }: Approval) {
  const entry = { actor: BOT, action: "decision.vote-void", subject: id };
  return {
    ...entry,
    ...(voided && { at: voided.at }),
    outcome: "done" as const,
    detail: `${writtenName(by)}'s approval. ${voided?.why ?? ""}`,
  };
}

/** What a changed plan does to approvals is said with the change. */
function lostLine({ by, voided }: Approval): ThreadLine[] {
  if (voided === undefined || voided.why === PLAN_CHANGED) return [];
  return [{ kind: "vote-lost", by, why: voided.why }];
}

/** The actor is whoever clicked. */
function principalWords({ for: principal }: Person): string {
  return principal ? `, for ${principal.name} (${principal.slackId})` : "";
}

function actorOf({ slackId, name }: Person): string {
  return slackId ?? name;
}
