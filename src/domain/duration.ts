/** How long: read from what people type, and written for them. */
import { HOUR_MS, MINUTE_MS } from "./calendar.ts";

export type ReadDuration =
  /** `rest` is what follows. */
  { kind: "duration"; ms: number; rest: string } | { kind: "problem"; problem: string };

const MAX_MS = 24 * HOUR_MS;

/** "30m", "2h", "1h30m" or "1h 30m" at the start of a text; at most 24 hours. */
export function readDuration(text: string): ReadDuration {
  const typed = text.trim();
  const match = /^(?:(\d{1,6})h)?(?:(?<=h)\s*|^)(?:(\d{1,6})m)?(?=\s|$)/i.exec(typed);
  if (!match || match[0] === "")
    return { kind: "problem", problem: problemOf(typed.split(/\s/, 1)[0] ?? "") };
  const ms = Number(match[1] ?? 0) * HOUR_MS + Number(match[2] ?? 0) * MINUTE_MS;
  if (ms < MINUTE_MS)
    return { kind: "problem", problem: `"${match[0]}" is no time at all: write at least 1m` };
  if (ms > MAX_MS)
    return { kind: "problem", problem: `"${match[0]}" is more than 24 hours: write at most 24h` };
  return { kind: "duration", ms, rest: typed.slice(match[0].length).trim() };
}

function problemOf(word: string): string {
  const shown = `"${word.slice(0, 20)}${word.length > 20 ? "…" : ""}"`;
  if (/^\d+$/.test(word)) return `${shown} has no unit: write ${word.slice(0, 6)}m or ${word.slice(0, 6)}h`;
  const [, amount = "", unit = ""] = /^(\d{1,6})([a-z]+)$/i.exec(word) ?? [];
  if (/^min/i.test(unit)) return `${shown} cannot be read: write ${amount}m`;
  if (/^(hour|hr)/i.test(unit)) return `${shown} cannot be read: write ${amount}h`;
  if (/^d/i.test(unit)) return `${shown} cannot be read: write hours, at most 24h`;
  return `${shown} is not a duration: write it like 30m, 2h or 1h30m`;
}

/** "1 h 30 min", "45 min", "less than a minute". */
export function durationWords(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (!(minutes >= 1)) return "less than a minute";
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
