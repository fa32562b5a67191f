/** The service levels, connected to what they are measured on. */
import type { Alarm } from "../domain/alert.ts";
import type { PauseView } from "../domain/pause.ts";
import { createServiceLevels } from "../health/service-levels.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Poller } from "../poller/poller.ts";
import { createServiceLevelStore } from "../store/service-levels.ts";
import type { Store } from "../store/store.ts";

interface LevelParts {
  store: Store;
  log: Log;
  alarm: Alarm;
  metrics: Metrics;
  poller(): Poller;
  pause: PauseView;
  whyNotReady(): Promise<string | null>;
  now: () => Date;
}

export type ServiceLevels = ReturnType<typeof composeServiceLevels>;

export function composeServiceLevels({ store, log, metrics, poller, whyNotReady, ...parts }: LevelParts) {
  const levels = createServiceLevels({
    ...parts,
    book: createServiceLevelStore(store.db),
    poller: () => poller().status(),
    isReady: async () => (await whyNotReady()) === null,
    log: moduleLog(log, "service-levels"),
  });
  return {
    ...levels,
    /** Counts acknowledgements for both. */
    slackMeter: {
      ...metrics.slack,
      unanswered: levels.clicks.unanswered,
      acknowledged(ack: { type: string; durationMs: number }) {
        metrics.slack.acknowledged(ack);
        levels.clicks.acknowledged(ack);
      },
    },
  };
}
