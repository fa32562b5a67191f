/** Notion, within the request budget that all replicas share. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { createNotionWorkspace, type NotionWorkspace } from "../notion/workspace.ts";
import * as ledgers from "../store/ledgers.ts";
import type { Store } from "../store/store.ts";

/** Notion's window is a minute; one second and two requests are kept back for clock differences. */
const NOTION_WINDOW_MS = 61_000;
const NOTION_RESERVE = 2;

interface NotionParts {
  store: Store;
  log: Log;
  metrics: Metrics;
  /** When to look for a page whose creation was not answered. */
  lookupDelaysMs: readonly number[] | undefined;
}

export function createNotion(
  config: Config,
  { store, log, metrics, lookupDelaysMs }: NotionParts,
): NotionWorkspace {
  return createNotionWorkspace({
    ...config.notion,
    ledger: ledgers.createWriteLedger(store.db),
    pacer: ledgers.createPacer(store.db, {
      key: "notion",
      limit: Math.max(1, config.notion.requestsPerMinute - NOTION_RESERVE),
      windowMs: NOTION_WINDOW_MS,
      sleep: (durationMs) => sleep(durationMs),
    }),
    exclusive: store.exclusive,
    counters: ledgers.createCounters(store),
    log: moduleLog(log, "notion"),
    observe: metrics.notionCall,
    lookupDelaysMs,
  });
}
