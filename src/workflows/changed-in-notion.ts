/**
 * What the sweep found in Notion, looked at again and acted on: a decision made there, an edit, or a status that
 * contradicts what is already decided. One run at a time for each decision; the next look starts another.
 */
import {
  approvalsNeeded,
  type Click,
  type DecideResult,
  type DecisionRecord,
  type Outcome,
  type Person,
  shownHash,
  writtenName,
} from "../domain/decision.ts";
import { contentHash, contentToPlan } from "../domain/plan.ts";
import type { CardWorkflows } from "./cards.ts";
import type { Decider, Moment } from "./decide.ts";
import type { WorkflowDeps } from "./deps.ts";
import { isUnderWay, registerWorkflow, startOnce, step } from "./engine.ts";
import type { PipeRow } from "./ports.ts";
import { RECORDED_STATUS } from "./record.ts";
import type { Supersede } from "./supersede.ts";
import { foundOut } from "./votes.ts";

interface Parts {
  cards: CardWorkflows;
  decider: Decider;
  supersede: Supersede;
}

interface Change {
  decision: DecisionRecord;
  pipe: PipeRow;
}

interface Rounds {
  /** How many changes of this decision were looked at and left it undecided. */
  rounds: number;
}

const roundsKey = (id: string) => `notion-rounds:${id}`;
const runsOf = (id: string) => `notion:${id}:`;

/** Something was found in Notion, and nobody knows yet what it leads to: Slack may be asked about it for hours. */
export const isTakenUp = (id: string): Promise<boolean> => isUnderWay(runsOf(id));

const isDecided = (pipe: PipeRow) => pipe.status === "Approved" || pipe.status === "Rejected";

/** Null while nothing is settled that a status in Notion could contradict. */
function settledStatus({ state }: DecisionRecord) {
  if (state.kind === "recorded") return RECORDED_STATUS[state.outcome.verdict];
  return state.kind === "superseded" && state.by !== null ? ("Superseded" as const) : null;
}

export function isChanged(decision: DecisionRecord, pipe: PipeRow): boolean {
  if (decision.state.kind === "pending")
    return isDecided(pipe) || contentHash(pipe.content) !== decision.hash;
  const settled = settledStatus(decision);
  return settled !== null && isDecided(pipe) && pipe.status !== settled;
}

export function registerChangedInNotion(deps: WorkflowDeps, parts: Parts) {
  const { books, notion } = deps;

  const changed = registerWorkflow("changed-in-notion", async (id: string, rounds: number): Promise<void> => {
    // Queries lag behind writes; a page does not.
    const pipe = await step(`read:${id}`, () => notion.decisions.readPipe(id));
    const decision = await step(`load:${id}`, () => books.decisions.find(id));
    const isToAct = decision && !pipe.inTrash && isChanged(decision, pipe);
    const how = isToAct ? await actOn(deps, parts, { decision, pipe }) : "done";
    await step(`looked:${id}`, () => books.settings.set(roundsKey(id), { rounds: rounds + 1 }));
    // No later look may find what was edited while this one waited.
    if (how === "outdated") await start(id, rounds + 1);
  });
  const start = (id: string, rounds: number) => startOnce(`${runsOf(id)}${rounds}`, changed, id, rounds);

  return async (id: string): Promise<void> => {
    const seen = await step(`rounds:${id}`, () => books.settings.get<Rounds>(roundsKey(id)));
    await start(id, seen?.rounds ?? 0);
  };
}

/** "outdated": it was edited again meanwhile. */
type Acted = "done" | "outdated";

async function actOn(deps: WorkflowDeps, parts: Parts, change: Change): Promise<Acted> {
  const { decision, pipe } = change;
  if (decision.state.kind === "pending" && isDecided(pipe)) return decidedInNotion(deps, parts, change);
  if (decision.state.kind === "pending") {
    const reason = "The Action Pipe was edited in Notion after the card was posted.";
    await parts.supersede(decision, pipe, reason);
  } else await contradict(deps, parts.cards, change);
  return "done";
}

/** What is decided stays so; Notion must not say otherwise, and whoever tried must hear of it. */
async function contradict(
  deps: WorkflowDeps,
  cards: CardWorkflows,
  { decision, pipe }: Change,
): Promise<void> {
  const status = settledStatus(decision);
  if (status === null) return;
  const { id } = decision;
  await step(`put-back:${id}`, () =>
    deps.notion.decisions.writePipe(id, { status, outcome: null, sentence: null, content: null }),
  );
  await say(deps, cards, { decision, kind: "too-late-in-notion", status: pipe.status });
}

type TooLate = { kind: "too-late-in-notion"; status: string };
type Counted = { kind: "counted-in-notion"; by: string; given: number; needed: number };
type Refused = { kind: "refused-in-notion"; by: string; reason: string };

async function say(
  deps: WorkflowDeps,
  cards: CardWorkflows,
  note: { decision: DecisionRecord } & (TooLate | Refused | Counted),
): Promise<void> {
  const { id } = note.decision;
  const at = await step(`at:${id}`, async () => deps.now().toISOString());
  await cards.say(`${note.kind}:${id}:${at}`, note);
}

/**
 * Whoever set the status in Notion must be somebody who may decide; otherwise it is put back and said so. It may also
 * have been the bot, before its store was restored from a backup: then the decision stands.
 */
async function decidedInNotion(deps: WorkflowDeps, parts: Parts, { decision, pipe }: Change): Promise<Acted> {
  const { id } = decision;
  const who = await step(`who:${id}`, () => lookUpWho(deps, { decision, pipe }));
  if (who.isOutdated) return "outdated";
  if (!who.ok) {
    const by = who.person ?? { slackId: pipe.lastEditedBy, name: "Somebody" };
    await refuse(deps, parts.cards, { decision, by, reason: who.reason, refusal: who.refusal });
    return "done";
  }
  if (who.outcome !== null) {
    const moment = await step(`look:${id}`, () => parts.decider.look(id));
    if (moment.known) await parts.decider.adopt(who.outcome, { ...moment, known: moment.known });
    return "done";
  }
  const needed = who.needed ?? approvalsNeeded(decision, deps.rules);
  return takeOver(deps, parts, { decision, pipe, by: who.person, needed });
}

/** `isOutdated`, `needed`: absent in looks of older versions. */
type Who = { isOutdated?: boolean } & (
  | { ok: true; person: Person; outcome: null; needed?: number }
  | { ok: true; person: null; outcome: Outcome }
  | { ok: false; person: Person | null; reason: string; refusal: string }
);

async function lookUpWho(deps: WorkflowDeps, { decision, pipe }: Change): Promise<Who> {
  const outcome = await deps.notion.records.ownOutcome(pipe);
  if (outcome) return { ok: true, outcome, person: null };
  const person = await deps.people.slackPersonOf(pipe.lastEditedBy);
  if (!person) {
    const reason = "their Notion account is not linked to a Slack user by e-mail";
    return { ok: false, person, reason, refusal: "not-linked" };
  }
  const allowed = await deps.people.mayDecide(person, decision.id);
  const isOutdated = await isEditedSince(deps, pipe);
  if (!allowed.ok) return { ...allowed, person, isOutdated };
  const needed = approvalsNeeded(decision, deps.rules);
  return { ok: true, person: allowed.person, outcome: null, needed, isOutdated };
}

/** Slack may not have answered for hours, in which people go on editing. */
async function isEditedSince({ notion }: WorkflowDeps, read: PipeRow): Promise<boolean> {
  const now = await notion.decisions.readPipe(read.id);
  const isSame = now.status === read.status && now.reason === read.reason && now.inTrash === read.inTrash;
  return !isSame || contentHash(now.content) !== contentHash(read.content);
}

/** How often it is looked at anew when others change the decision at the same moment. */
const TRIES = 3;

interface TakeOver extends Change {
  by: Person;
  /** How many approvals. */
  needed: number;
}

async function takeOver(deps: WorkflowDeps, parts: Parts, change: TakeOver): Promise<Acted> {
  const { decision, pipe, by, needed } = change;
  const { id } = decision;
  const choice = choiceOf(decision, pipe);
  if (choice.kind === "edit" && needed > 1) {
    const reason = `${writtenName(by)} approved a changed plan in Notion. It needs ${needed} approvals, so the changed plan is put to the vote.`;
    await parts.supersede(decision, pipe, reason);
    return "done";
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    const look = tries === 0 ? `look:${id}` : `look:${id}:${tries}`;
    const { isOutdated, ...moment } = await step(look, async () => {
      const found: Moment & { isOutdated?: boolean } = foundOut(await parts.decider.look(id, choice));
      // Without votes nobody was waited for.
      return found.votes?.length ? { ...found, isOutdated: await isEditedSince(deps, pipe) } : found;
    });
    if (isOutdated) return "outdated";
    const click = { decisionId: id, hash: hashIn(moment.known ?? decision, choice), choice, by };
    const result = await parts.decider.decide(click, "notion", moment);
    if (result.kind === "moved") continue;
    await answer(deps, parts.cards, { decision, by, result });
    break;
  }
  return "done";
}

/** Notion holds the plan as proposed: one that was changed on the card is not what is approved there. */
function hashIn(decision: DecisionRecord, choice: Click["choice"]): string {
  const isApproval = choice.kind !== "reject";
  return isApproval && decision.draft !== null ? decision.hash : shownHash(decision);
}

/** Whoever decided in Notion hears what became of it, unless the card says so. */
async function answer(
  deps: WorkflowDeps,
  cards: CardWorkflows,
  { decision, by, result }: { decision: DecisionRecord; by: Person; result: DecideResult },
): Promise<void> {
  if (result.kind === "counted") {
    if (await putBackUnlessSettled(deps, decision.id)) return;
    const { given, needed } = result;
    return say(deps, cards, { kind: "counted-in-notion", decision, by: writtenName(by), given, needed });
  }
  const reason = result.kind === "votes-unchecked" ? unchecked(result) : REFUSED[result.kind];
  if (reason !== undefined) await refuse(deps, cards, { decision, by, reason, refusal: result.kind });
}

const REFUSED: Partial<Record<DecideResult["kind"], string>> = {
  "self-approval-forbidden": "nobody may approve their own request, nor that of whom they stand in for",
  "already-approved": "their approval counts already, and somebody else has to approve as well",
  stale: "the plan was changed on the card in Slack; please look at it and decide there",
};

function unchecked({ by, why }: Extract<DecideResult, { kind: "votes-unchecked" }>): string {
  return `I could not check whether ${writtenName(by)} may still decide, who approved before, because ${why}`;
}

function choiceOf(decision: DecisionRecord, pipe: PipeRow): Click["choice"] {
  if (pipe.status === "Rejected")
    return { kind: "reject", reason: pipe.reason ?? "Rejected in Notion without a reason." };
  if (contentHash(pipe.content) === decision.hash) return { kind: "approve" };
  const plan = contentToPlan(pipe.content, decision.proposal);
  const edits = {
    option: plan.recommendedOption,
    options: plan.options,
    riskAssessment: plan.riskAssessment,
    resources: plan.resources,
    tasks: plan.tasks,
  };
  return { kind: "edit", edits, reason: pipe.reason };
}

/**
 * Whether somebody decided meanwhile: what they decided is what Notion is to say, and who carries that out, or takes it
 * back, answers whoever wrote there. A version that did not ask answered nothing, and what it put back is said.
 */
function putBackUnlessSettled({ books, notion }: WorkflowDeps, id: string): Promise<boolean> {
  const write = { status: "Pending", outcome: null, sentence: null, content: null } as const;
  return step(`put-back:${id}`, async () => {
    const kind = (await books.decisions.find(id))?.state.kind;
    if (kind === "pending") await notion.decisions.writePipe(id, write);
    return kind !== "pending";
  });
}

async function refuse(
  deps: WorkflowDeps,
  cards: CardWorkflows,
  {
    decision,
    by,
    reason,
    refusal,
  }: { decision: DecisionRecord; by: Person; reason: string; refusal: string },
): Promise<void> {
  const { id } = decision;
  const isSettled = await putBackUnlessSettled(deps, id);
  await step(`audit:${id}`, () =>
    deps.books.audit.record({
      actor: by.slackId ?? by.name,
      action: "decision.notion",
      subject: id,
      outcome: "refused",
      detail: refusal,
    }),
  );
  if (!isSettled)
    await say(deps, cards, { kind: "refused-in-notion", decision, by: writtenName(by), reason });
}
