/** Alerts: the alarm that everybody may sound, the rules that sound it, who draws the messages, and what people do. */
import { randomUUID } from "node:crypto";
import { totalmem } from "node:os";
import { createAlarm } from "../alerts/alarm.ts";
import { createAlertDesk } from "../alerts/desk.ts";
import { createDispatcher, type Dispatcher } from "../alerts/dispatcher.ts";
import { createEvaluator, type Evaluator } from "../alerts/evaluator.ts";
import { createHeartbeat } from "../alerts/heartbeat.ts";
import { createHold } from "../alerts/hold.ts";
import { createOutcry } from "../alerts/outcry.ts";
import type { MaintenanceHold } from "../alerts/ports.ts";
import { createSigns } from "../alerts/signs.ts";
import type { Config } from "../config.ts";
import type { AlertRecord } from "../domain/alert-display.ts";
import type { HealthReport } from "../domain/health.ts";
import type { Fault, ReportFault } from "../errors.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Slack } from "../slack/slack.ts";
import { createAlertFacts } from "../store/alert-facts.ts";
import { createAlertMessages } from "../store/alert-messages.ts";
import { createAlertStore } from "../store/alerts.ts";
import type { Store } from "../store/store.ts";
import { registerAlertMessages } from "../workflows/alerts.ts";

export interface AlertOptions {
  /** Events that come within this time are looked at together. */
  settleMs?: number;
  /** How often everything is looked at. */
  everyMs?: number;
}

interface AlertParts {
  store: Store;
  log: Log;
  reportFault: ReportFault;
  now: () => Date;
  maintenance: MaintenanceHold;
  options: AlertOptions | undefined;
}

interface AlertNeighbours {
  slack: Pick<Slack, "alertWall" | "shout">;
  health: () => HealthReport;
  spend: { spentToday(): Promise<number> };
}

const SETTLE_MS = 700;
const EVERY_MS = 15_000;

export type Alerts = ReturnType<typeof createAlerts>;

export type AlertSettings = Pick<Config, "alerts" | "timezone" | "heartbeatUrl"> & {
  claude: Pick<Config["claude"], "dailyBudgetUsd">;
  poll: Pick<Config["poll"], "intervalSeconds">;
};

export function createAlerts(config: AlertSettings, parts: AlertParts) {
  const { store, reportFault, now, maintenance, options = {} } = parts;
  const log = moduleLog(parts.log, "alerts");
  const book = { ...createAlertStore(store.db), ...createAlertMessages(store.db) };
  const hold = createHold({ ...config, maintenance });
  const source = `process ${randomUUID().slice(0, 8)}`;
  const everyMs = options.everyMs ?? EVERY_MS;
  let dispatcher: Dispatcher | null = null;
  let evaluator: Evaluator | null = null;
  const onChange = () => dispatcher?.wake();
  const alarm = createAlarm({ book, now, onChange });
  const showNow = async (changed: readonly AlertRecord[]) => dispatcher?.showNow(changed);
  const { signs, observe } = createSigns(now);
  const beatMs = config.poll.intervalSeconds * 1_000;
  const heartbeat = createHeartbeat({ url: config.heartbeatUrl, everyMs: beatMs, alarm, log, source });
  const { timezone } = config;
  return {
    alarm,
    desk: createAlertDesk({ ...config.alerts, book, hold, timezone, now, showNow }),
    /** The counters, heard by the rules too. */
    listeningTo: (metrics: Metrics): Metrics => listening(metrics, { observe, polled }),
    /** Faults, likewise. */
    hearing:
      (report: ReportFault): ReportFault =>
      (fault: Fault) => {
        if (fault.surface === "slack") observe.slackFault();
        report(fault);
      },
    /** Once, before the engine is launched. */
    connect({ slack, health, spend }: AlertNeighbours): void {
      const { exclusive } = store;
      const messages = registerAlertMessages({ book, wall: slack.alertWall, hold, exclusive, now });
      dispatcher = createDispatcher({
        ...{ book, messages, hold, exclusive, now, reportFault, log, everyMs },
        settleMs: options.settleMs ?? SETTLE_MS,
      });
      evaluator = createEvaluator({
        ...{ alarm, health, signs, source, now, log, reportFault, everyMs, memory: memoryInUse },
        facts: { ...createAlertFacts(store.db), budget: () => budgetOf(config, spend) },
        outcry: createOutcry({ shout: slack.shout, now, log }),
      });
    },
    start(): void {
      dispatcher?.start();
      evaluator?.start();
    },
    async stop(): Promise<void> {
      await Promise.all([evaluator?.stop(), dispatcher?.stop()]);
    },
  };

  function polled(isGood: boolean): void {
    if (isGood) heartbeat.beat();
    void evaluator?.look();
  }
}

interface Listeners {
  observe: ReturnType<typeof createSigns>["observe"];
  polled: (isGood: boolean) => void;
}

function listening(metrics: Metrics, { observe, polled }: Listeners): Metrics {
  return {
    ...metrics,
    httpRequest(seen) {
      metrics.httpRequest(seen);
      observe.httpRequest(seen);
    },
    notionCall(seen) {
      metrics.notionCall(seen);
      observe.notionCall(seen);
    },
    claudeCall(seen) {
      metrics.claudeCall(seen);
      observe.claudeCall(seen);
    },
    polled(seen) {
      metrics.polled(seen);
      polled(seen.found !== null);
    },
    slack: {
      ...metrics.slack,
      acknowledged(seen) {
        metrics.slack.acknowledged(seen);
        observe.slackAcknowledged(seen);
      },
    },
  };
}

async function budgetOf({ claude }: AlertSettings, spend: AlertNeighbours["spend"]) {
  const capUsd = claude.dailyBudgetUsd;
  return capUsd === 0 ? null : { spentUsd: await spend.spentToday(), capUsd };
}

/** null without a limit of our own: an unlimited container names more than the machine has. */
function memoryInUse() {
  const limitBytes = process.constrainedMemory();
  if (limitBytes === undefined || limitBytes === 0 || limitBytes > totalmem()) return null;
  return { usedBytes: process.memoryUsage.rss(), limitBytes };
}
