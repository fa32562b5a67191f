/** Raises an alarm while the error budget of an objective is used up too fast, once a minute, and takes it back. */
import type { Alarm } from "../domain/alert.ts";
import { HOUR_MS, MINUTE_MS } from "../domain/calendar.ts";
import {
  BUCKET_MS,
  BURN_RULES,
  type Bucket,
  type BurnRule,
  burnRate,
  judgeBurn,
  type Objective,
  objectives,
  tallyOf,
} from "../domain/service-level.ts";
import { bucketsOf, type ServiceFacts } from "../domain/service-level-facts.ts";
import { eventWords, shareWords } from "../domain/service-level-words.ts";

export interface BurnWatchDeps {
  book: { facts(from: number, until: number): Promise<ServiceFacts> };
  alarm: Alarm;
  poller(): { intervalSeconds: number };
}

/** An alert ends by itself when nobody has repeated it for this long. */
const ALERT_FRESH_MS = 5 * MINUTE_MS;
/** All replicas read the same records, so any of them may take the alert back. */
const SOURCE = "service levels";
const LONGEST_MS = Math.max(...BURN_RULES.map((rule) => rule.longMs));

export function createBurnWatch({ book, alarm, poller }: BurnWatchDeps) {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let startedAt: number | null = null;
  const told = new Map<string, boolean>();
  return async (time: number): Promise<void> => {
    const minute = Math.floor(time / MINUTE_MS);
    if (minute === lookedAt) return;
    startedAt ??= time;
    const from = time - LONGEST_MS - HOUR_MS;
    const { intervalSeconds: pollIntervalSeconds } = poller();
    const buckets = bucketsOf(await book.facts(from, time), { from, now: time, pollIntervalSeconds });
    for (const objective of objectives({ pollIntervalSeconds })) {
      for (const rule of BURN_RULES) {
        if (objective.unit === "minutes" && isBeforeUs(rule, time - startedAt)) continue;
        await tell({ alarm, told }, { objective, rule, buckets: buckets[objective.key], time });
      }
    }
    lookedAt = minute;
  };
}

/**
 * Whoever was away is back: that nobody was there is no news any more, and telling it while it happens is the dead-man's
 * switch's business. The last minutes count once they were all lived here.
 */
function isBeforeUs({ shortMs }: BurnRule, livedMs: number): boolean {
  return livedMs < shortMs + BUCKET_MS;
}

interface Watched {
  objective: Objective;
  rule: BurnRule;
  buckets: readonly Bucket[];
  time: number;
}

/** Repeated while it holds, taken back once; the first look also takes back what an earlier process has raised. */
async function tell(
  { alarm, told }: { alarm: Alarm; told: Map<string, boolean> },
  { objective, rule, buckets, time }: Watched,
): Promise<void> {
  const verdict = judgeBurn(rule, objective.target, buckets, time);
  const key = `slo:${objective.key}:${rule.key}`;
  const wasUp = told.get(key);
  const isUp = verdict === "burning" || (verdict === "unclear" && wasUp === true);
  if (!isUp) {
    if (wasUp !== false) await alarm.resolve({ key, source: SOURCE, detail: null });
    told.set(key, false);
    return;
  }
  const { good, total } = tallyOf(buckets, time, rule.longMs);
  const rate = burnRate(objective.target, { good, total }) ?? rule.factor;
  const hours = rule.longMs / HOUR_MS;
  await alarm.raise({
    key,
    source: SOURCE,
    severity: rule.severity,
    title: `${objective.title}: the error budget is used up ${Math.round(rate)} times too fast`,
    detail:
      `In the last ${hours === 1 ? "hour" : `${hours} hours`} ${total - good} of ${eventWords(total, objective.unit)} were ${objective.missed} ` +
      `(promised: ${objective.promise} for ${shareWords(objective.target)}). ${FIXES[objective.key]} /emm slo shows all of it.`,
    url: null,
    freshForMs: ALERT_FRESH_MS,
  });
  told.set(key, true);
}

const FIXES: Record<Objective["key"], string> = {
  "click-acknowledged": "Usually a busy processor or a slow database; see /emm health.",
  "item-to-card": "Usually Claude or Notion is slow, or the daily budget is reached; see /emm health.",
  "poll-on-time": "Usually Notion does not answer; see /emm health.",
  "decision-recorded": "Usually Notion does not take the writes; see /emm health.",
  availability: "The process was away or not ready: look at the log and at the last deployment.",
};
