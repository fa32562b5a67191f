/**
 * Gives every alert its place and has messages drawn when it is time. It holds nothing: what is to be done is read from
 * the store each time, so any replica goes on where another one stopped. A raised alert wakes it; a timer does so too.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AlertGroup,
  type AlertRecord,
  drawDueAt,
  groupDrawDueAt,
  groupNoteDue,
  type Hold,
  noteDue,
  OWN,
  placed,
  STORM_CALM_MS,
} from "../domain/alert-display.ts";
import { MINUTE_MS } from "../domain/calendar.ts";
import { type ReportFault, toFailure } from "../errors.ts";
import { keepingContext, type Log } from "../log.ts";
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
/** A message that is behind for this long is taken up whoever was at it. */
const STUCK_MS = MINUTE_MS;

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { log, reportFault, now } = deps;
  const drawing = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let waking: { timer: NodeJS.Timeout; at: number } | null = null;
  let running: Promise<void> = Promise.resolve();
  let isOn = false;

  const dispatch = async (): Promise<void> => {
    try {
      const at = now();
      await deps.book.review(at);
      const hold = await deps.hold(at);
      await deps.exclusive("alert-places", () => givePlaces(deps, hold, at));
      const { due, next } = await dueMessages(deps, hold, at);
      for (const message of due) await draw(message);
      if (next !== null) wakeIn(Math.min(next - at.getTime(), deps.everyMs));
    } catch (error) {
      const { code } = toFailure(error);
      log.warn({ code }, "alerts could not be looked after; the next look tries again");
      reportFault({ surface: "alerts", reference: `alerts:${now().toISOString()}`, error });
    }
  };
  const draw = async ({ kind, id, version, isStuck }: DueMessage): Promise<void> => {
    if (drawing.has(id)) return;
    drawing.add(id);
    const message = { kind, id };
    const run = isStuck
      ? await deps.messages.repair(message, `${version}:${Math.floor(now().getTime() / STUCK_MS)}`)
      : await deps.messages.show(message, version);
    const done = () => {
      drawing.delete(id);
      wake();
    };
    // How it failed is logged and counted where it failed.
    run.result().then(done, () => drawing.delete(id));
  };
  const look = (): Promise<void> => {
    running = running.then(dispatch);
    return running;
  };
  const wake = (): void => wakeIn(deps.settleMs);
  // Also called from within a workflow's step, where the engine starts no workflow: what is woken is none of that chain.
  const wakeIn = keepingContext((durationMs: number): void => {
    const moment = performance.now() + durationMs;
    if (!isOn || (waking !== null && waking.at <= moment)) return;
    if (waking !== null) clearTimeout(waking.timer);
    const timer = setTimeout(() => {
      waking = null;
      void look();
    }, durationMs);
    waking = { timer, at: moment };
  });
  return {
    start() {
      isOn = true;
      timer = setInterval(wake, deps.everyMs);
      wake();
    },
    wake,
    async showNow(alerts) {
      const messages = new Map(alerts.map((alert) => [messageOf(alert)?.id, alert]));
      for (const alert of messages.values()) {
        const message = messageOf(alert);
        if (message !== null)
          await draw({ ...message, version: `acted:${alert.id}:${alert.rev}`, isStuck: false });
      }
    },
    async stop() {
      isOn = false;
      if (timer !== null) clearInterval(timer);
      if (waking !== null) clearTimeout(waking.timer);
      await Promise.race([running, sleep(STOP_MS, undefined, { ref: false })]);
    },
  };
}

async function givePlaces({ book }: DispatcherDeps, hold: Hold | null, now: Date): Promise<void> {
  const waiting = (await book.open()).filter((alert) => alert.shown.place === null);
  if (waiting.length === 0) return;
  const storm = await book.latestStorm(new Date(now.getTime() - STORM_CALM_MS));
  const ownInLastMinute = await book.ownSince(new Date(now.getTime() - MINUTE_MS));
  const { own, held, groups } = placed({ waiting, ownInLastMinute, storm, hold });
  const ids = (alerts: readonly AlertRecord[]) => alerts.map((alert) => alert.id);
  if (hold !== null) await book.hold(ids(held), hold.by);
  await book.giveOwn(ids(own), now);
  for (const { reason, alerts } of groups) {
    const [first] = alerts;
    const id = reason === "storm" && storm !== null ? storm.id : `${reason}-${first?.id ?? ""}`;
    await book.join({ id, reason }, ids(alerts), now);
  }
}

function messageOf({ id, shown: { place } }: AlertRecord): { kind: "own" | "group"; id: string } | null {
  if (place === null) return null;
  return place === OWN ? { kind: "own", id } : { kind: "group", id: place };
}

interface DueMessage {
  kind: "own" | "group";
  id: string;
  version: string;
  isStuck: boolean;
}

interface Due {
  due: DueMessage[];
  /** When the next one will be (Unix ms), as far as that is known. */
  next: number | null;
}

async function dueMessages({ book }: DispatcherDeps, hold: Hold | null, now: Date): Promise<Due> {
  const alerts = [...(await book.open()), ...(await book.resolvedUnseen())];
  const due: DueMessage[] = [];
  let next = Number.POSITIVE_INFINITY;
  const add = (message: DueMessage, { at, hasNote }: { at: number | null; hasNote: boolean }) => {
    if (hasNote || (at !== null && at <= now.getTime())) due.push(message);
    else if (at !== null) next = Math.min(next, at);
  };
  for (const alert of alerts.filter(({ shown }) => shown.place === OWN)) {
    const hasNote = noteDue(alert, hold, now) !== null;
    add(ownMessage(alert, now), { at: drawDueAt(alert, now), hasNote });
  }
  const places = alerts.flatMap(({ shown: { place } }) => (place && place !== OWN ? [place] : []));
  for (const group of await book.groupsNamed([...new Set(places)])) {
    const members = await book.members(group.id);
    const hasNote = groupNoteDue(group, members, { hold, now }) !== null;
    add(groupMessage(group, members, now), { at: groupDrawDueAt(group, members, now), hasNote });
  }
  return { due, next: Number.isFinite(next) ? next : null };
}

function ownMessage({ id, rev, shown }: AlertRecord, now: Date): DueMessage {
  const version = `${shown.cardNo}:${rev}:${shown.told?.no ?? "-"}`;
  return { kind: "own", id, version, isStuck: isStuck(Date.parse(shown.changedAt), now) };
}

function groupMessage(group: AlertGroup, members: readonly AlertRecord[], now: Date): DueMessage {
  const revs = members.reduce((sum, alert) => sum + alert.rev, 0);
  const version = `${group.cardNo}:${members.length}:${revs}:${group.told?.no ?? "-"}`;
  const changedAt = Math.max(...members.map(({ shown }) => Date.parse(shown.changedAt)));
  return { kind: "group", id: group.id, version, isStuck: isStuck(changedAt, now) };
}

/** Its own run has ended, or was never started: the version alone would not start another. */
function isStuck(changedAt: number, now: Date): boolean {
  return now.getTime() - changedAt > STUCK_MS;
}
