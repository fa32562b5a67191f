/**
 * All three advisers on demand, over the options of an open decision and what was answered since. What comes of it
 * replaces the decision by a new one with a card of its own. Until then the old card can be decided as ever; if it is,
 * or if the plan changes, what the advisers said is dropped, and that is said.
 */
import { type Adviser, type Analysis, type CallUsage, planOf } from "../domain/analysis.ts";
import { type DecisionRecord, type Outcome, planHash, writtenName } from "../domain/decision.ts";
import { advance } from "../domain/decision-machine.ts";
import type { InboxItem } from "../domain/item.ts";
import { contentHash } from "../domain/plan.ts";
import {
  answeredOf,
  type DialecticOrder,
  type DialecticStart,
  dialecticObstacle,
  talkObstacle,
} from "../domain/talk.ts";
import { type CardWorkflows, FIRST_SHOW } from "./cards.ts";
import { askAdvisers, weigh } from "./consult.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step, stepOnce } from "./engine.ts";
import { heldWords, itemOf, orReason, type Say, versionThatStands } from "./questions.ts";
import { putInPlace } from "./replacement.ts";

export interface DialecticDesk {
  /** Durable once it returns; one at a time for each decision. */
  start(order: Pick<DialecticOrder, "decisionId" | "by">): Promise<DialecticStart>;
}

/** Which round is next, and what is at work. */
interface Rounds {
  round: number;
  order: DialecticOrder | null;
}

const roundsKey = (id: string) => `dialectic:${id}`;

export function registerDialectic(deps: WorkflowDeps, cards: CardWorkflows, say: Say): DialecticDesk {
  const { books, exclusive, now } = deps;

  const dialectic = registerWorkflow("dialectic", async (order: DialecticOrder, round: number) => {
    const name = `${order.decisionId}:${round}`;
    await hearAll({ deps, cards, say, order, name });
    await step(`over:${name}`, () =>
      books.settings.set(roundsKey(order.decisionId), { round: round + 1, order: null }),
    );
  });

  return {
    async start({ decisionId, by }) {
      const id = await versionThatStands(deps, decisionId);
      return exclusive(`dialectic:${id}`, async (): Promise<DialecticStart> => {
        const at = now().toISOString();
        const obstacle = dialecticObstacle(await books.decisions.find(id), at);
        if (obstacle !== null) return obstacle;
        const { round, order: running } = (await books.settings.get<Rounds>(roundsKey(id))) ?? FIRST;
        const order = running ?? { decisionId: id, by, at };
        if (running === null) await books.settings.set(roundsKey(id), { round, order });
        // Started also for those who come second: it may be that the first one's process died right here.
        await startOnce(`dialectic:${id}:${round}`, dialectic, order, round);
        return running === null ? { kind: "started" } : { kind: "running", order: running };
      });
    },
  };
}

const FIRST: Rounds = { round: 0, order: null };

interface Round {
  deps: WorkflowDeps;
  cards: CardWorkflows;
  say: Say;
  order: DialecticOrder;
  /** Ends the names of the steps. */
  name: string;
}

async function hearAll(round: Round): Promise<void> {
  const { deps, say, order, name } = round;
  const { decisionId: id, by } = order;
  const decision = await step(`load:${name}`, () => deps.books.decisions.find(id));
  if (decision === null || dialecticObstacle(decision, order.at) !== null) return;
  await note(round, { outcome: "done", detail: "all three advisers are asked" });
  await say(`dialectic:${name}:began`, id, { kind: "dialectic-began", by });
  const heard = await orReason(() => consult(round, decision));
  if (heard.kind === "not-now") {
    await note(round, { outcome: "failed", detail: heard.reason });
    await say(`dialectic:${name}:failed`, id, { kind: "dialectic-failed", by, reason: heard.reason });
    return;
  }
  const closed = await orReason(() => step(`close:${name}`, () => closeOld(round, decision)));
  if (closed.kind === "closed") return replace(round, decision, heard);
  const { reason } = closed;
  await note(round, { outcome: "failed", detail: reason });
  await say(`dialectic:${name}:dropped`, id, { kind: "dialectic-dropped", by, reason });
}

/** In the audit of the decision. */
function note(
  { deps, order, name }: Round,
  { outcome, detail }: { outcome: "done" | "failed"; detail: string },
): Promise<void> {
  const { by, decisionId: subject } = order;
  return step(`audit-${outcome}:${name}`, () =>
    deps.books.audit.record({
      ...{ actor: by.slackId ?? by.name, action: "decision.dialectic", subject, outcome, detail },
    }),
  );
}

interface Heard {
  kind: "heard";
  asked: Adviser[];
  analysis: Analysis;
}

type NotNow = { kind: "not-now"; reason: string };
type Prepared = { kind: "ready"; asked: Adviser[]; item: InboxItem } | NotNow;

/** The three speak; the options are those on the card, whoever wrote them. */
async function consult({ deps, name }: Round, decision: DecisionRecord): Promise<Heard | NotNow> {
  const prepared = await stepOnce(`prepare:${name}`, () => prepare(deps, decision));
  if (prepared.kind === "not-now") return prepared;
  const { asked, item } = prepared;
  const { triage, frame: before, calls: earlier } = decision.analysis;
  const frame = { ...before, options: decision.proposal.options };
  const answered = answeredOf(decision.questions);
  const calls: CallUsage[] = [];
  const hearing = { deps, name, key: `dialectic:${name}`, asked, calls };
  const about = { item, triage, frame, ...(answered.length > 0 && { answered }) };
  const answers = await askAdvisers(hearing, about);
  const weighed = await weigh(hearing, about, answers);
  const all = [...earlier, ...calls];
  const costUsd = all.reduce((sum, call) => sum + call.costUsd, 0);
  const knew = answered.length > 0 ? { answered } : {};
  return { kind: "heard", asked, analysis: { triage, frame, ...weighed, calls: all, costUsd, ...knew } };
}

async function prepare(deps: WorkflowDeps, decision: DecisionRecord): Promise<Prepared> {
  const held = await deps.pause.state();
  if (held !== null) return { kind: "not-now", reason: heldWords(held) };
  const advisers = deps.counsel.advisers(await deps.notion.catalogue.advisers());
  return { kind: "ready", asked: advisers.slice(0, 3), item: await itemOf(deps, decision) };
}

/** A new decision in the place of the old one. From here on it has to happen. */
async function replace(
  { deps, cards, order, name }: Round,
  decision: DecisionRecord,
  { asked, analysis }: Heard,
): Promise<void> {
  const { books, notion } = deps;
  const { id, title } = decision;
  const reason = whyReplaced(order);
  const adviserIds = asked.flatMap(({ pageId }) => (pageId === null ? [] : [pageId]));
  const renewed = { title, analysis, proposal: planOf(analysis.frame, analysis.synthesis), adviserIds };
  const newId = await putInPlace(deps, decision, renewed);
  await step(`name-replacement:${name}`, async () => {
    await books.decisions.evolve(id, (known) => advance(known, { kind: "replaced", by: newId }));
  });
  await step(`audit-replaced:${name}`, () =>
    books.audit.record({
      ...{ actor: order.by.slackId ?? order.by.name, action: "decision.renewed", subject: id },
      ...{ outcome: "done", detail: reason },
    }),
  );
  const shown = await cards.show(newId, FIRST_SHOW);
  const write = { status: "Superseded", outcome: null, sentence: null, content: null } as const;
  await step(`close-pipe:${name}`, () => notion.decisions.writePipe(id, write));
  const advice = { disagreement: analysis.disagreement, adviserIds };
  await step(`intent:${name}`, () => notion.decisions.writeAdvice(decision.intentId, advice));
  await cards.showReplaced(id, shown);
}

function whyReplaced({ by }: DialecticOrder): string {
  return `All three advisers were asked by ${writtenName(by)}.`;
}

type Closing = { kind: "closed" } | NotNow;

/** The moment at which the old card stops being the one that counts, unless something came between. */
async function closeOld(
  { deps: { books, notion, now }, order }: Round,
  heard: DecisionRecord,
): Promise<Closing> {
  const { id, hash } = heard;
  const reason = whyReplaced(order);
  const pipe = await notion.decisions.readPipe(id);
  const isDecided = pipe.status === "Approved" || pipe.status === "Rejected";
  // A change in Notion that nobody has noticed yet must not be lost; it is taken up at the next poll.
  const isChanged = pipe.inTrash || isDecided || contentHash(pipe.content) !== hash;
  const at = now().toISOString();
  const stays = (why: string) => ({ patch: null, result: { kind: "not-now" as const, reason: why } });
  const evolved = await books.decisions.evolve<Closing>(id, (known) => {
    const { state } = known;
    const isMine = state.kind === "superseded" && state.reason === reason;
    if (isMine) return { patch: null, result: { kind: "closed" } };
    if (state.kind === "superseded") return stays("The plan was changed meanwhile.");
    if (state.kind !== "pending") return stays(settledWords(state.outcome));
    if (talkObstacle(known, at) !== null) return stays("Its time ended meanwhile.");
    if (isChanged) return stays("It was changed in Notion meanwhile.");
    if (planHash(known) !== planHash(heard)) return stays("The plan was changed on the card meanwhile.");
    const { patch } = advance(known, { kind: "supersede", reason, at });
    return { patch, result: { kind: "closed" } };
  });
  return evolved?.result ?? { kind: "not-now", reason: "The decision is not known any more." };
}

function settledWords({ verdict }: Outcome): string {
  if (verdict === "expired") return "It expired meanwhile.";
  return verdict === "withdrawn" ? "It was withdrawn meanwhile." : "It was decided meanwhile.";
}
