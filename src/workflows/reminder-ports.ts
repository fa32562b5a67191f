/** What reminders need from the world. */
import type { DecisionRecord, Escalation } from "../domain/decision.ts";
import type { DueReminder, Mark, Waiting } from "../domain/reminders.ts";
import type { Workplace } from "../domain/working-hours.ts";

export interface ReminderBook {
  /** Pending, posted, and not yet expired. */
  waiting(now: Date): Promise<(Waiting & { id: string })[]>;
  said(id: string): Promise<number[]>;
  /** ISO 8601: when this very one was; null when it was not, also where a later one stood for it. */
  saidAt(id: string, mark: Mark): Promise<string | null>;
  note(id: string, reminder: DueReminder, at: string): Promise<void>;
  /** Once for each decision, while it is pending; false when there was nothing to do. */
  escalate(id: string, escalation: Escalation): Promise<boolean>;
}

export interface Reminder {
  decision: DecisionRecord & { expiresAt: string };
  mark: Mark;
  /** ISO 8601, UTC. */
  at: string;
}

export interface ReminderBoard {
  /** In the thread of the card; once per key. */
  remind(key: string, reminder: Reminder): Promise<void>;
}

export interface ReminderDeps {
  book: ReminderBook;
  board: ReminderBoard;
  place: Workplace;
  /** Who is asked at the last mark and may decide from then on: user ids and group ids. */
  escalation: readonly string[];
}
