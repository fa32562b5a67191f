/** Maintenance, digests and the figures that people ask for. */
import type { Config } from "../config.ts";
import type { Backlog } from "../domain/backlog.ts";
import { type BudgetState, budgetFigures } from "../domain/budget.ts";
import { addDays, DAY_MS, localDay } from "../domain/calendar.ts";
import { type Figures, figuresOf } from "../domain/figures.ts";
import type { HealthReport } from "../domain/health.ts";
import { retryAfterSeconds } from "../domain/maintenance.ts";
import type { ReportFault } from "../errors.ts";
import type { Probe } from "../health/monitor.ts";
import { type Log, moduleLog } from "../log.ts";
import type { NotionWorkspace } from "../notion/workspace.ts";
import { createSchedule } from "../poller/schedule.ts";
import type { Slack } from "../slack/slack.ts";
import { createDigestStore } from "../store/digests.ts";
import { createFigures } from "../store/figures.ts";
import * as ledgers from "../store/ledgers.ts";
import { createMaintenanceStore } from "../store/maintenance.ts";
import type { createSpendLedger } from "../store/spend.ts";
import type { Store } from "../store/store.ts";
import { isBudgetReached } from "../workflows/budget.ts";
import { type DigestDeps, registerDigests } from "../workflows/digest.ts";
import { type MaintenanceDesk, registerMaintenance } from "../workflows/maintenance.ts";

/** Every two seconds: replicas close and open their doors within that time of each other. */
const MAINTENANCE_CRON = "*/2 * * * * *";
const DIGEST_CRON = "0 * * * * *";
const STATS_DAYS = [7, 30];

interface MaintenanceParts {
  store: Store;
  /** Read when something is posted: others have to know of the maintenance before there is a Slack. */
  slack: () => Slack;
  now: () => Date;
}

export function createMaintenance({ store, slack, now }: MaintenanceParts) {
  const desk = registerMaintenance({
    book: createMaintenanceStore(store.db),
    board: {
      postMaintenance: (maintenance) => slack().operationsBoard.postMaintenance(maintenance),
      updateMaintenance: (maintenance) => slack().operationsBoard.updateMaintenance(maintenance),
    },
    audit: ledgers.createAuditTrail(store.db),
    exclusive: store.exclusive,
    now,
  });
  return {
    desk,
    /** What callers of the HTTP side are told; null = open. */
    notice() {
      const found = desk.inForce();
      return (
        found && {
          until: found.endsAt,
          reason: found.reason,
          retryAfterSeconds: retryAfterSeconds(found, now()),
        }
      );
    },
    /** Holds alerts back. Asks the store. */
    async held(): Promise<{ until: string | null; reason: string } | null> {
      const pause = await desk.pause.state();
      return pause && { until: pause.until, reason: pause.reason };
    },
    probe: maintenanceProbe(desk),
  };
}

function maintenanceProbe(desk: Pick<MaintenanceDesk, "pause">): Probe {
  const look: Probe["run"] = async () => {
    const pause = await desk.pause.state();
    if (pause === null) return { status: "ok", detail: "none" };
    const held = "polls wait, alerts are held, HTTP answers 503";
    return { status: "degraded", detail: `until ${pause.until}, by ${pause.by}: ${held}` };
  };
  return { name: "maintenance", critical: false, everyMs: 5_000, run: look };
}

/** Where and when the readers of digests are. */
export function readerSettings({ timezone, notion }: Config) {
  const pipesUrl = `https://app.notion.com/p/${notion.databases.ACTION_PIPES.replaceAll("-", "")}`;
  return { timezone, pipesUrl };
}

interface OperationsParts {
  store: Store;
  log: Log;
  notion: Pick<NotionWorkspace, "tasksDoneSince">;
  slack: Slack;
  spend: ReturnType<typeof createSpendLedger>;
  maintenance: ReturnType<typeof createMaintenance>;
  health(): HealthReport;
  backlog(): Promise<Backlog | null>;
  reportFault: ReportFault;
  now: () => Date;
}

export function createOperations(config: Config, parts: OperationsParts) {
  const { store, notion, slack, now } = parts;
  const settings = ledgers.createSettings(store.db);
  const figures = createFigures(store.db);
  const purse = { settings, spend: parts.spend };
  const budgetState = async (): Promise<BudgetState> => ({
    isReached: await isBudgetReached(purse, config.claude.dailyBudgetUsd),
    waiting: (await parts.backlog())?.count ?? null,
  });
  const digestDeps: DigestDeps = {
    digests: createDigestStore(store.db),
    ...{ figures, settings, now },
    board: slack.operationsBoard,
    tasksDoneSince: notion.tasksDoneSince,
    health: parts.health,
    budget: budgetState,
    schedule: {
      daily: config.digest.dailyCron,
      weekly: config.digest.weeklyCron,
      timezone: config.timezone,
    },
  };
  const digests = registerDigests(digestDeps);
  const schedule = (name: string, cron: string, run: () => Promise<void>) =>
    createSchedule({
      ...{ name, cron, run, reportFault: parts.reportFault },
      log: moduleLog(parts.log, "schedule"),
    });
  const schedules = [
    schedule("maintenance", MAINTENANCE_CRON, parts.maintenance.desk.look),
    schedule("digests", DIGEST_CRON, digests.tick),
  ];
  return {
    reports: {
      digest: digests.preview,
      async budget() {
        const today = parts.spend.today();
        const monthBegin = `${today.slice(0, 7)}-01`;
        const weekAgo = addDays(today, -7);
        const entries = await figures.spendSince(weekAgo < monthBegin ? weekAgo : monthBegin);
        const firstDay = await figures.firstSpendDay();
        const capUsd = config.claude.dailyBudgetUsd;
        return budgetFigures({ today, entries, firstDay, capUsd, ...(await budgetState()) });
      },
      decidedToday: () => figures.decidedIn(localDay(now(), config.timezone)),
      stats: () => Promise.all(STATS_DAYS.map((days) => statsOf(figures, days, now()))),
    },
    /** Before anybody is let in: whether there is a maintenance is known once it resolves. */
    async start(): Promise<void> {
      await parts.maintenance.desk.look();
      await Promise.all(schedules.map((one) => one.start()));
    },
    async stop(timeoutMs: number): Promise<void> {
      await Promise.all(schedules.map((one) => one.stop(timeoutMs)));
    },
  };
}

async function statsOf(figures: ReturnType<typeof createFigures>, days: number, now: Date): Promise<Figures> {
  const period = { since: new Date(now.getTime() - days * DAY_MS).toISOString(), until: now.toISOString() };
  const ended = await figures.itemsEndedIn(period);
  return figuresOf({
    days,
    decided: await figures.decidedIn(period),
    pendingNow: await figures.pendingCount(),
    created: await figures.createdIn(period),
    superseded: await figures.supersededIn(period),
    tasks: ended.operational,
    notes: ended.reference,
    givenUp: await figures.givenUpIn(period),
  });
}
