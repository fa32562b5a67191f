/** Inbound webhooks: the door that outside systems knock at, and the work that follows. */
import type { Config } from "../config.ts";
import type { Alarm } from "../domain/alert.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { NotionWorkspace } from "../notion/workspace.ts";
import { createWitness } from "../railway/witness.ts";
import type { Slack } from "../slack/slack.ts";
import type { Store } from "../store/store.ts";
import { createWebhookStore } from "../store/webhooks.ts";
import { createWebhookDoor, type WebhookDoor } from "../webhooks/door.ts";
import { registerWebhookWork } from "../workflows/webhook-work.ts";
import type { Workflows } from "../workflows/workflows.ts";

interface WebhookParts {
  store: Store;
  log: Log;
  metrics: Metrics;
  alarm: Alarm;
  notion: NotionWorkspace;
  slack: Slack;
  workflows: Workflows;
  now: () => Date;
}

/** Call before the engine is launched. */
export function createWebhooks(
  config: Config,
  { store, metrics, alarm, notion, slack, workflows, now, ...parts }: WebhookParts,
): WebhookDoor {
  const log = moduleLog(parts.log, "webhooks");
  const { deliveries, changes, wakes, handshakes } = createWebhookStore(store.db);
  const { databases } = config.notion;
  const start = registerWebhookWork({
    ...{ changes, wakes, alarm, now, log },
    witness: createWitness(config.railway),
    botId: notion.users.botId,
    slackIdOf: async (email) => (await slack.people.personByEmail(email))?.slackId ?? null,
    capture: workflows.capture,
    pollSoon: workflows.pollSoon,
    meter: metrics.webhook,
  });
  return createWebhookDoor({
    ...{ deliveries, handshakes, start, now, log },
    secrets: {
      ...config.webhookSecrets,
      apiKey: config.http.apiKey,
      apiKeyHeader: config.http.apiKeyHeader,
    },
    scope: config.railway,
    watchedDatabases: [databases.SYSTEM_INBOX, databases.ACTION_PIPES],
  });
}
