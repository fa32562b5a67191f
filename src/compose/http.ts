/** The HTTP side, connected to what it shows and to what it starts. */
import { type Config, DATABASE_NAMES } from "../config.ts";
import type { HealthReport } from "../domain/health.ts";
import { type ReportFault, toFailure } from "../errors.ts";
import { createHttpServer } from "../http/server.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Poller } from "../poller/poller.ts";
import { SLACK_ENDPOINT } from "../slack/receiver.ts";
import type { createAuditTrail } from "../store/ledgers.ts";

interface HttpParts {
  log: Log;
  metrics: Metrics;
  reportFault: ReportFault;
  whyNotReady(): Promise<string | null>;
  health(): HealthReport;
  audit: ReturnType<typeof createAuditTrail>;
  poller(): Poller;
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
      const report = await poller().pollNow();
      const detail = `found ${report.found}, started ${report.started}`;
      const entry = { actor: "holder of API_KEY", action: "poll.now", subject: "inbox", detail };
      await audit.record({ ...entry, outcome: "done" });
      return report;
    },
    databases: () => Object.fromEntries(DATABASE_NAMES.map((name) => [name.toLowerCase(), true])),
    metrics,
    observe: metrics.httpRequest,
    onFault(error, reference) {
      moduleLog(log, "http").error({ reference, code: toFailure(error).code, err: error }, "request failed");
      reportFault({ surface: "http", reference, error });
    },
  });
}
