/** Maintenance and reports as the Slack side sees them, in memory. */
import { budgetFigures } from "../../src/domain/budget.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { figuresOf } from "../../src/domain/figures.ts";
import type { Maintenance } from "../../src/domain/maintenance.ts";
import type { MaintenanceDesk, ReportDesk } from "../../src/slack/operations-ports.ts";

export const NOON = "2026-11-20T12:00:00.000Z";

export function maintenanceSample(change: Partial<Maintenance> = {}): Maintenance {
  return {
    id: "7",
    by: { slackId: "U0SAM00001", name: "Sam Okafor" },
    reason: "moving the databases",
    startedAt: NOON,
    endsAt: "2026-11-20T12:30:00.000Z",
    ended: null,
    card: null,
    rev: 1,
    cardRev: 0,
    ...change,
  };
}

/** One that can begin and end; its clock is the machine's. */
export function createMaintenanceDesk(): MaintenanceDesk {
  let current: Maintenance | null = null;
  return {
    latest: async () => current,
    async begin({ by, durationMs, reason }) {
      const isNew = current === null || current.ended !== null;
      const startedAt = new Date();
      const endsAt = new Date(startedAt.getTime() + durationMs).toISOString();
      const maintenance = maintenanceSample({ by, reason, startedAt: startedAt.toISOString(), endsAt });
      current = maintenance;
      return { maintenance, isNew };
    },
    async end(by) {
      if (current === null || current.ended !== null) return null;
      current = { ...current, ended: { at: new Date().toISOString(), by } };
      return current;
    },
    inForce: () => (current?.ended === null ? current : null),
  };
}

export const emptyReports: ReportDesk = {
  digest: async (kind) =>
    digestOf({
      ...{
        kind,
        since: "2026-11-19T08:00:00.000Z",
        until: NOON,
        decided: [],
        decidedLately: [],
        pending: [],
      },
      items: { new: 0, tasks: 0, notes: 0, givenUp: 0, unpaid: 0 },
      ...{ tasksDone: null, spend: { usd: 0, calls: 0 }, missed: [] },
      health: { status: "healthy", checks: [] },
    }),
  budget: async () =>
    budgetFigures({
      ...{ today: "2026-11-20", entries: [], firstDay: null, capUsd: 0, isReached: false, waiting: null },
    }),
  decidedToday: async () => [],
  stats: async () =>
    [7, 30].map((days) =>
      figuresOf({
        ...{ days, decided: [], pendingNow: 0, created: 0, superseded: 0, tasks: 0, notes: 0, givenUp: 0 },
      }),
    ),
};
