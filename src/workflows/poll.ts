/**
 * One poll: look into the inbox, start what is due, then the sweep. Two Notion queries when there is nothing to
 * do, whatever the history. A poll does not wait for an outage to end: it fails, says so, and the next one tries.
 */
import { type Backlog, seeBacklog, type WaitingRow } from "../domain/backlog.ts";
import type { PollOutcome, PollReport } from "../domain/health.ts";
import type { InboxRef, ItemResult } from "../domain/item.ts";
import type { PauseState } from "../domain/pause.ts";
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

/** Failed attempts are repeated well before this. */
const LONGEST_RETRY_MS = 10 * 60_000;

/** The last poll's Backlog, in the settings. */
export const BACKLOG = "backlog";

const JUST_FINISHED = "just finished";
const GIVEN_UP = "given up; Retry is on its card in the alerts channel";

interface PollPlan {
  starts: ItemStart[];
  waiting: PollReport["waiting"];
  budgetReached: boolean;
}

export function registerPoll(
  deps: WorkflowDeps,
  parts: { cards: CardWorkflows; item: (run: ItemStart) => Promise<ItemResult>; sweep: Sweep },
) {
  const { books, rules } = deps;

  const poll = registerWorkflow("poll", async (tick: string): Promise<StoredPoll> => {
    const refs = await stepOnce(`inbox:${tick}`, () => lookUnlessPaused(deps));
    if (!Array.isArray(refs)) return { ...NOTHING, paused: refs.paused };
    const plan = await stepOnce(`plan:${tick}`, () => planPoll(deps, refs));
    for (const run of plan.starts) await enqueueOnce(`item:${run.pageId}:${run.attempt}`, parts.item, run);
    if (plan.budgetReached) {
      const day = await stepOnce(`day:${tick}`, async () => books.spend.today());
      await parts.cards.say(`budget:${day}`, { kind: "budget-reached", capUsd: rules.dailyBudgetUsd, day });
    }
    const swept = await parts.sweep(tick);
    const runs = plan.starts.map(({ pageId, attempt }) => ({ pageId, attempt }));
    return { found: refs.length, started: runs.length, runs, waiting: plan.waiting, swept, paused: null };
  });

  return {
    /** The same tick polls once, on whichever replica is first; every caller gets its report. */
    poll: async (tick: string): Promise<PollOutcome> =>
      toOutcome(await (await startOnce(`poll:${tick}`, poll, tick)).result()),
    /** Polls without waiting for the cron, and without waiting for the end. While polls are paused it does nothing. */
    async pollSoon(occasion: string): Promise<void> {
      await startOnce(`poll:${occasion}`, poll, occasion);
    },
  };
}

/** As the engine keeps it: flat, so that a version before pauses can read what a later one found. */
type StoredPoll = PollReport & { paused: PauseState | null };

const NOTHING: PollReport = { found: 0, started: 0, runs: [], waiting: [], swept: 0 };

function toOutcome(stored: StoredPoll): PollOutcome {
  const { paused, ...report } = { ...NOTHING, ...stored };
  return paused ? { kind: "paused", pause: paused } : { kind: "polled", report };
}

async function lookUnlessPaused(deps: WorkflowDeps): Promise<InboxRef[] | { paused: PauseState }> {
  const paused = await deps.pause.state();
  return paused === null ? deps.notion.inbox.waiting() : { paused };
}

async function planPoll({ books, rules, now }: WorkflowDeps, refs: InboxRef[]): Promise<PollPlan> {
  const known = await books.items.known(refs.map((ref) => ref.id));
  const budgetReached = await isBudgetReached(books, rules.dailyBudgetUsd);
  const starts: ItemStart[] = [];
  const reasons = new Map<string, number>();
  const waitingRows: WaitingRow[] = [];
  for (const ref of refs) {
    const seen = known.get(ref.id) ?? null;
    const reason = whyNotNow({ ref, seen, budgetReached, now: now().getTime() });
    if (reason !== JUST_FINISHED && reason !== GIVEN_UP) waitingRows.push({ ...ref, begun: reason === null });
    const run: ItemRun | null = reason === null ? await books.items.begin(ref, seen, now()) : null;
    if (run) starts.push({ ...run, suspect: seen === null && ref.status === "Processing" });
    else if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const waiting = [...reasons].map(([reason, count]) => ({ reason, count }));
  const before = await books.settings.get<Backlog>(BACKLOG);
  await books.settings.set(BACKLOG, seeBacklog(before, waitingRows, now().toISOString()));
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
  // Either side of now: what a clock wrote that was ahead must not hold anything back until it is caught up with.
  const isWithin = (moment: number, ms: number) => Math.abs(now - moment) < ms;
  if (isEnded && isWithin(seen.updated_at.getTime(), ENDED_GRACE_MS)) return JUST_FINISHED;
  if (isEnded && ref.status === "Processing") return GIVEN_UP;
  if (
    seen === null &&
    ref.status === "Processing" &&
    isWithin(Date.parse(ref.lastEditedAt), FOREIGN_CLAIM_MS)
  ) {
    return "claimed by something else a moment ago";
  }
  if (budgetReached) return "the daily budget is reached";
  const nextAt = seen?.next_at?.getTime() ?? 0;
  if (nextAt > now && isWithin(nextAt, LONGEST_RETRY_MS)) return "waits before its next attempt";
  return null;
}
