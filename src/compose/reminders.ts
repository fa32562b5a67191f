/** Reminders: when they are said, and who is asked when nobody decides. */
import type { Config } from "../config.ts";
import type { Slack } from "../slack/slack.ts";
import { createReminderStore } from "../store/reminders.ts";
import type { Store } from "../store/store.ts";
import type { ReminderDeps } from "../workflows/reminder-ports.ts";

export function reminderDeps(
  config: Config,
  { store, slack }: { store: Store; slack: Pick<Slack, "reminderBoard"> },
): ReminderDeps {
  return {
    book: createReminderStore(store.db),
    board: slack.reminderBoard,
    place: { timezone: config.timezone, hours: config.decisions.workingHours },
    escalation: config.slack.escalation,
  };
}
