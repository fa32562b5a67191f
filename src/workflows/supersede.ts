/**
 * The content of a pending decision was changed in Notion: the old card is closed as superseded, and the changed
 * content gets an Action Pipe, a hash and a card of its own. What people voted on is never changed under them.
 */
import type { DecisionRecord } from "../domain/decision.ts";
import { contentHash, contentToPlan, planToContent } from "../domain/plan.ts";
import { type CardWorkflows, FIRST_SHOW } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";
import type { PipeRow } from "./ports.ts";
import { expiryOf } from "./record-analysis.ts";

/** Starts it once for each decision, whoever notices the change first; does not wait for it. */
export type Supersede = (decision: DecisionRecord, pipe: PipeRow, reason: string) => Promise<void>;
type Args = Parameters<Supersede>;

export function registerSupersede(deps: WorkflowDeps, cards: CardWorkflows): Supersede {
  const { notion, books } = deps;

  const supersede = registerWorkflow(
    "supersede",
    async (...[decision, pipe, reason]: Args): Promise<void> => {
      const { id } = decision;
      const closed = await step(`supersede:${id}`, async () => {
        const moved = await books.decisions.supersede(id, { kind: "superseded", by: null, reason });
        return moved !== null || (await books.decisions.find(id))?.state.kind === "superseded";
      });
      if (!closed) return;
      await step(`audit:${id}`, () =>
        books.audit.record({
          actor: pipe.lastEditedBy,
          action: "decision.superseded",
          subject: id,
          outcome: "done",
          detail: reason,
        }),
      );
      if (!pipe.inTrash) {
        const newId = await replace(deps, decision, pipe);
        await step(`name-replacement:${id}`, async () => {
          await books.decisions.nameReplacement(id, { kind: "superseded", by: newId, reason });
        });
        await cards.show(newId, FIRST_SHOW);
        const write = { status: "Superseded", outcome: null, sentence: null, content: null } as const;
        await step(`close-pipe:${id}`, () => notion.decisions.writePipe(id, write));
      }
      await cards.show(id, "superseded");
    },
  );

  return async (...args) => {
    await startOnce(`supersede:${args[0].id}`, supersede, ...args);
  };
}

async function replace(
  { notion, books, rules, now }: WorkflowDeps,
  decision: DecisionRecord,
  pipe: PipeRow,
): Promise<string> {
  const { id, analysis } = decision;
  const proposal = contentToPlan(pipe.content, decision.proposal);
  const title = pipe.content.title || decision.title;
  const content = planToContent(title, proposal);
  const hash = contentHash(content);
  const page = await step(`replacement:${id}`, () =>
    notion.decisions.createPipe(
      { content, raw: analysis, intentId: decision.intentId, adviserIds: [], costUsd: analysis.costUsd },
      { key: `replaces:${id}` },
    ),
  );
  await step(`replacement-decision:${id}`, async () => {
    const createdAt = now().toISOString();
    await books.decisions.insert({
      id: page.id,
      itemId: decision.itemId,
      intentId: decision.intentId,
      intentUrl: decision.intentUrl,
      pipeUrl: page.url,
      title,
      analysis,
      proposal,
      hash,
      requestedBy: decision.requestedBy,
      areaId: decision.areaId,
      createdAt,
      expiresAt: expiryOf(createdAt, rules.ttlHours),
    });
  });
  return page.id;
}
