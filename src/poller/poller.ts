/**
 * The clock of the bot: one poll per tick on node-cron. Owns when to poll and how the last one went; what a poll
 * does is the workflows' business, and so is that one tick polls once across replicas.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ageMs, type Instant, instants } from "../domain/age.ts";
import type { PollOutcome } from "../domain/health.ts";
import type { PauseState, PauseView } from "../domain/pause.ts";
import { type ReportFault, toFailure } from "../errors.ts";
import { correlated, type Log } from "../log.ts";
import { type Clock, startClock } from "./clock.ts";

export interface PollerDeps {
  /** Six fields, seconds first. */
  cron: string;
  intervalSeconds: number;
  timezone: string;
  poll(tick: string): Promise<PollOutcome>;
  pause: PauseView;
  now: () => Date;
  log: Log;
  /** Called after every poll; `found` is null when it failed. */
  observe?: (poll: { durationMs: number; found: number | null }) => void;
  reportFault?: ReportFault;
}

export interface PollerStatus {
  /** The clock runs. */
  active: boolean;
  intervalSeconds: number;
  startedAt: string | null;
  lastSuccessAt: string | null;
  /** How long no poll has succeeded although polls were not paused; null while the clock is stopped. */
  idleMs: number | null;
  lastFailure: { at: string; reason: string } | null;
  /** How long the oldest poll at work has been at it; null when none is. */
  busyMs: number | null;
  /** As last seen in the store. */
  pause: PauseState | null;
}

export interface Poller {
  start(): Promise<void>;
  /** Stops the clock and waits for a running poll, at most this long. */
  stop(timeoutMs: number): Promise<void>;
  /** Polls now, through the same path as the clock. */
  pollNow(): Promise<PollOutcome>;
  status(): PollerStatus;
  /** Looks into the store whether polls are paused; somebody at another replica may have done that. */
  seePause(): Promise<PauseState | null>;
  /** Aborted when the clock is stopped for good. */
  stopping: AbortSignal;
}

export function createPoller(deps: PollerDeps): Poller {
  const { now, log } = deps;
  const standing = createStanding(now);
  let clock: Clock | null = null;
  let startedAt: string | null = null;
  const running = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  const tickName = tickNames(now, deps.intervalSeconds);

  const run = (tick: string): Promise<PollOutcome> => {
    const polling = correlated(`poll:${tick}`, () => runTick(tick)).finally(() => running.delete(polling));
    running.add(polling);
    return polling;
  };
  const runTick = async (tick: string): Promise<PollOutcome> => {
    const begun = performance.now();
    const over = standing.beginPoll();
    const observe = (found: number | null) =>
      deps.observe?.({ durationMs: performance.now() - begun, found });
    try {
      const outcome = await deps.poll(tick);
      standing.ended(outcome);
      if (outcome.kind === "paused") {
        log.info({ tick, since: outcome.pause.since }, "not polled: paused");
        return outcome;
      }
      const { runs, ...counts } = outcome.report;
      observe(counts.found);
      log.info({ tick, ...counts }, "polled");
      return outcome;
    } catch (error) {
      const { code, message } = toFailure(error);
      standing.failed(message);
      observe(null);
      // The reason is in the health report: a vendor's words may quote an item.
      log.warn({ tick, code }, "poll failed");
      deps.reportFault?.({ surface: "poll", reference: `poll:${tick}`, error });
      throw error;
    } finally {
      over();
    }
  };

  return {
    async start() {
      startedAt = now().toISOString();
      standing.begin();
      clock = await startClock({ ...deps, onTick: () => run(tickName()) });
    },
    async stop(timeoutMs) {
      stopping.abort();
      await clock?.stop();
      clock = null;
      startedAt = null;
      const patience = sleep(timeoutMs, undefined, { ref: false });
      await Promise.race([Promise.allSettled([...running]), patience]);
    },
    pollNow: () => run(`now-${randomUUID()}`),
    status: () => {
      const { idleMs, ...seen } = standing.now();
      const active = clock !== null;
      return {
        ...seen,
        active,
        startedAt,
        intervalSeconds: deps.intervalSeconds,
        idleMs: active ? idleMs : null,
      };
    },
    stopping: stopping.signal,
    seePause: async () => standing.saw(await deps.pause.state()),
  };
}

/** What this process knows of polls. */
function createStanding(now: () => Date) {
  const present = instants(now);
  let lastSuccessAt: string | null = null;
  let lastFailure: PollerStatus["lastFailure"] = null;
  let pause: PauseState | null = null;
  /** When waiting for a successful poll began: start, the last success, the end of a pause. */
  let idleSince: Instant | null = null;
  const atWork = new Set<Instant>();

  const saw = (seen: PauseState | null): PauseState | null => {
    // As long as it lasts, and at the moment it ends, nobody waits for a poll.
    if (seen !== null || pause !== null) idleSince = present();
    pause = seen;
    return seen;
  };
  return {
    saw,
    begin() {
      idleSince = present();
    },
    /** Returns what to call when it is over. */
    beginPoll() {
      const begun = present();
      atWork.add(begun);
      return () => atWork.delete(begun);
    },
    ended(outcome: PollOutcome) {
      saw(outcome.kind === "paused" ? outcome.pause : null);
      lastFailure = null;
      if (outcome.kind === "paused") return;
      lastSuccessAt = now().toISOString();
      idleSince = present();
    },
    failed(reason: string) {
      lastFailure = { at: now().toISOString(), reason };
    },
    now: () => ({
      lastSuccessAt,
      lastFailure,
      pause,
      busyMs: atWork.size === 0 ? null : Math.max(...[...atWork].map((begun) => ageMs(begun, present()))),
      idleMs: idleSince === null ? null : ageMs(idleSince, present()),
    }),
  };
}

/**
 * Names the tick of a moment. All replicas compute the same number for the same tick, however late their timers fire.
 * A tick polls once for ever and later callers get what it found then; when the clock goes back, the same numbers come
 * again, and need other names until the clock has caught up.
 */
function tickNames(now: () => Date, intervalSeconds: number): () => string {
  let last = Number.NEGATIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let again = 0;
  return () => {
    const tick = Math.round(now().getTime() / 1000 / intervalSeconds);
    if (tick <= last) again += 1;
    const isNew = tick > highest;
    last = tick;
    highest = Math.max(highest, tick);
    return isNew || again === 0 ? String(tick) : `${tick}-again-${again}`;
  };
}
