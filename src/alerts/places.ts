/** Where alerts belong, and which of their messages are due: read from the store, decided by the domain's rules. */
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
import type { AlertPlaces } from "./ports.ts";

export async function givePlaces(book: AlertPlaces, hold: Hold | null, now: Date): Promise<void> {
  const waiting = (await book.open()).filter((alert) => alert.shown.place === null);
  if (waiting.length === 0) return;
  const storm = await book.stormBetween(new Date(now.getTime() - STORM_CALM_MS), now);
  const ownInLastMinute = await book.ownBetween(new Date(now.getTime() - MINUTE_MS), now);
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

export function messageOf({
  id,
  shown: { place },
}: AlertRecord): { kind: "own" | "group"; id: string } | null {
  if (place === null) return null;
  return place === OWN ? { kind: "own", id } : { kind: "group", id: place };
}

export interface DueMessage {
  kind: "own" | "group";
  id: string;
  version: string;
  isStuck: boolean;
}

export interface Due {
  due: DueMessage[];
  /** When the next one will be (Unix ms), as far as that is known. */
  next: number | null;
}

export async function dueMessages(book: AlertPlaces, hold: Hold | null, now: Date): Promise<Due> {
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

/** A message that is behind for this long is taken up whoever was at it. */
export const STUCK_MS = MINUTE_MS;

/** Its own run has ended, or was never started: the version alone would not start another. */
function isStuck(changedAt: number, now: Date): boolean {
  return now.getTime() - changedAt > STUCK_MS;
}
