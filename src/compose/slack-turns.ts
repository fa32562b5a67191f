/** Slack's limits hold for a token: the replicas that share a database take turns. */
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../errors.ts";
import type { SharedTurns } from "../slack/ports.ts";
import * as ledgers from "../store/ledgers.ts";
import type { Store } from "../store/store.ts";

const POST_INTERVAL_MS = 1_000;
/** chat.update is Tier 3, fifty a minute: ten in the time of twelve posts. */
const UPDATES = { limit: 10, posts: 12 };

export function createSlackTurns({ db }: Store, postIntervalMs = POST_INTERVAL_MS): SharedTurns {
  const pacers = new Map<string, ReturnType<typeof ledgers.createPacer>>();
  const pacerOf = (channel: string | null) => {
    const key = channel === null ? "slack-updates" : `slack:${channel}`;
    const known = pacers.get(key);
    if (known) return known;
    const rate =
      channel === null
        ? { limit: UPDATES.limit, windowMs: UPDATES.posts * postIntervalMs }
        : { limit: 1, windowMs: postIntervalMs };
    const pacer = ledgers.createPacer(db, { key, ...rate, sleep: (durationMs) => sleep(durationMs) });
    pacers.set(key, pacer);
    return pacer;
  };
  return async (channel) => {
    try {
      await pacerOf(channel).take();
    } catch (cause) {
      throw new AppError("The store gives no turns.", { code: "store_unavailable", retryable: true, cause });
    }
  };
}
