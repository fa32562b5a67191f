/** How long a secret has been in use here, and when it is time for a new one. Pure. */

/** Twice a year, as docs/secrets.md says. */
export const ROTATE_AFTER_DAYS = 180;

const DAY_MS = 86_400_000;

export interface NamedSecret {
  /** Of its variable. */
  name: string;
  value: string;
}

export interface SecretAge {
  name: string;
  firstSeen: Date;
  days: number;
  isDue: boolean;
}

export function secretAge(name: string, firstSeen: Date, now: Date): SecretAge {
  // Clocks differ: a secret is never younger than today.
  const days = Math.max(0, Math.floor((now.getTime() - firstSeen.getTime()) / DAY_MS));
  return { name, firstSeen, days, isDue: days >= ROTATE_AFTER_DAYS };
}

/** "first seen 2026-05-01, 204 days ago; change it every 180". */
export function ageSentence({ firstSeen, days }: SecretAge): string {
  const ago = days === 0 ? "today" : days === 1 ? "1 day ago" : `${days} days ago`;
  return `first seen ${firstSeen.toISOString().slice(0, 10)}, ${ago}; change it every ${ROTATE_AFTER_DAYS}`;
}
