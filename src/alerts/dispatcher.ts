/**
 * Gives every alert its place and has messages drawn when it is time. It holds nothing: what is to be done is read from
 * the store each time, so any replica goes on where another one stopped. A raised alert wakes it; a timer does so too.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AlertRecord } from "../domain/alert-display.ts";
import { DAY_MS } from "../domain/calendar.ts";
import { type ReportFault, toFailure } from "../errors.ts";
import { keepingContext, type Log } from "../log.ts";
import { type DueMessage, dueMessages, givePlaces, messageOf, STUCK_MS } from "./places.ts";
import type { AlertMessages, AlertPlaces, HoldNow } from "./ports.ts";

export interface DispatcherDeps {
  book: AlertPlaces;
  messages: AlertMessages;
  hold: HoldNow;
  /** One holder of `name` at a time, across replicas. */
  exclusive: <T>(name: string, run: () => Promise<T>) => Promise<T>;
  now: () => Date;
  log: Log;
  reportFault: ReportFault;
  /** Events that come within this time are looked at together. */
  settleMs: number;
  everyMs: number;
}

export interface Dispatcher {
  start(): void;
  /** Something was raised, ended or acted upon. */
  wake(): void;
  /** Somebody acted on these and looks at the message now. */
  showNow(alerts: readonly AlertRecord[]): Promise<void>;
  stop(): Promise<void>;
}

/** What a look leaves undone is done by the next one, here or elsewhere. */
const STOP_MS = 1_000;
/** What is over is kept for a quarter, for whoever asks what happened. */
const KEPT_MS = 90 * DAY_MS;

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { book, hold, log, reportFault, now, everyMs } = deps;
  const alarmClock = createAlarmClock(() => {
    running = running.then(dispatch);
  });
  const wake = () => alarmClock.within(deps.settleMs);
  const draw = createDrawer(deps, wake);
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let forgotAt = 0;

  const dispatch = async (): Promise<void> => {
    const at = now();
    try {
      await book.review(at);
      const held = await hold(at);
      await deps.exclusive("alert-places", () => givePlaces(book, held, at));
      const { due, next } = await dueMessages(book, held, at);
      for (const message of due) await draw(message);
      if (next !== null) alarmClock.within(Math.min(next - at.getTime(), everyMs));
      await forgetOld(at);
    } catch (error) {
      log.warn(
        { code: toFailure(error).code },
        "alerts could not be looked after; the next look tries again",
      );
      reportFault({ surface: "alerts", reference: `alerts:${at.toISOString()}`, error });
    }
  };
  const forgetOld = async (at: Date): Promise<void> => {
    if (at.getTime() - forgotAt < DAY_MS) return;
    forgotAt = at.getTime();
    await book.forgetBefore(new Date(forgotAt - KEPT_MS));
  };
  return {
    start() {
      alarmClock.enable();
      timer = setInterval(wake, everyMs);
      wake();
    },
    wake,
    async showNow(alerts) {
      const changed = new Map(alerts.map((alert) => [messageOf(alert)?.id, alert]));
      for (const alert of changed.values()) {
        const message = messageOf(alert);
        const version = `acted:${alert.id}:${alert.rev}`;
        if (message !== null) await draw({ ...message, version, isStuck: false });
      }
    },
    async stop() {
      alarmClock.disable();
      if (timer !== null) clearInterval(timer);
      await Promise.race([running, sleep(STOP_MS, undefined, { ref: false })]);
    },
  };
}

/** Rings once, at the earliest moment that anybody asked for. */
function createAlarmClock(ring: () => void) {
  let pending: { timer: NodeJS.Timeout; at: number } | null = null;
  let isOn = false;
  const clear = () => {
    if (pending !== null) clearTimeout(pending.timer);
    pending = null;
  };
  return {
    enable(): void {
      isOn = true;
    },
    disable(): void {
      isOn = false;
      clear();
    },
    // Also asked for within a workflow's step, where the engine starts no workflow: what rings is none of that chain.
    within: keepingContext((durationMs: number): void => {
      const at = performance.now() + durationMs;
      if (!isOn || (pending !== null && pending.at <= at)) return;
      clear();
      const timer = setTimeout(() => {
        pending = null;
        ring();
      }, durationMs);
      pending = { timer, at };
    }),
  };
}

/** Starts drawing unless this process is at it already; looks again when that is done. */
function createDrawer({ messages, now }: DispatcherDeps, wake: () => void) {
  const drawing = new Set<string>();
  return async ({ kind, id, version, isStuck }: DueMessage): Promise<void> => {
    if (drawing.has(id)) return;
    drawing.add(id);
    try {
      const occasion = `${version}:${Math.floor(now().getTime() / STUCK_MS)}`;
      const run = isStuck
        ? await messages.repair({ kind, id }, occasion)
        : await messages.show({ kind, id }, version);
      const done = () => {
        drawing.delete(id);
        wake();
      };
      // How it failed is logged and counted where it failed.
      run.result().then(done, () => drawing.delete(id));
    } catch (error) {
      drawing.delete(id);
      throw error;
    }
  };
}
