/** Polls: their clock, what holds them back, and the desk where people ask for them. */
import type { Config } from "../config.ts";
import type { Backlog } from "../domain/backlog.ts";
import { eitherPause, type Pause, type PauseView } from "../domain/pause.ts";
import type { ReportFault } from "../errors.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { createPollDesk } from "../poller/desk.ts";
import { createPause } from "../poller/pause.ts";
import { createPoller } from "../poller/poller.ts";
import { createItemStore } from "../store/items.ts";
import * as ledgers from "../store/ledgers.ts";
import type { Store } from "../store/store.ts";
import { BACKLOG } from "../workflows/poll.ts";
import type { Workflows } from "../workflows/workflows.ts";

export interface Holds {
  /** What `/emm poll pause` sets. */
  pause: Pause;
  /** Everything that holds polls back. */
  holds: PauseView;
}

/** `others` hold polls back as well, e.g. maintenance. */
export function createHolds(store: Store, now: () => Date, ...others: PauseView[]): Holds {
  const pause = createPause({ settings: ledgers.createSettings(store.db), now });
  return { pause, holds: eitherPause(pause, ...others) };
}

interface PollingParts extends Holds {
  store: Store;
  log: Log;
  metrics: Metrics;
  reportFault: ReportFault;
  workflows: Workflows;
  now: () => Date;
}

export function createPolling(config: Config, parts: PollingParts) {
  const { store, pause, holds, now } = parts;
  const items = createItemStore(store.db);
  const settings = ledgers.createSettings(store.db);
  const backlog = () => settings.get<Backlog>(BACKLOG);
  const poller = createPoller({
    ...config.poll,
    timezone: config.timezone,
    poll: parts.workflows.poll,
    pause: holds,
    now,
    log: moduleLog(parts.log, "poller"),
    observe: parts.metrics.polled,
    reportFault: parts.reportFault,
  });
  const polls = createPollDesk({
    ...{ poller, pause, holds, backlog, now },
    outcomes: items.outcomes,
    atWork: () => items.count(["running"]),
  });
  return { poller, polls, backlog };
}
