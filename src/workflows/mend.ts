/**
 * After each poll: work that ended in an error although nobody gave it up is taken up again at the step that
 * failed (an operator may have mended Notion since), and old bookkeeping is forgotten. Outside workflows on
 * purpose: the engine refuses to rewind from inside one.
 */
import type { WorkflowDeps } from "./deps.ts";
import { failedWorkflows, rewindToFailure } from "./engine.ts";
import { forgetSteps, forgetWorkflows } from "./forget.ts";
import type { ItemStart } from "./item.ts";

/** Everything that has to happen some day. Items have their own attempts; polls and repairs come by again. */
const MUST_HAPPEN = [
  "decision",
  "decide",
  "batch",
  "record",
  "undo-window",
  "undo-overdue",
  "undo",
  "changed-in-notion",
  "supersede",
  "reopening",
  "reopen",
  "review-answer",
  "review-record",
  "expire",
  "letter",
  "deadletter-card",
  "capture",
  "capture-thread",
  "card",
  "rollback",
  "rollback-card",
  "rollback-end",
  "say",
  "advice",
  "thread-line",
  "talk",
  "question",
  "question-asked",
  "answer",
  "answer-given",
  "adviser-answer",
  "dialectic",
  "deputy",
  "deputy-tell",
  "incident",
  "incident-close",
  "maintenance-card",
  "digest",
  "webhook",
];
const MEND_AFTER_MS = 60_000;

const DAY_MS = 86_400_000;
/** A poll's id is never asked for again. */
const FORGET_AFTER_A_DAY = [
  "alert:",
  "alert-repair:",
  "poll:",
  "remind:",
  "review-ask:",
  "review-end:",
  "card-repair:",
  "wake:",
];
/** KEPT are not in the list: an old card must never be decidable again. */
const FORGET_AFTER_A_MONTH = [
  "item:",
  "card:",
  "say:",
  "advice:",
  "thread-line:",
  "talk:",
  "question:",
  "question-asked:",
  "answer:",
  "answer-given:",
  "adviser-answer:",
  "dialectic:",
  "notion:",
  "undo",
  "batch:",
  "expire:",
  "capture:",
  "capture-thread:",
  "letter:",
  "reopening:",
  "reopen:",
  "review-answer:",
  "review-record:",
  "deadletter:",
  "rollback",
  "deputy:",
  "deputy-tell:",
  "incident:",
  "incident-close:",
  "maintenance:",
  "digest:",
  "export:",
  "audit-file:",
  "webhook:",
];
/** Their keys stay for ever; after a month nobody needs what their steps returned. By the workflow's name. */
const KEPT = ["decision", "decide", "record", "supersede"];
const LAST_PRUNED = "pruned";
/** Whatever does not fit goes with the next poll, which this must not hold up. */
const PRUNE_MS = 10_000;

export function createMend(deps: WorkflowDeps): () => Promise<void> {
  return () =>
    deps.exclusive("mend", async () => {
      const now = deps.now();
      await retakeFailed(deps, new Date(now.getTime() - MEND_AFTER_MS));
      await failBrokenItems(deps, new Date(now.getTime() - MEND_AFTER_MS));
      await prune(deps, now);
    });
}

async function retakeFailed({ log }: WorkflowDeps, before: Date): Promise<void> {
  for (const { id } of await failedWorkflows(MUST_HAPPEN, before)) {
    log.warn({ workflow: id }, "taking up failed work again");
    await rewindToFailure(id);
  }
}

/** An attempt that the engine itself ended counts as a failed one, so that the next poll tries anew. */
async function failBrokenItems({ books, log }: WorkflowDeps, before: Date): Promise<void> {
  for (const { id, input } of await failedWorkflows(["item"], before)) {
    const run = input[0] as ItemStart;
    const reason = "The attempt was broken off by an internal error.";
    const { failures } = await books.items.failed(run, reason, Number.POSITIVE_INFINITY);
    log.error({ workflow: id, item: run.pageId, failures }, "attempt broken off");
    await forgetWorkflows([id], new Date());
  }
}

async function prune({ books, log }: WorkflowDeps, now: Date): Promise<void> {
  const last = await books.settings.get<{ at: string }>(LAST_PRUNED);
  if (last && now.getTime() - Date.parse(last.at) < DAY_MS) return;
  const deadline = performance.now() + PRUNE_MS;
  const month = new Date(now.getTime() - 30 * DAY_MS);
  const polls = await forgetWorkflows(FORGET_AFTER_A_DAY, new Date(now.getTime() - DAY_MS), deadline);
  const others = await forgetWorkflows(FORGET_AFTER_A_MONTH, month, deadline);
  const steps = await forgetSteps(KEPT, month, deadline);
  await books.deliveries.forgetBefore(new Date(now.getTime() - 7 * DAY_MS));
  await books.webhooks.forgetOld(now);
  const counts = { polls: polls.count, others: others.count, steps: steps.count };
  if (![polls, others, steps].every(({ isAll }) => isAll)) {
    log.info(counts, "some old bookkeeping forgotten; the rest follows");
    return;
  }
  await books.settings.set(LAST_PRUNED, { at: now.toISOString() });
  log.info(counts, "old bookkeeping forgotten");
}
