/**
 * One click. Deciding is a single guarded change of the record: the first that is accepted wins, every later one learns who
 * did. What follows is started from the same workflow, so that a process that dies in between leaves nothing undone.
 * Carrying a decision out is record.ts; taking it back is undo.ts.
 */
import { randomUUID } from "node:crypto";
import {
  approvalsGiven,
  approvalsNeeded,
  type Click,
  type DecideResult,
  type DecisionRecord,
  type Outcome,
  type Person,
} from "../domain/decision.ts";
import { type Decided, type DecisionEvent, decide } from "../domain/decision-machine.ts";
import { soundBreakGlass } from "./break-glass.ts";
import type { CardWorkflows } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";
import type { ThreadLine } from "./thread-ports.ts";
import type { UndoWindow } from "./undo.ts";

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
}

type KnownMoment = Moment & { known: DecisionRecord };

export interface Decider {
  /** Reads the moment. */
  look(id: string): Promise<Moment>;
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
    return { result, rev, round, outcome, isUndoable: state.kind === "undoable" };
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
  const settle = async (event: DecisionEvent, { known, token }: KnownMoment): Promise<Decided> => {
    const id = known.id;
    // What can be refused at once costs no workflow.
    const foreseen = decide(known, event, rules);
    if (foreseen.patch === null) return foreseen.result;
    const started = await startOnce(`decision:${id}:${known.rev}`, decision, {
      ...{ id, event, token, rev: known.rev },
    });
    const ended = await started.result();
    if (ended.token === token) return ended.result;
    return ended.outcome === null ? { kind: "moved" } : { kind: "already-decided", outcome: ended.outcome };
  };

  return {
    async look(id) {
      return { known: await books.decisions.find(id), at: deps.now().toISOString(), token: randomUUID() };
    },
    async decide(click, via, moment) {
      const { known, at } = moment;
      if (!known) return { kind: "not-found" };
      return settle({ kind: "choose", click, via, at, round: known.round }, { ...moment, known });
    },
    async withdraw({ by, reason }, moment) {
      const { known, at } = moment;
      if (!known) return { kind: "not-found" };
      const event = { kind: "withdraw", by, reason, at, round: known.round } as const;
      return settle(event, { ...moment, known });
    },
    adopt: (outcome, moment) => settle({ kind: "settle", outcome }, moment),
    expire: (moment) => settle({ kind: "settle", outcome: expiry(moment, rules) }, moment),
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
  const { result, outcome, isUndoable, round, rev } = claimed;
  const decided = result.kind === "accepted" ? outcome : null;
  if (decided === null) await cards.show(id, `vote-${rev}`);
  else if (isUndoable) await undoWindow.open(id, round);
  else await startOnce(`record:${id}`, record, id);
  await step(`audit:${id}`, async () => {
    if (decided === null) return books.audit.record(voteEntry(order, result));
    await books.audit.record(auditEntry(id, decided));
    // What can be taken back counts once it no longer can.
    if (!isUndoable) meter.decided(decided.verdict);
  });
  const { event } = order;
  if (event.kind === "choose" && event.click.breakGlass) await soundBreakGlass(deps, { id, at: event.at });
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

function expiry({ known, at }: KnownMoment, rules: WorkflowDeps["rules"]): Outcome {
  const by = { slackId: null, name: "Executive Mind Matrix" };
  const given = approvalsGiven(known).length;
  const needed = Math.max(approvalsNeeded(known, rules), given + 1);
  const who = given === 0 ? "Nobody decided" : `Only ${given} of ${needed} approved`;
  const reason = `${who} within ${rules.ttlHours} hours.`;
  return { verdict: "expired", by, at, reason, final: null, via: "timer", selfApproved: false };
}

function auditEntry(id: string, { by, verdict, via, approvals = [] }: Outcome) {
  const count = approvals.length > 1 ? `, ${approvals.length} of ${approvals.length} approvals` : "";
  const entry = { actor: actorOf(by), action: `decision.${verdict}`, subject: id };
  return { ...entry, outcome: "done", detail: `via ${via}${principalWords(by)}${count}` };
}

function voteEntry({ id, event }: Order, result: Decided) {
  const { by, via } =
    event.kind === "choose"
      ? { by: event.click.by, via: event.via }
      : { by: { slackId: null, name: "" }, via: "slack" };
  const count = result.kind === "counted" ? `${result.given} of ${result.needed} approvals` : "";
  const entry = { actor: actorOf(by), action: "decision.vote", subject: id };
  return { ...entry, outcome: "done", detail: `via ${via}${principalWords(by)}, ${count}` };
}

/** The actor is whoever clicked. */
function principalWords({ for: principal }: Person): string {
  return principal ? `, for ${principal.name} (${principal.slackId})` : "";
}

function actorOf({ slackId, name }: Person): string {
  return slackId ?? name;
}
