/**
 * A maintenance: for a while polls wait, alerts are held and the HTTP side answers 503. It is data with an end, so it ends by
 * itself on every replica, whoever is running by then. Decisions are never held up.
 */
import type { Person } from "./decision.ts";
import { type ReadDuration, readDuration } from "./duration.ts";
import type { MessageRef } from "./item.ts";

export interface Maintenance {
  id: string;
  by: Person;
  /** As typed; shown to whoever meets a closed door. */
  reason: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  endsAt: string;
  /** null until somebody, or the clock, has ended it for good. */
  ended: MaintenanceEnd | null;
  card: MessageRef | null;
  /** Grows with every change; the card is stale while cardRev < rev. */
  rev: number;
  cardRev: number;
}

export interface MaintenanceEnd {
  at: string;
  /** null = its time was up. */
  by: Person | null;
}

/** In force at this moment, whether or not its end was noted already. */
export function isInForce({ ended, startedAt, endsAt }: Maintenance, now: Date): boolean {
  return ended === null && Date.parse(startedAt) <= now.getTime() && now.getTime() < Date.parse(endsAt);
}

/** Its time is up, but nobody has noted that. */
export function isOverdue({ ended, endsAt }: Maintenance, now: Date): boolean {
  return ended === null && Date.parse(endsAt) <= now.getTime();
}

/** How long it was in force, in the end. */
export function lastedMs({ startedAt, endsAt, ended }: Maintenance): number {
  return Math.max(0, Date.parse(ended?.at ?? endsAt) - Date.parse(startedAt));
}

/** Whole seconds until a caller may come back; at least one. */
export function retryAfterSeconds({ endsAt }: Maintenance, now: Date): number {
  return Math.max(1, Math.ceil((Date.parse(endsAt) - now.getTime()) / 1_000));
}

export type MaintenanceOrder =
  | { kind: "status" }
  | { kind: "end" }
  | { kind: "begin"; durationMs: number; reason: string }
  | { kind: "problem"; problem: string };

const END_WORDS = new Set(["off", "end", "stop"]);
export const MAX_REASON = 300;

/** What follows `/emm maintenance`. */
export function readMaintenanceOrder(text: string): MaintenanceOrder {
  const typed = text.trim();
  if (typed === "" || typed.toLowerCase() === "status") return { kind: "status" };
  if (END_WORDS.has(typed.toLowerCase())) return { kind: "end" };
  return toOrder(readDuration(typed));
}

function toOrder(read: ReadDuration): MaintenanceOrder {
  if (read.kind === "problem") return read;
  const reason = read.rest.replace(/\s+/g, " ").trim();
  if (reason === "") return { kind: "problem", problem: "a reason is missing: write why after the time" };
  if (reason.length > MAX_REASON) {
    const problem = `the reason has ${reason.length} characters: write at most ${MAX_REASON}`;
    return { kind: "problem", problem };
  }
  return { kind: "begin", durationMs: read.ms, reason };
}
