/**
 * Where problems are reported: written down first, shown later. Whatever is said about a problem comes from outside and
 * may be of any size; it is cut to what a row and a card can hold.
 */
import { createHash } from "node:crypto";
import type { Alarm, AlertEnd, AlertSignal } from "../domain/alert.ts";

export interface AlarmBook {
  raise(signal: AlertSignal, now: Date): Promise<void>;
  end(end: AlertEnd, now: Date): Promise<void>;
}

export interface AlarmDeps {
  book: AlarmBook;
  now: () => Date;
  /** Something may have to be shown. */
  onChange: () => void;
}

const LONGEST = { key: 200, source: 200, title: 300, detail: 4_000 };

export function createAlarm({ book, now, onChange }: AlarmDeps): Alarm {
  return {
    async raise(signal) {
      await book.raise(
        {
          ...signal,
          key: nameOf(signal.key),
          source: nameOf(signal.source),
          title: storable(signal.title, LONGEST.title),
          detail: storable(signal.detail, LONGEST.detail),
          url: signal.url === null ? null : storable(signal.url, 2_000),
        },
        now(),
      );
      onChange();
    },
    async resolve(end) {
      const detail = end.detail === null ? null : storable(end.detail, LONGEST.detail);
      await book.end({ key: nameOf(end.key), source: nameOf(end.source), detail }, now());
      onChange();
    },
  };
}

/** Cut, but never two names made one. */
function nameOf(text: string): string {
  const clean = storable(text, Number.POSITIVE_INFINITY);
  if (clean.length <= LONGEST.key) return clean;
  const hash = createHash("sha256").update(clean).digest("hex").slice(0, 16);
  return `${clean.slice(0, LONGEST.key - 17)}~${hash}`;
}

/** PostgreSQL takes no NUL, and no half of a surrogate pair. */
function storable(text: string, max: number): string {
  return text
    .slice(0, max)
    .replaceAll("\0", "")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
}
