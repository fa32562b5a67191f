/** What waits in the inbox, as the last poll saw it, and since when. */

export interface Backlog {
  /** When the poll looked, ISO 8601. */
  at: string;
  count: number;
  /** Oldest first; at most KEEP of them. */
  oldest: { id: string; since: string }[];
}

/** A row that waits, as the inbox shows it. */
export interface WaitingRow {
  id: string;
  /** ISO 8601; every write of ours moves it. */
  lastEditedAt: string;
}

const KEEP = 200;

/**
 * An item waits since it was first seen waiting; then its last edit is at the latest the moment it was put there. Later
 * edits are mostly ours (claimed, put back), so what an earlier poll saw counts.
 */
export function seeBacklog(before: Backlog | null, rows: WaitingRow[], at: string): Backlog {
  const known = new Map(before?.oldest.map(({ id, since }) => [id, since]));
  const oldest = rows
    .map(({ id, lastEditedAt }) => ({ id, since: known.get(id) ?? lastEditedAt }))
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since))
    .slice(0, KEEP);
  return { at, count: rows.length, oldest };
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
  const [first] = backlog.oldest;
  const oldestMs = first ? Math.max(0, now.getTime() - Date.parse(first.since)) : null;
  const isTooMuch = backlog.count > MANY_WAITING || (oldestMs !== null && oldestMs > LONG_WAIT_MS);
  return { kind: "seen", count: backlog.count, oldestMs, isTooMuch };
}
