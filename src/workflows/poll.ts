/**
 * One poll: look into the inbox, start what is due, then the sweep. Two Notion queries when there is nothing to
 * do, whatever the history. A poll does not wait for an outage to end: it fails, says so, and the next one tries.
 */
import type { PollReport } from "../domain/health.ts";
import type { InboxRef, ItemResult } from "../domain/item.ts";
import type { ItemEntry, ItemRun } from "./books.ts";
import { isBudgetReached } from "./budget.ts";
import type { CardWorkflows } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { enqueueOnce, registerWorkflow, startOnce, stepOnce } from "./engine.ts";
import type { ItemStart } from "./item.ts";
import type { Sweep } from "./sweep.ts";

/** An item that somebody else set to Processing is left alone for this long. */
const FOREIGN_CLAIM_MS = 10 * 60_000;
/** A row we ended may still look unprocessed for this long, because queries lag behind writes; later it was put back. */
const ENDED_GRACE_MS = 2 * 60_000;

interface PollPlan {
  starts: ItemStart[];
  waiting: PollReport["waiting"];
  budgetReached: boolean;
}

export function registerPoll(
  deps: WorkflowDeps,
  parts: { cards: CardWorkflows; item: (run: ItemStart) => Promise<ItemResult>; sweep: Sweep },
) {
  const { notion, books, rules } = deps;

  const poll = registerWorkflow("poll", async (tick: string): Promise<PollReport> => {
    const refs = await stepOnce(`inbox:${tick}`, () => notion.inbox.waiting());
    const plan = await stepOnce(`plan:${tick}`, () => planPoll(deps, refs));
    for (const run of plan.starts) await enqueueOnce(`item:${run.pageId}:${run.attempt}`, parts.item, run);
    if (plan.budgetReached) {
      const day = await stepOnce(`day:${tick}`, async () => books.spend.today());
      await parts.cards.say(`budget:${day}`, { kind: "budget-reached", capUsd: rules.dailyBudgetUsd, day });
    }
    const swept = await parts.sweep(tick);
    return { found: refs.length, started: plan.starts.length, waiting: plan.waiting, swept };
  });

  return {
    /** The same tick polls once, on whichever replica is first; every caller gets its report. */
    poll: async (tick: string): Promise<PollReport> => (await startOnce(`poll:${tick}`, poll, tick)).result(),
    /** Polls without waiting for the cron, and without waiting for the end. */
    async pollSoon(occasion: string): Promise<void> {
      await startOnce(`poll:${occasion}`, poll, occasion);
    },
  };
}

async function planPoll({ books, rules, now }: WorkflowDeps, refs: InboxRef[]): Promise<PollPlan> {
  const known = await books.items.known(refs.map((ref) => ref.id));
  const budgetReached = await isBudgetReached(books, rules.dailyBudgetUsd);
  const starts: ItemStart[] = [];
  const reasons = new Map<string, number>();
  for (const ref of refs) {
    const seen = known.get(ref.id) ?? null;
    const reason = whyNotNow({ ref, seen, budgetReached, now: now().getTime() });
    const run: ItemRun | null = reason === null ? await books.items.begin(ref, seen) : null;
    if (run) starts.push({ ...run, suspect: seen === null && ref.status === "Processing" });
    else if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const waiting = [...reasons].map(([reason, count]) => ({ reason, count }));
  return { starts, waiting, budgetReached: budgetReached && waiting.length > 0 };
}

interface Candidate {
  ref: InboxRef;
  seen: ItemEntry | null;
  budgetReached: boolean;
  now: number;
}

/**
 * null = start it. A running one is started again on purpose: its workflow id makes that a no-op, unless a crash
 * came between counting the attempt and starting it.
 */
export function whyNotNow({ ref, seen, budgetReached, now }: Candidate): string | null {
  if (seen?.state === "running") return null;
  const isEnded = seen?.state === "done" || seen?.state === "dead" || seen?.state === "ignored";
  if (isEnded && now - seen.updated_at.getTime() < ENDED_GRACE_MS) return "just finished";
  if (isEnded && ref.status === "Processing") return "given up; Retry is on its card in the alerts channel";
  if (seen === null && ref.status === "Processing" && now - Date.parse(ref.lastEditedAt) < FOREIGN_CLAIM_MS) {
    return "claimed by something else a moment ago";
  }
  if (budgetReached) return "the daily budget is reached";
  if (seen?.next_at && seen.next_at.getTime() > now) return "waits before its next attempt";
  return null;
}
