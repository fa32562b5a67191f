/**
 * Deciding again on what was settled. The old decision stays as it is and stands until the new one is made; the same
 * plan gets an Action Pipe, a card and a vote of its own. Asking for it is one cheap workflow that the first request wins;
 * what it takes is another one, which waits out any outage.
 */
import { type DecisionRecord, nameWithId, type Person, writtenName } from "../domain/decision.ts";
import { contentHash, planToContent } from "../domain/plan.ts";
import {
  earlierOf,
  followerOf,
  isSettled,
  leavesEarlierStanding,
  type ReopenObstacle,
  type ReopenOrder,
  type ReopenResult,
  reopenedPlan,
  type Settled,
  stillStands,
  whyNotReopened,
} from "../domain/reopening.ts";
import { type CardWorkflows, FIRST_SHOW } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";
import type { PageRef } from "./ports.ts";
import { decisionSentence } from "./record.ts";
import { expiryOf } from "./record-analysis.ts";

export interface Reopenings {
  /** Why it cannot be reopened now; null while it can. */
  obstacle(decisionId: string): Promise<ReopenObstacle | null>;
  /** Durable once it returns. Who may was checked before. */
  reopen(order: ReopenOrder): Promise<ReopenResult>;
}

/** `no`: the state that the decision was in; all who saw the same one ask for the same thing. */
interface Numbered extends ReopenOrder {
  no: number;
}

type Claimed =
  | { kind: "won"; by: Person; at: string; token: string }
  | { kind: "void"; result: ReopenObstacle };

/** What the new decision is told of the old one. */
interface Request {
  id: string;
  no: number;
  by: Person;
  reason: string;
  at: string;
}

export function registerReopen(deps: WorkflowDeps, cards: CardWorkflows): Reopenings {
  const { books, now } = deps;
  const carryOut = registerCarryOut(deps, cards);

  const claim = registerWorkflow("reopening", async (order: Numbered): Promise<Claimed> => {
    const { decisionId: id, no, by, reason, token } = order;
    const found = await step(`look:${id}`, async () => ({
      obstacle: whyNotReopened(await books.decisions.find(id)),
      at: now().toISOString(),
    }));
    if (found.obstacle !== null) return { kind: "void", result: found.obstacle };
    await startOnce(`reopen:${id}:${no}`, carryOut, { id, no, by, reason, at: found.at });
    await step(`audit:${id}`, () =>
      books.audit.record({
        actor: by.slackId ?? by.name,
        action: "decision.reopened",
        subject: id,
        outcome: "done",
        detail: reason,
        at: found.at,
      }),
    );
    return { kind: "won", by, at: found.at, token };
  });

  const withCard = async (result: ReopenObstacle, id: string): Promise<ReopenObstacle> => {
    if (result.kind !== "already-reopened") return result;
    const next = (await books.decisions.find(id))?.reopenedAs?.id ?? null;
    return {
      ...result,
      cardUrl: next === null ? null : ((await books.decisions.find(next))?.cardUrl ?? null),
    };
  };

  return {
    async obstacle(id) {
      const found = whyNotReopened(await books.decisions.find(id));
      return found === null ? null : withCard(found, id);
    },
    async reopen(order) {
      const { decisionId: id } = order;
      const known = await books.decisions.find(id);
      const obstacle = whyNotReopened(known);
      if (known === null || obstacle !== null) return withCard(obstacle ?? { kind: "not-found" }, id);
      const started = await startOnce(`reopening:${id}:${known.rev}`, claim, { ...order, no: known.rev });
      const claimed = await started.result();
      if (claimed.kind === "void") return withCard(claimed.result, id);
      if (claimed.token === order.token) return { kind: "accepted" };
      return withCard({ kind: "already-reopened", by: claimed.by, at: claimed.at, cardUrl: null }, id);
    },
  };
}

function registerCarryOut(deps: WorkflowDeps, cards: CardWorkflows) {
  const { books, notion } = deps;

  return registerWorkflow("reopen", async (request: Request): Promise<void> => {
    const { id, no, by, reason, at } = request;
    const old = await step(`load:${id}`, () => books.decisions.find(id));
    if (old === null || !isSettled(old)) return;
    const title = old.title;
    const proposal = reopenedPlan(old);
    const content = planToContent(title, proposal);
    const page = await step(`pipe:${id}:${no}`, () =>
      // Its analysis was paid for once.
      notion.decisions.createPipe(
        { content, raw: old.analysis, intentId: old.intentId, adviserIds: [], costUsd: 0 },
        { key: `reopen:${id}:${no}` },
      ),
    );
    // First of all, so that there is no moment at which it could be reopened twice.
    await step(`reopened:${id}:${no}`, async () => {
      await books.decisions.evolve(id, () => ({
        patch: { reopenedAs: { id: page.id, by, reason, at } },
        result: null,
      }));
    });
    await step(`decision:${id}:${no}`, () =>
      insertReopened(deps, old, { page, request, proposal, hash: contentHash(content) }),
    );
    await step(`log:${id}:${no}`, async () => {
      const stands = decisionSentence((await standing(deps, old)).state.outcome);
      return notion.records.createLog(
        {
          title: `Decision reopened: ${title}`,
          action: `Reopened by ${writtenName(by)}. Reason: ${reason} Until it is decided again, this stands: ${stands}`,
          at,
          actor: nameWithId(by),
          intentId: old.intentId,
          pipeId: id,
        },
        { key: `reopen-log:${id}:${no}` },
      );
    });
    // The old card links to the new one, so that has to be there.
    await (await cards.show(page.id, FIRST_SHOW)).result();
    const { decision, url } = await step(`link:${id}:${no}`, () => linked(deps, { id, to: page.id }));
    await cards.show(id, `reopened-${no}`);
    if (decision !== null) await cards.say(`reopened:${id}:${no}`, { kind: "reopened", decision, url });
  });
}

/** The one that stands: where nobody decided anew, it is the one before. */
async function standing(deps: WorkflowDeps, decision: Settled): Promise<Settled> {
  const { state, reopening } = decision;
  if (reopening === null || !leavesEarlierStanding(state.outcome.verdict)) return decision;
  const before = await deps.books.decisions.find(reopening.of);
  return before !== null && isSettled(before) ? standing(deps, before) : decision;
}

/** More than anybody decides the same thing anew. */
const FOLLOWERS_AT_MOST = 50;

/** All that followed a decision, one after the other. */
export async function followersOf(
  { books }: Pick<WorkflowDeps, "books">,
  decision: DecisionRecord,
): Promise<DecisionRecord[]> {
  const later: DecisionRecord[] = [];
  while (later.length < FOLLOWERS_AT_MOST) {
    const id = followerOf(later.at(-1) ?? decision);
    const next = id === null ? null : await books.decisions.find(id);
    if (next === null) break;
    later.push(next);
  }
  return later;
}

/** Also what the store does not know: nothing says that it was reopened. */
export async function isStanding(deps: Pick<WorkflowDeps, "books">, id: string): Promise<boolean> {
  const decision = await deps.books.decisions.find(id);
  return decision === null || stillStands(decision, await followersOf(deps, decision));
}

/** Has the old card drawn anew: the sweep may have drawn it before there was anything to link to. */
async function linked({ books }: WorkflowDeps, { id, to }: { id: string; to: string }) {
  const touched = await books.decisions.evolve(id, ({ reopenedAs }) => ({
    patch: reopenedAs?.id === to ? { reopenedAs } : null,
    result: null,
  }));
  return { decision: touched?.decision ?? null, url: (await books.decisions.find(to))?.cardUrl ?? null };
}

interface Made {
  page: PageRef;
  request: Request;
  proposal: DecisionRecord["proposal"];
  hash: string;
}

async function insertReopened(
  { books, rules, now }: WorkflowDeps,
  old: Settled,
  { page, request, proposal, hash }: Made,
): Promise<void> {
  const createdAt = now().toISOString();
  const { by, reason, at } = request;
  await books.decisions.insert({
    id: page.id,
    itemId: old.itemId,
    intentId: old.intentId,
    intentUrl: old.intentUrl,
    pipeUrl: page.url,
    title: old.title,
    analysis: old.analysis,
    proposal,
    hash,
    // Who asked stays the one who asked: nobody approves their own request by having it reopened.
    requestedBy: old.requestedBy,
    areaId: old.areaId,
    createdAt,
    expiresAt: expiryOf(createdAt, rules.ttlHours),
    questions: old.questions.filter(({ answer }) => answer !== null),
    reopening: { of: old.id, by, reason, at, earlier: earlierOf(old) },
  });
}
