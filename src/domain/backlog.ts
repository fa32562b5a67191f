/** What waits in the inbox, as the last poll saw it, and since when. */

export interface Backlog {
  /** When the poll looked, ISO 8601. */
  at: string;
  /** Those that the poll began at once are not counted. */
  count: number;
  /** Oldest first; at most KEEP of them. */
  oldest: Waiting[];
}

interface Waiting {
  id: string;
  since: string;
  /** Begun by the poll that saw it first: it does not wait, unless the next poll still finds it. */
  begun: boolean;
}

/** A row that waits, as the inbox shows it. */
export interface WaitingRow {
  id: string;
  /** ISO 8601; every write of ours moves it. */
  lastEditedAt: string;
  /** The poll began it, or found it at work. */
  begun: boolean;
}

const KEEP = 200;

/**
 * An item waits since it was first seen waiting; then its last edit is at the latest the moment it was put there. Later
 * edits are mostly ours (claimed, put back), so what an earlier poll saw counts.
 */
export function seeBacklog(before: Backlog | null, rows: WaitingRow[], at: string): Backlog {
  const known = new Map(before?.oldest.map(({ id, since }) => [id, since]));
  const all = rows
    .map(({ id, lastEditedAt, begun }) => ({
      id,
      since: known.get(id) ?? lastEditedAt,
      begun: begun && !known.has(id),
    }))
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
  return { at, count: all.filter((one) => !one.begun).length, oldest: all.slice(0, KEEP) };
}

export const MANY_WAITING = 50;
export const LONG_WAIT_MS = 30 * 60_000;

export interface BacklogLook {
  now: Date;
  /** An older look than this says nothing about now. */
  maxAgeMs: number;
}

export type BacklogFinding =
  | { kind: "no-data"; at: string | null }
  | { kind: "seen"; count: number; oldestMs: number | null; isTooMuch: boolean };

export function judgeBacklog(backlog: Backlog | null, { now, maxAgeMs }: BacklogLook): BacklogFinding {
  if (backlog === null) return { kind: "no-data", at: null };
  const age = now.getTime() - Date.parse(backlog.at);
  // From the future: the clock went back, and nobody knows how old it is.
  if (!(age <= maxAgeMs && age >= -maxAgeMs)) return { kind: "no-data", at: backlog.at };
  const first = backlog.oldest.find(({ begun }) => !begun);
  const oldestMs = first ? Math.max(0, now.getTime() - Date.parse(first.since)) : null;
  const isTooMuch = backlog.count > MANY_WAITING || (oldestMs !== null && oldestMs > LONG_WAIT_MS);
  return { kind: "seen", count: backlog.count, oldestMs, isTooMuch };
}
