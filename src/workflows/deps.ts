/** Everything the workflows are given, once, by app.ts. */

import type { Alarm } from "../domain/alert.ts";
import type { DecisionRules } from "../domain/decision-machine.ts";
import type { PauseView } from "../domain/pause.ts";
import type { Log } from "../log.ts";
import type { BatchDoor } from "./batch-ports.ts";
import type {
  AuditBook,
  DecisionBook,
  DeliveryBook,
  Exclusive,
  ItemBook,
  LetterBook,
  OriginBook,
  SettingsBook,
  SpendBook,
  WebhookBook,
} from "./books.ts";
import type {
  Board,
  Catalogue,
  Counsel,
  Decisions,
  FollowUps,
  Inbox,
  Meter,
  People,
  Records,
} from "./ports.ts";
import type { ReminderDeps } from "./reminder-ports.ts";
import type { ReviewDeps } from "./review-ports.ts";
import type { TalkBoard } from "./talk-ports.ts";
import type { ThreadDeps } from "./thread-ports.ts";

export interface WorkflowDeps {
  notion: {
    inbox: Inbox;
    catalogue: Catalogue;
    decisions: Decisions;
    records: Records;
    followUps: FollowUps;
  };
  counsel: Counsel;
  alarm: Alarm;
  board: Board;
  people: People;
  books: {
    items: ItemBook;
    origins: OriginBook;
    decisions: DecisionBook;
    letters: LetterBook;
    spend: SpendBook;
    settings: SettingsBook;
    audit: AuditBook;
    deliveries: DeliveryBook;
    webhooks: WebhookBook;
  };
  reminders: ReminderDeps;
  reviews: ReviewDeps;
  talk: TalkBoard;
  thread: ThreadDeps;
  batch: BatchDoor;
  exclusive: Exclusive;
  /** Holds polls back. */
  pause: PauseView;
  meter: Meter;
  now: () => Date;
  rules: DecisionRules & {
    ttlHours: number;
    dailyBudgetUsd: number;
    /** Named in the training rows. */
    model: string;
  };
  log: Log;
}
