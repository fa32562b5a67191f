/**
 * The content of a pending decision was changed in Notion: the old card is closed as superseded, and the changed
 * content gets an Action Pipe, a hash and a card of its own. What people voted on is never changed under them.
 */
import { type DecisionRecord, inFull, type Reopening } from "../domain/decision.ts";
import { advance } from "../domain/decision-machine.ts";
import { contentToPlan } from "../domain/plan.ts";
import { type CardWorkflows, FIRST_SHOW } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";
import type { PipeRow } from "./ports.ts";
import { putInPlace } from "./replacement.ts";

/**
 * Starts it once for each state that a decision is seen in, whoever notices the change first; does not wait for it. When
 * somebody decides meanwhile, nothing happens: carrying the decision out, or taking it back, looks at Notion again.
 */
export type Supersede = (decision: DecisionRecord, pipe: PipeRow, reason: string) => Promise<void>;
type Args = Parameters<Supersede>;

export function registerSupersede(deps: WorkflowDeps, cards: CardWorkflows): Supersede {
  const { notion, books } = deps;

  const supersede = registerWorkflow("supersede", async (...[kept, pipe, reason]: Args): Promise<void> => {
    const decision = inFull(kept);
    const { id } = decision;
    const closed = await step(`supersede:${id}`, async () => {
      const at = deps.now().toISOString();
      const moved = await books.decisions.evolve(id, (known) => {
        const { kind } = known.state;
        const isOvertaken = kind !== decision.state.kind && kind !== "superseded";
        if (isOvertaken) return { patch: null, result: false };
        return advance(known, { kind: "supersede", reason, at });
      });
      return moved?.result ?? false;
    });
    if (!closed) return;
    await step(`audit:${id}`, async () => {
      const entry = { actor: pipe.lastEditedBy, subject: id, outcome: "done" };
      await books.audit.record({ ...entry, ...closing(await books.decisions.find(id), reason) });
    });
    if (!pipe.inTrash) {
      const newId = await replace(deps, decision, pipe);
      await step(`name-replacement:${id}`, async () => {
        await books.decisions.evolve(id, (known) => advance(known, { kind: "replaced", by: newId }));
      });
      const shown = await cards.show(newId, FIRST_SHOW);
      const write = { status: "Superseded", outcome: null, sentence: null, content: null } as const;
      await step(`close-pipe:${id}`, () => notion.decisions.writePipe(id, write));
      await cards.showReplaced(id, shown);
      return;
    }
    if (decision.reopening !== null) await endReopening(deps, cards, decision.reopening);
    await cards.show(id, "superseded");
  });

  return async (...args) => {
    const { id, round, state } = inFull(args[0]);
    await startOnce(`supersede:${id}:${round}:${state.kind}`, supersede, ...args);
  };
}

/** Whoever counts decisions in the audit takes off the voided ones. */
function closing(known: DecisionRecord | null, reason: string): { action: string; detail: string } {
  const voided = known?.state.kind === "superseded" ? known.state.voided : undefined;
  if (voided === undefined) return { action: "decision.superseded", detail: reason };
  return { action: "decision.voided", detail: `${voided.verdict} by ${voided.by.name}: ${reason}` };
}

/** What was to be decided again is gone: the settled decision can be reopened once more. */
async function endReopening(
  { books }: WorkflowDeps,
  cards: CardWorkflows,
  { of, at }: Reopening,
): Promise<void> {
  const settled = await step(`end-reopening:${of}`, async () => {
    const ended = await books.decisions.evolve(of, ({ reopenedAs }) => ({
      patch: reopenedAs?.at === at ? { reopenedAs: null } : null,
      result: null,
    }));
    return ended?.decision ?? null;
  });
  if (settled) await cards.show(of, `not-reopened-${settled.rev}`);
}

function replace(deps: WorkflowDeps, decision: DecisionRecord, pipe: PipeRow): Promise<string> {
  return putInPlace(deps, decision, {
    title: pipe.content.title || decision.title,
    analysis: decision.analysis,
    proposal: contentToPlan(pipe.content, decision.proposal),
    adviserIds: [],
  });
}
