/** The HTTP side, connected to what it shows and to what it starts. */
import { type Config, DATABASE_NAMES } from "../config.ts";
import type { HealthReport, PollOutcome } from "../domain/health.ts";
import type { ServiceLevelReport } from "../domain/service-level-report.ts";
import { type ReportFault, toFailure } from "../errors.ts";
import { createHttpServer } from "../http/server.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Poller } from "../poller/poller.ts";
import { SLACK_ENDPOINT } from "../slack/receiver.ts";
import type { createAuditTrail } from "../store/ledgers.ts";
import type { WebhookDoor } from "../webhooks/door.ts";

interface HttpParts {
  log: Log;
  metrics: Metrics;
  reportFault: ReportFault;
  whyNotReady(): Promise<string | null>;
  health(): HealthReport;
  serviceLevels(): Promise<ServiceLevelReport>;
  audit: ReturnType<typeof createAuditTrail>;
  poller(): Poller;
  webhooks(): WebhookDoor;
  maintenance(): { until: string; reason: string; retryAfterSeconds: number } | null;
}

export function createHttp(
  config: Config,
  { log, metrics, reportFault, audit, poller, ...parts }: HttpParts,
) {
  const settings = {
    ...config.http,
    metrics: config.metrics,
    // Set by the platform alone; Railway's other ids may also be given by hand.
    isBehindRailway: config.railway.deploymentId !== null,
    foreignPaths: config.slack.appToken === null ? [SLACK_ENDPOINT] : [],
  };
  return createHttpServer(settings, {
    ...parts,
    build: config.build,
    poller: () => poller().status(),
    async pollNow() {
      const polled = await poller().pollNow();
      const entry = { actor: "holder of API_KEY", action: "poll.now", subject: "inbox" };
      await audit.record({ ...entry, ...auditOf(polled) });
      return polled;
    },
    databases: () => Object.fromEntries(DATABASE_NAMES.map((name) => [name.toLowerCase(), true])),
    metrics,
    webhookSeen: metrics.webhook,
    observe: metrics.httpRequest,
    onFault(error, reference) {
      moduleLog(log, "http").error({ reference, code: toFailure(error).code, err: error }, "request failed");
      reportFault({ surface: "http", reference, error });
    },
  });
}

function auditOf(polled: PollOutcome): { outcome: "done" | "refused"; detail: string } {
  if (polled.kind === "paused") return { outcome: "refused", detail: "polling is paused" };
  const { found, started } = polled.report;
  return { outcome: "done", detail: `found ${found}, started ${started}` };
}
