/** The alert engine on a real store and the durable engine, posting to the Slack stand-in. No Notion, no polls. */
import { pino } from "pino";
import { type AlertSettings, type Alerts, createAlerts } from "../../src/compose/alerts.ts";
import type { AlertSignal } from "../../src/domain/alert.ts";
import type { HealthReport } from "../../src/domain/health.ts";
import { createSlackStandIn, type SlackWorkspaceStandIn } from "../../src/sandbox/slack/slack-stand-in.ts";
import { channels, createSlackSeed } from "../../src/sandbox/slack/workspace-seed.ts";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { createAlertWall, createShout } from "../../src/slack/alert-wall.ts";
import { createOutbound } from "../../src/slack/outbound.ts";
import { createPostLedger } from "../../src/store/ledgers.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { createEngine } from "../../src/workflows/engine.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";

export const ALERTS = channels.alerts;
export const DECISIONS = channels.leadership;

export interface AlertStation {
  slack: SlackWorkspaceStandIn;
  store: Store;
  alerts: Alerts;
  /** What the rules are told; change it. */
  health: HealthReport;
  maintenance: { until: string | null; reason: string } | null;
  raise(change: Partial<AlertSignal> & { key: string }): Promise<void>;
  /** The clock of the alerts jumps ahead. */
  moveClock(byMs: number): void;
  /** The bot's messages in a channel, threads left out. */
  cards(channel?: string): SlackMessage[];
  replies(card: SlackMessage): SlackMessage[];
  /** Calls to Slack since `calls` was emptied. */
  count(route: string): number;
  /** Resolves when `holds`; looks again whenever Slack changes. Meanwhile the alerts' clock runs fast. */
  until(holds: () => boolean, what: string): Promise<void>;
  /** Resolves when nothing is being drawn. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Edits keep a distance of seconds; how many there are is the same however fast they pass. */
const HURRY_MS = 1_000;
const HURRY_EVERY_MS = 80;

interface StationOptions {
  postIntervalMs?: number;
  settings?: Partial<AlertSettings>;
}

export async function openStation(options: StationOptions = {}): Promise<AlertStation> {
  const log = pino({ level: "silent" });
  const seed = createSlackSeed();
  const slack = await createSlackStandIn({ seed });
  const dataDir = preparedDataFolder();
  const store = await openStore({ databaseUrl: null, dataDir, log });
  const engine = createEngine({
    store,
    log,
    patience: { firstIntervalSeconds: 0.1, backoffRate: 1, maxAttempts: 600 },
  });
  let aheadMs = 0;
  const now = () => new Date(Date.now() + aheadMs);
  const outbound = createOutbound({
    token: seed.bot.token,
    apiUrl: slack.url,
    ledger: createPostLedger(store.db),
    log,
    postIntervalMs: options.postIntervalMs ?? 5,
    sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
  });
  const wall = { outbound, alertsChannel: ALERTS, decisionsChannel: DECISIONS };
  const alerts = createAlerts(
    {
      timezone: "UTC",
      heartbeatUrl: null,
      claude: { dailyBudgetUsd: 0 },
      poll: { intervalSeconds: 120 },
      alerts: { quietHours: null, ackHours: 4 },
      ...options.settings,
    },
    {
      ...{ store, log, now },
      reportFault: ({ error }) => {
        throw error;
      },
      maintenance: async () => station.maintenance,
      options: { settleMs: 30, everyMs: 3_600_000 },
    },
  );
  alerts.connect({
    slack: { alertWall: createAlertWall(wall), shout: createShout(wall) },
    health: () => station.health,
    spend: { spentToday: async () => 0 },
  });
  await engine.launch();
  alerts.start();
  const station: AlertStation = {
    ...{ slack, store, alerts, maintenance: null },
    health: { status: "healthy", checks: [] },
    raise: (change) =>
      alerts.alarm.raise({
        ...{ severity: "warning", title: change.key, detail: "It was seen.", source: "test", url: null },
        ...change,
      }),
    moveClock(byMs) {
      aheadMs += byMs;
    },
    cards: (channel = ALERTS) => slack.messages(channel).filter((m) => m.threadTs === null && isOurs(m)),
    replies: (card) =>
      slack.messages(card.channel).filter((m) => m.threadTs === card.ts && m.ts !== card.ts && isOurs(m)),
    count: (route) =>
      slack.calls.filter((call) => call.route.endsWith(`/${route}`) && call.status === 200).length,
    async until(holds, what) {
      const hurry = setInterval(() => {
        aheadMs += HURRY_MS;
        // Ending what nobody raised changes nothing, and makes the engine look at what is due.
        void alerts.alarm.resolve({ key: "hurry", source: "test", detail: null });
      }, HURRY_EVERY_MS);
      await untilIn(slack, holds, what).finally(() => clearInterval(hurry));
    },
    idle: engine.idle,
    async close() {
      await alerts.stop();
      await engine.idle();
      await engine.shutdown(2_000);
      await store.close();
      await slack.close();
      removeDataFolder(dataDir);
    },
  };
  return station;
}

function isOurs(message: SlackMessage): boolean {
  return JSON.stringify(message.metadata ?? {}).includes("alert");
}

async function untilIn(slack: SlackWorkspaceStandIn, holds: () => boolean, what: string): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => {
      stop();
      reject(new Error(`did not happen within 20 s: ${what}`));
    }, 20_000);
    const stop = slack.onChange(() => {
      if (!holds()) return;
      clearTimeout(limit);
      stop();
      resolve();
    });
  });
}
