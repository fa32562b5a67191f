/** What looking after alerts needs from the rest of the bot. */
import type { AlertGroup, AlertRecord, GroupReason, HeldBy, Hold } from "../domain/alert-display.ts";

export interface AlertPlaces {
  /** Lets reports fade, acknowledgements and snoozes run out. */
  review(now: Date): Promise<number>;
  open(): Promise<AlertRecord[]>;
  /** Over, and a message still says otherwise. */
  resolvedUnseen(): Promise<AlertRecord[]>;
  giveOwn(ids: string[], at: Date): Promise<void>;
  hold(ids: string[], by: HeldBy): Promise<void>;
  join(group: { id: string; reason: GroupReason }, ids: string[], at: Date): Promise<void>;
  /** How many were given a message of their own then. */
  ownBetween(from: Date, to: Date): Promise<number>;
  /** One that was joined then. */
  stormBetween(from: Date, to: Date): Promise<AlertGroup | null>;
  groupsNamed(ids: string[]): Promise<AlertGroup[]>;
  members(groupId: string): Promise<AlertRecord[]>;
  /** What was over before this moment. */
  forgetBefore(moment: Date): Promise<void>;
}

interface Drawing {
  result(): Promise<void>;
}

/** Durable once they return; the same version is drawn once. */
export interface AlertMessages {
  show(message: { kind: "own" | "group"; id: string }, version: string): Promise<Drawing>;
  repair(message: { kind: "own" | "group"; id: string }, occasion: string): Promise<Drawing>;
}

export type HoldNow = (now: Date) => Promise<Hold | null>;

/** Where a maintenance says that alerts wait; null = none is going on. */
export type MaintenanceHold = (now: Date) => Promise<{ until: string | null; reason: string } | null>;

/** Each is null when there is nothing to know. */
export interface StoreFacts {
  deadLetters(): Promise<{ open: number; oldestAt: string | null } | null>;
  /** Decisions that were made, and are not written down in Notion. */
  unrecorded(): Promise<{ count: number; oldestAt: string | null } | null>;
  budget(): Promise<{ spentUsd: number; capUsd: number } | null>;
}
