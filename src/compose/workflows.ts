/** The workflows, connected to everything that they need. */
import type { createCounsel } from "../agents/counsel.ts";
import type { Config } from "../config.ts";
import type { Alarm } from "../domain/alert.ts";
import type { PauseView } from "../domain/pause.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { NotionWorkspace } from "../notion/workspace.ts";
import type { Slack } from "../slack/slack.ts";
import { createThreadStore } from "../store/decision-threads.ts";
import { createDeadLetterStore, createDecisionStore } from "../store/decisions.ts";
import { createItemStore } from "../store/items.ts";
import * as ledgers from "../store/ledgers.ts";
import { createReminderStore } from "../store/reminders.ts";
import { createReviewStore } from "../store/reviews.ts";
import type { createSpendLedger } from "../store/spend.ts";
import type { Store } from "../store/store.ts";
import { createWebhookStore } from "../store/webhooks.ts";
import type { WorkflowDeps } from "../workflows/deps.ts";
import { registerWorkflows, type Workflows } from "../workflows/workflows.ts";

interface WorkflowParts {
  store: Store;
  log: Log;
  notion: NotionWorkspace;
  slack: Slack;
  counsel: ReturnType<typeof createCounsel>;
  spend: ReturnType<typeof createSpendLedger>;
  alarm: Alarm;
  pause: PauseView;
  meter: Metrics["work"];
  now: () => Date;
}

export function createWorkflows(
  config: Config,
  { store, log, slack, spend, ...rest }: WorkflowParts,
): Workflows {
  const { db } = store;
  const items = createItemStore(db, rest.now);
  return registerWorkflows({
    ...rest,
    board: slack.board,
    people: slack.people,
    books: {
      items,
      origins: items,
      decisions: createDecisionStore(db),
      letters: createDeadLetterStore(db),
      settings: ledgers.createSettings(db),
      audit: ledgers.createAuditTrail(db),
      deliveries: ledgers.createDeliveryLog(db),
      webhooks: createWebhookStore(db),
      spend,
    },
    ...byCalendar(config, { store, slack }),
    thread: { book: createThreadStore(db), board: slack.threadBoard },
    talk: slack.talkBoard,
    batch: slack.batchDoor,
    exclusive: store.exclusive,
    rules: { ...config.decisions, ...config.claude },
    log: moduleLog(log, "workflows"),
  });
}

/** What is due some time after a card was posted, or a decision carried out. */
function byCalendar(
  { timezone, decisions, slack: { escalation } }: Config,
  { store: { db }, slack }: Pick<WorkflowParts, "store" | "slack">,
): Pick<WorkflowDeps, "reminders" | "reviews"> {
  const place = { timezone, hours: decisions.workingHours };
  return {
    reminders: { book: createReminderStore(db), board: slack.reminderBoard, place, escalation },
    reviews: {
      ...{ book: createReviewStore(db), board: slack.reviewBoard, place },
      afterDays: decisions.reviewAfterDays,
    },
  };
}
