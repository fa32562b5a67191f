/** Notion, within the request budget that all replicas share. */
import { setTimeout as sleep } from "node:timers/promises";
import PQueue from "p-queue";
import type { Config } from "../config.ts";
import { toFailure } from "../errors.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Pacer } from "../notion/ports.ts";
import { createNotionWorkspace, type NotionWorkspace } from "../notion/workspace.ts";
import * as ledgers from "../store/ledgers.ts";
import { createNodeMemory } from "../store/node-memory.ts";
import type { Store } from "../store/store.ts";
import { isBacklog } from "../workflows/precedence.ts";

/** Notion's window is a minute; one second and two requests are kept back for clock differences. */
const NOTION_WINDOW_MS = 61_000;
const NOTION_RESERVE = 2;
/** Kept for looking at the ten databases once a minute: that must not have to wait behind a backlog. */
const PROBES_A_MINUTE = 10;
const PROBE_PART = 0.06;
/** Of what is for work: kept free of the backlog, so that a decision, about ten requests, need not wait behind it. */
const PEOPLE_PART = 1 / 14;
/** A look that would wait longer is left out; the one before it still counts for a while. */
const PROBE_WAIT_MS = 3_000;

interface NotionParts {
  store: Store;
  log: Log;
  metrics: Pick<Metrics, "notionCall">;
  /** When to look for a page whose creation was not answered. */
  lookupDelaysMs: readonly number[] | undefined;
  backoffMs: number | undefined;
}

export function createNotion(
  config: Config,
  { store, log, metrics, lookupDelaysMs, backoffMs }: NotionParts,
): NotionWorkspace {
  const shares = sharesOf(config.notion.requestsPerMinute);
  const pacer = (key: string, limit: number, looking: { maxWaitMs?: number; leaves?: number } = {}) =>
    ledgers.createPacer(store.db, {
      ...{ key, limit, windowMs: NOTION_WINDOW_MS, ...looking },
      sleep: (durationMs) => sleep(durationMs),
    });
  return createNotionWorkspace({
    ...config.notion,
    ledger: ledgers.createWriteLedger(store.db),
    pacer: peopleFirst(pacer("notion", shares.work), shares.people),
    probePacer: firstFree(
      pacer("notion-probes", shares.probes, { maxWaitMs: PROBE_WAIT_MS }),
      pacer("notion", shares.work, { maxWaitMs: 0, leaves: shares.people }),
    ),
    exclusive: store.exclusive,
    counters: ledgers.createCounters(store),
    nodeMemory: createNodeMemory(store.db),
    log: moduleLog(log, "notion"),
    observe: metrics.notionCall,
    lookupDelaysMs,
    backoffMs,
  });
}

/** Items come by the hundred: they leave as many turns as `kept`, so that whoever has just clicked waits for none of them. */
function peopleFirst(all: ReturnType<typeof ledgers.createPacer>, kept: number): Pacer {
  // One at a time: two that saw the same free turn would both take one.
  const backlog = new PQueue({ concurrency: 1 });
  const afterPeople = async () => {
    await all.room(kept);
    await all.take();
  };
  return {
    take: () => (isBacklog() ? backlog.add(afterPeople) : all.take()),
    pauseFor: all.pauseFor,
  };
}

/** Takes what is kept for looking; more than that only from what work leaves, and never before it. */
function firstFree(kept: Pacer, spare: Pacer): Pacer {
  return {
    take: () =>
      kept.take().catch((error: unknown) => {
        if (toFailure(error).code !== "probe_skipped") throw error;
        return spare.take();
      }),
    pauseFor: spare.pauseFor,
  };
}

/** Together never more than Notion allows. */
function sharesOf(requestsPerMinute: number): { work: number; people: number; probes: number } {
  const usual = Math.max(PROBES_A_MINUTE, Math.floor(requestsPerMinute * PROBE_PART));
  const probes = Math.max(1, Math.min(usual, Math.floor(requestsPerMinute / 4)));
  const work = Math.max(1, requestsPerMinute - NOTION_RESERVE - probes);
  return { work, people: Math.floor(work * PEOPLE_PART), probes };
}
