/** A decision in the place of another one on the same intent: an Action Pipe and a record of its own. Each exactly once. */
import type { Analysis } from "../domain/analysis.ts";
import type { DecisionRecord } from "../domain/decision.ts";
import { contentHash, type Plan, planToContent } from "../domain/plan.ts";
import type { WorkflowDeps } from "./deps.ts";
import { step } from "./engine.ts";
import { expiryOf } from "./record-analysis.ts";

export interface Renewed {
  title: string;
  analysis: Analysis;
  proposal: Plan;
  /** Registry pages of the advisers who were heard anew. */
  adviserIds: string[];
}

/** Its time begins anew; what was asked and answered goes along. Returns its id. */
export async function putInPlace(
  { notion, books, rules, now }: WorkflowDeps,
  { id, intentId }: DecisionRecord,
  { title, analysis, proposal, adviserIds }: Renewed,
): Promise<string> {
  const content = planToContent(title, proposal);
  const page = await step(`replacement:${id}`, () =>
    notion.decisions.createPipe(
      { content, raw: analysis, intentId, adviserIds, costUsd: analysis.costUsd },
      { key: `replaces:${id}` },
    ),
  );
  await step(`replacement-decision:${id}`, async () => {
    // Read now: somebody may have answered a moment before it was replaced.
    const replaced = await books.decisions.find(id);
    if (replaced === null) return;
    const { itemId, intentUrl, requestedBy, areaId, questions, reopening } = replaced;
    const createdAt = now().toISOString();
    await books.decisions.insert({
      ...{ id: page.id, itemId, intentId, intentUrl, pipeUrl: page.url, title, analysis, proposal },
      ...{ hash: contentHash(content), requestedBy, areaId, questions, reopening },
      ...{ createdAt, expiresAt: expiryOf(createdAt, rules.ttlHours) },
    });
  });
  return page.id;
}
