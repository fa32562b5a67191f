/** Incidents, connected to the card, the post-mortem and what is noted by itself. */
import type { Config } from "../config.ts";
import { DAY_MS } from "../domain/calendar.ts";
import type { ReportFault } from "../errors.ts";
import { type Log, moduleLog } from "../log.ts";
import type { NotionWorkspace } from "../notion/workspace.ts";
import { createSchedule } from "../poller/schedule.ts";
import type { Slack } from "../slack/slack.ts";
import { createIncidentFacts } from "../store/incident-facts.ts";
import { createIncidentStore } from "../store/incidents.ts";
import type { Store } from "../store/store.ts";
import { registerIncidents } from "../workflows/incidents.ts";

interface IncidentParts {
  store: Store;
  slack: Slack;
  notion: Pick<NotionWorkspace, "records">;
  reportFault: ReportFault;
  log: Log;
  now: () => Date;
}

/** Not at the full minute, when polls and digests begin. */
const LOOK_CRON = "20 * * * * *";
const STARTS_KEPT_DAYS = 90;

export type Incidents = ReturnType<typeof createIncidents>;

export function createIncidents(
  config: Config,
  { store, slack, notion, reportFault, now, ...parts }: IncidentParts,
) {
  const facts = createIncidentFacts(store.db);
  const { desk, look } = registerIncidents({
    ...{ facts, now },
    book: createIncidentStore(store.db),
    wall: slack.incidentWall,
    records: notion.records,
    exclusive: store.exclusive,
  });
  const log = moduleLog(parts.log, "schedule");
  const schedule = createSchedule({ name: "incidents", cron: LOOK_CRON, run: look, reportFault, log });
  return {
    desk,
    /** After the engine was launched. */
    async start(): Promise<void> {
      const { version, commit } = config.build;
      const at = now();
      await facts.started({ at, version, commit, deployment: config.railway.deploymentId });
      await facts.forgetStartsBefore(new Date(at.getTime() - STARTS_KEPT_DAYS * DAY_MS));
      await schedule.start();
    },
    stop: schedule.stop,
  };
}
