/** A finished analysis into Notion and the store: intent, Action Pipe, pending decision. Each exactly once. */
import { DUE_DAYS, planOf, priorityOf } from "../domain/analysis.ts";
import { askedOf } from "../domain/asked.ts";
import { contentHash, planToContent } from "../domain/plan.ts";
import type { Deliberated, Triaged } from "./consult.ts";
import { step } from "./engine.ts";
import type { ItemContext } from "./item.ts";

const DAY_MS = 86_400_000;

export async function recordAnalysis(
  context: ItemContext,
  triaged: Triaged,
  deliberated: Deliberated,
): Promise<{ decisionId: string; intentId: string; title: string }> {
  const { deps, run, item, keyed } = context;
  const { triage, areaId } = triaged;
  const { analysis, asked, nodeIds } = deliberated;
  const proposal = planOf(analysis.frame, analysis.synthesis);
  const content = planToContent(triage.title, proposal);
  const adviserIds = asked.flatMap((adviser) => (adviser.pageId === null ? [] : [adviser.pageId]));
  // The clock is read once, in a step, so that a replay writes the same dates.
  const createdAt = await step(`now:${run.pageId}`, async () => deps.now().toISOString());

  const intent = await step(`intent:${run.pageId}`, () =>
    deps.notion.decisions.createIntent(
      {
        title: triage.title,
        description: item.content || item.title,
        successCriteria: analysis.frame.successCriteria,
        triage,
        disagreement: analysis.disagreement,
        areaId,
        nodeIds,
        adviserIds,
        itemId: item.id,
        createdOn: createdAt.slice(0, 10),
        dueOn: addDays(createdAt, DUE_DAYS[priorityOf(triage.impact)]),
      },
      keyed("intent"),
    ),
  );
  const pipe = await step(`pipe:${run.pageId}`, () =>
    deps.notion.decisions.createPipe(
      { content, raw: analysis, intentId: intent.id, adviserIds, costUsd: analysis.costUsd },
      keyed("pipe"),
    ),
  );
  await step(`decision:${run.pageId}`, async () => {
    const origin = await deps.books.origins.origin(run.pageId);
    await deps.books.decisions.insert({
      id: pipe.id,
      itemId: item.id,
      intentId: intent.id,
      pipeUrl: pipe.url,
      intentUrl: intent.url,
      title: triage.title,
      analysis,
      asked: askedOf(item),
      proposal,
      hash: contentHash(content),
      requestedBy: origin.requestedBy ?? item.requestedBy,
      areaId,
      createdAt,
      expiresAt: expiryOf(createdAt, deps.rules.ttlHours),
    });
  });
  return { decisionId: pipe.id, intentId: intent.id, title: triage.title };
}

/** YYYY-MM-DD. */
function addDays(moment: string, days: number): string {
  return new Date(Date.parse(moment) + days * DAY_MS).toISOString().slice(0, 10);
}

/** 0 hours = never. */
export function expiryOf(createdAt: string, ttlHours: number): string | null {
  return ttlHours === 0 ? null : new Date(Date.parse(createdAt) + ttlHours * 3_600_000).toISOString();
}
