/** What is kept about the service levels, and how it becomes buckets. */
import { MINUTE_MS } from "./calendar.ts";
import {
  type Bucket,
  bucketsOfMinutes,
  bucketsOfWaits,
  cardLimitMs,
  type Minutes,
  type ObjectiveKey,
  RECORD_LIMIT_MS,
  type Wait,
} from "./service-level.ts";

/** Moments are Unix milliseconds. */
export interface Counted extends Bucket {
  objective: ObjectiveKey;
}

/** What one process says of the minute that it lives in. */
export interface Heartbeat {
  minute: number;
  isReady: boolean;
  /** The last good poll that it knows of. */
  polledAt: number | null;
  /** A good poll older than this is late. */
  pollLimitMs: number;
  isPaused: boolean;
}

export interface ServiceFacts {
  /** The first minute of the records; null when there are none. */
  since: number | null;
  clicks: Bucket[];
  minutes: Minutes[];
  items: Wait[];
  decisions: Wait[];
}

interface Reach {
  from: number;
  now: number;
  pollIntervalSeconds: number;
}

/** The minute that has just begun is nobody's yet. */
export function bucketsOf(facts: ServiceFacts, reach: Reach): Record<ObjectiveKey, Bucket[]> {
  const { from, now, pollIntervalSeconds } = reach;
  const minutes =
    facts.since === null
      ? { ready: [], polled: [] }
      : bucketsOfMinutes(facts.minutes, {
          since: Math.max(facts.since, Math.ceil(from / MINUTE_MS) * MINUTE_MS),
          until: Math.floor(now / MINUTE_MS) * MINUTE_MS,
        });
  return {
    "click-acknowledged": facts.clicks,
    "item-to-card": bucketsOfWaits(facts.items, cardLimitMs(pollIntervalSeconds), now),
    "poll-on-time": minutes.polled,
    "decision-recorded": bucketsOfWaits(facts.decisions, RECORD_LIMIT_MS, now),
    availability: minutes.ready,
  };
}
