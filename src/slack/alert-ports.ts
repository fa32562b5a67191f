/** What handlers need to know about alerts, and what they may do with them. */
import type { AlertRecord, Hold } from "../domain/alert-display.ts";
import type { AlertActResult } from "../domain/alert-life.ts";
import type { Person } from "../domain/decision.ts";

/** One alert, or all of a message that several share. */
export interface AlertSubject {
  title: string;
  /** Open ones; 0 = all is over. */
  open: number;
}

export interface AlertOverview {
  /** Worst first. */
  open: AlertRecord[];
  /** Over since a day. */
  recent: AlertRecord[];
  /** Why new ones are kept back now; null = they are not. */
  hold: Hold | null;
}

export type SnoozeChoice = "hour" | "morning" | { until: string };

export type AlertDeed =
  | { kind: "acknowledge" }
  | { kind: "snooze"; choice: SnoozeChoice }
  | { kind: "resolve" };

/** `until` is when it asks again; null for resolved ones. */
export type AlertDeedResult =
  | { kind: "done"; count: number; until: string | null; left: number }
  | Exclude<AlertActResult, { kind: "done" }>;

export interface AlertDesk {
  find(id: string): Promise<AlertSubject | null>;
  overview(): Promise<AlertOverview>;
  /** Durable once it returns. Who may do this was checked before. */
  act(id: string, deed: AlertDeed, by: Person): Promise<AlertDeedResult>;
  /** When snoozing until the morning would end (ISO), and where it is morning then. */
  morning(): { at: string; timezone: string };
}
