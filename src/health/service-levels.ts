/**
 * Watches over the service levels: says every minute that this process lives, keeps count of acknowledged clicks, and raises
 * an alarm when the margin for failure is used up too fast. Counts are written in batches; a killed process takes less than
 * half a minute of them along. The rules are in domain/service-level.ts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Alarm } from "../domain/alert.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../domain/calendar.ts";
import type { PauseView } from "../domain/pause.ts";
import { bucketOf, CLICK_LIMIT_MS, objectives, pollLimitMs, WINDOW_DAYS } from "../domain/service-level.ts";
import { bucketsOf, type Counted, type Heartbeat, type ServiceFacts } from "../domain/service-level-facts.ts";
import { type ServiceLevelReport, serviceLevelReport } from "../domain/service-level-report.ts";
import { toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import { createBurnWatch } from "./burn-watch.ts";

export interface ServiceLevelBook {
  add(counts: readonly Counted[]): Promise<void>;
  beat(beat: Heartbeat): Promise<void>;
  facts(from: number, until: number): Promise<ServiceFacts>;
  forgetBefore(moment: number): Promise<void>;
}

export interface ServiceLevelDeps {
  book: ServiceLevelBook;
  alarm: Alarm;
  poller(): { intervalSeconds: number; lastSuccessAt: string | null };
  pause: PauseView;
  isReady(): Promise<boolean>;
  now: () => Date;
  log: Log;
}

export interface ServiceLevels {
  start(): void;
  /** Writes down what was counted; afterwards nothing is. */
  stop(): Promise<void>;
  clicks: {
    acknowledged(ack: { type: string; durationMs: number }): void;
    unanswered(delivery: { type: string }): void;
  };
  /** At most this old: REPORT_KEPT_MS. */
  report(): Promise<ServiceLevelReport>;
  /** What the clock does; for those who cannot wait for it. */
  tick(): Promise<void>;
}

const TICK_MS = 20_000;
/** The database may be away. */
const STOP_PATIENCE_MS = 1_000;
const REPORT_KEPT_MS = 15_000;
/** Nobody waits for an event to be acknowledged but Slack itself. */
const NOT_A_CLICK = new Set(["event_callback", "view_closed", "other"]);

export function createServiceLevels(deps: ServiceLevelDeps): ServiceLevels {
  const { book, now, log } = deps;
  const counts = createCounts(book);
  const watch = createBurnWatch(deps);
  let timer: NodeJS.Timeout | null = null;
  let isOn = false;
  let running: Promise<void> = Promise.resolve();
  let prunedAt = 0;
  let kept: { at: number; report: Promise<ServiceLevelReport> } | null = null;

  const tick = async (): Promise<void> => {
    const time = now().getTime();
    await book.beat(await heartbeat(deps, time));
    await counts.flush();
    await watch(time);
    if (time - prunedAt < HOUR_MS) return;
    await book.forgetBefore(time - (WINDOW_DAYS + 1) * DAY_MS);
    prunedAt = time;
  };
  const keepTicking = async (): Promise<void> => {
    try {
      await tick();
    } catch (error) {
      // The minute stays without a row, which is what it was; the counts wait for the next turn.
      log.warn({ code: toFailure(error).code }, "service levels could not be written down");
    }
    if (!isOn) return;
    timer = setTimeout(() => {
      running = keepTicking();
    }, TICK_MS);
  };
  const count = (type: string, isGood: boolean) => {
    if (!NOT_A_CLICK.has(type)) counts.add("click-acknowledged", now().getTime(), isGood);
  };
  const draw = async (time: number): Promise<ServiceLevelReport> => {
    await counts.flush();
    const from = time - WINDOW_DAYS * DAY_MS;
    const { intervalSeconds: pollIntervalSeconds } = deps.poller();
    const facts = await book.facts(from, time);
    const buckets = bucketsOf(facts, { from, now: time, pollIntervalSeconds });
    const shown = objectives({ pollIntervalSeconds });
    return serviceLevelReport({ now: time, since: facts.since, objectives: shown, buckets });
  };

  return {
    start() {
      isOn = true;
      running = keepTicking();
    },
    async stop() {
      isOn = false;
      if (timer) clearTimeout(timer);
      const written = running.then(counts.flush).catch((error: unknown) => {
        log.warn({ code: toFailure(error).code }, "the last counts are lost");
      });
      await Promise.race([written, sleep(STOP_PATIENCE_MS, undefined, { ref: false })]);
    },
    clicks: {
      acknowledged: ({ type, durationMs }) => count(type, durationMs < CLICK_LIMIT_MS),
      unanswered: ({ type }) => count(type, false),
    },
    report() {
      const time = now().getTime();
      if (kept !== null && Math.abs(time - kept.at) < REPORT_KEPT_MS) return kept.report;
      const drawing = { at: time, report: draw(time) };
      kept = drawing;
      drawing.report.catch(() => {
        if (kept === drawing) kept = null;
      });
      return drawing.report;
    },
    tick,
  };
}

async function heartbeat({ poller, pause, isReady }: ServiceLevelDeps, time: number): Promise<Heartbeat> {
  const { intervalSeconds, lastSuccessAt } = poller();
  const isPaused = (await pause.state()) !== null;
  const lastPoll = lastSuccessAt === null ? null : Date.parse(lastSuccessAt);
  return {
    minute: Math.floor(time / MINUTE_MS) * MINUTE_MS,
    isReady: await isReady(),
    // As long as a pause lasts nobody waits for a poll; the time for the next one begins when it ends.
    polledAt: isPaused ? time : lastPoll,
    pollLimitMs: pollLimitMs(intervalSeconds),
    isPaused,
  };
}

/** In memory until the next flush; what could not be written is kept. */
function createCounts(book: Pick<ServiceLevelBook, "add">) {
  let waiting = new Map<string, Counted>();
  const put = (counted: Counted) => {
    const key = `${counted.objective}:${counted.start}`;
    const sum = waiting.get(key) ?? { ...counted, good: 0, total: 0 };
    waiting.set(key, { ...sum, good: sum.good + counted.good, total: sum.total + counted.total });
  };
  return {
    add: (objective: Counted["objective"], time: number, isGood: boolean) =>
      put({ objective, start: bucketOf(time), good: isGood ? 1 : 0, total: 1 }),
    async flush(): Promise<void> {
      if (waiting.size === 0) return;
      const writing = [...waiting.values()];
      waiting = new Map();
      try {
        await book.add(writing);
      } catch (error) {
        for (const counted of writing) put(counted);
        throw error;
      }
    },
  };
}
