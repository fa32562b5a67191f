/**
 * Where an alert is shown and when it is time to touch its message: pure rules, so that a flood of events becomes a few
 * messages. An alert has a message of its own or a line in one that it shares with others, never both.
 */
import type { Severity } from "./alert.ts";
import { type Alert, bySeverity, isOpen, isWorse, withoutNumbers } from "./alert-life.ts";
import { MINUTE_MS } from "./calendar.ts";
import type { MessageRef } from "./item.ts";

export type HeldBy = "quiet-hours" | "maintenance";

/** Alerts are kept back. Edits of messages that are there already disturb nobody and go on. */
export interface Hold {
  by: HeldBy;
  /** ISO; null = not known. */
  until: string | null;
  /** Plain text, e.g. "quiet hours"; shown where alerts are listed. */
  reason: string;
  sparesCritical: boolean;
}

/** What the thread, or the message itself, has said so far. */
export interface Told {
  severity: Severity;
  detail: string;
  count: number;
  returns: number;
  lapses: number;
  at: string;
  /** Replies in the thread so far. */
  no: number;
}

export interface AlertRecord extends Alert {
  shown: {
    /** null = nowhere yet; "own" = a message of its own; else the id of a group. */
    place: string | null;
    placedAt: string | null;
    heldBy: HeldBy | null;
    card: MessageRef | null;
    /** Another message takes the place of one that was lost. */
    cardNo: number;
    /** The revision that readers see. */
    rev: number;
    /** When it was drawn last, or its first drawing was begun. */
    at: string | null;
    told: Told | null;
    /** When it last changed. */
    changedAt: string;
  };
}

export const OWN = "own";

export type GroupReason = "storm" | HeldBy;

/** One message for several alerts. */
export interface AlertGroup {
  id: string;
  reason: GroupReason;
  openedAt: string;
  /** When the last one joined. */
  joinedAt: string;
  card: MessageRef | null;
  cardNo: number;
  /** Grows with every drawing, so that a late one does not win. */
  draws: number;
  /** As with a single one. */
  at: string | null;
  told: GroupTold | null;
}

export interface GroupTold {
  /** Critical ones that joined or came back so far. */
  critical: number;
  lapses: number;
  at: string;
  no: number;
}

/** Messages of their own within a minute; what is more is a storm. */
const OWN_PER_MINUTE = 5;
/** A storm is over when nothing new came for this long. */
export const STORM_CALM_MS = 5 * MINUTE_MS;

export interface Placing {
  /** Open, and not placed yet. */
  waiting: readonly AlertRecord[];
  /** Given a message of their own within the last minute. */
  ownInLastMinute: number;
  /** The storm that still takes in new ones. */
  storm: AlertGroup | null;
  hold: Hold | null;
}

export interface Placement {
  own: AlertRecord[];
  held: AlertRecord[];
  /** Each becomes one message, or joins that of the storm. */
  groups: { reason: GroupReason; alerts: AlertRecord[] }[];
}

export function placed({ waiting, ownInLastMinute, storm, hold }: Placing): Placement {
  const sorted = waiting.toSorted(bySeverity);
  const held = sorted.filter((alert) => hold !== null && isHeld(alert, hold));
  const free = sorted.filter((alert) => !held.includes(alert));
  const released = (["quiet-hours", "maintenance"] as const).flatMap((reason) => {
    const alerts = free.filter((alert) => alert.shown.heldBy === reason && alert.severity !== "critical");
    return alerts.length > 1 ? [{ reason, alerts }] : [];
  });
  const grouped = new Set(released.flatMap(({ alerts }) => alerts));
  const single = free.filter((alert) => !grouped.has(alert));
  let left = Math.max(0, OWN_PER_MINUTE - ownInLastMinute);
  const own: AlertRecord[] = [];
  const flood: AlertRecord[] = [];
  for (const alert of single) {
    const joinsStorm = storm !== null && alert.severity !== "critical";
    if (left > 0 && !joinsStorm) {
      own.push(alert);
      left -= 1;
    } else flood.push(alert);
  }
  const groups = flood.length > 0 ? [...released, { reason: "storm" as const, alerts: flood }] : released;
  return { own, held, groups };
}

export function isHeld(alert: Pick<Alert, "severity">, hold: Hold): boolean {
  return !(hold.sparesCritical && alert.severity === "critical");
}

const LOUD_GAP_MS = 1_000;
const GROUP_GAP_MS = 3_000;
const QUIET_GAP_MS = 10_000;
const LONGEST_GAP_MS = 30 * MINUTE_MS;

/** Another count is shown the more rarely the longer the problem lasts. */
function quietGapMs(openedAt: string, now: Date): number {
  const ageMs = now.getTime() - Date.parse(openedAt);
  return Math.min(LONGEST_GAP_MS, Math.max(QUIET_GAP_MS, ageMs / 10));
}

/** When the message of its own should be posted or edited (Unix ms); null = it shows what it should. */
export function drawDueAt(alert: AlertRecord, now: Date): number | null {
  const { shown } = alert;
  if (shown.place !== OWN) return null;
  if (shown.card === null) return mustPost(alert) ? now.getTime() : null;
  if (shown.rev >= alert.rev) return null;
  const gapMs = shown.rev < alert.loudRev ? LOUD_GAP_MS : quietGapMs(alert.openedAt, now);
  return dueAfter(shown.at, gapMs, now);
}

export function groupDrawDueAt(group: AlertGroup, members: readonly AlertRecord[], now: Date): number | null {
  if (group.card === null) return mustPostGroup(group, members) ? now.getTime() : null;
  const stale = members.filter((alert) => alert.shown.rev < alert.rev);
  if (stale.length === 0) return null;
  const isLoud = stale.some((alert) => alert.shown.rev < alert.loudRev);
  return dueAfter(group.at, isLoud ? GROUP_GAP_MS : quietGapMs(group.openedAt, now), now);
}

/** What is over before anybody was told need not be told; but a post that was begun may be in the channel already. */
export function mustPost(alert: AlertRecord): boolean {
  return isOpen(alert) || alert.shown.at !== null;
}

export function mustPostGroup(group: AlertGroup, members: readonly AlertRecord[]): boolean {
  return members.some(isOpen) || group.at !== null;
}

function dueAfter(moment: string | null, gapMs: number, now: Date): number {
  const since = moment === null ? Number.NaN : Date.parse(moment);
  // From the future: the clock went back, and waiting for it could take for ever.
  return since <= now.getTime() ? since + gapMs : now.getTime();
}

function isPast(moment: string | null, gapMs: number, now: Date): boolean {
  return dueAfter(moment, gapMs, now) <= now.getTime();
}

/** A reply in the thread of the message. Several reasons at once make one reply. */
export interface AlertNote {
  kind: "worse" | "lapsed" | "returned" | "repeated";
  /** Also shown in the channel: an edit notifies nobody. */
  broadcast: boolean;
  /** Events since the last reply. */
  more: number;
}

const RETURN_GAP_MS = 5 * MINUTE_MS;
const REPEAT_GAP_MS = 10 * MINUTE_MS;

export function noteDue(alert: AlertRecord, hold: Hold | null, now: Date): AlertNote | null {
  const { told, card } = alert.shown;
  if (told === null || card === null || !isOpen(alert)) return null;
  if (hold !== null && isHeld(alert, hold)) return null;
  const more = alert.count - told.count;
  const isCritical = alert.severity === "critical";
  if (isWorse(alert.severity, told.severity)) return { kind: "worse", broadcast: isCritical, more };
  if (alert.lapses > told.lapses) return { kind: "lapsed", broadcast: true, more };
  if (alert.returns > told.returns && isPast(told.at, RETURN_GAP_MS, now)) {
    return { kind: "returned", broadcast: isCritical, more };
  }
  const ageMs = now.getTime() - Date.parse(alert.openedAt);
  const isNews = more > 0 || withoutNumbers(alert.detail) !== withoutNumbers(told.detail);
  const isAwake = alert.state.kind === "firing";
  if (isNews && isAwake && isPast(told.at, Math.max(REPEAT_GAP_MS, ageMs / 4), now)) {
    return { kind: "repeated", broadcast: false, more };
  }
  return null;
}

export function toldNow(alert: AlertRecord, no: number, now: Date): Told {
  const { severity, detail, count, returns, lapses } = alert;
  return { severity, detail, count, returns, lapses, at: now.toISOString(), no };
}

const GROUP_NOTE_GAP_MS = MINUTE_MS;

/** A group says in its thread only what people must not miss: new or returned critical ones, and what nobody looked after. */
export function groupNoteDue(
  group: AlertGroup,
  members: readonly AlertRecord[],
  { hold, now }: { hold: Hold | null; now: Date },
): { critical: number; lapsed: number } | null {
  const { told } = group;
  if (told === null || group.card === null || !isPast(told.at, GROUP_NOTE_GAP_MS, now)) return null;
  if (!members.some(isOpen) || (hold !== null && !hold.sparesCritical)) return null;
  const tally = groupTally(members);
  const openCritical = members.filter((alert) => isOpen(alert) && alert.severity === "critical").length;
  const critical = Math.min(openCritical, Math.max(0, tally.critical - told.critical));
  const lapsed = hold === null ? Math.max(0, tally.lapses - told.lapses) : 0;
  return critical > 0 || lapsed > 0 ? { critical, lapsed } : null;
}

export function groupTally(members: readonly AlertRecord[]): { critical: number; lapses: number } {
  return {
    critical: members
      .filter((alert) => alert.severity === "critical")
      .reduce((sum, alert) => sum + 1 + alert.returns, 0),
    lapses: members.reduce((sum, alert) => sum + alert.lapses, 0),
  };
}
