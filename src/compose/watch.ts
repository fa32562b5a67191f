import type { Config } from "../config.ts";
import type { HealthReport } from "../domain/health.ts";
import type { ErrorTracking } from "../error-tracking.ts";
import type { Fault } from "../errors.ts";
import { createMetrics } from "../metrics/metrics.ts";
import type { Poller } from "../poller/poller.ts";
import { createDecisionStore } from "../store/decisions.ts";
import type { Store } from "../store/store.ts";

interface WatchParts {
  store: Store;
  errors: ErrorTracking;
  poller: () => Poller;
  health: () => HealthReport;
}

/** Who hears of everything that happens: the counters, and error tracking of what broke. */
export function createWatch(config: Config, { store, errors, poller, health }: WatchParts) {
  const decisions = createDecisionStore(store.db);
  const metrics = createMetrics({
    withProcess: config.metrics.enabled,
    sources: {
      pendingDecisions: () => decisions.count("pending"),
      poller: () => poller().status(),
      health,
    },
  });
  const reportFault = (fault: Fault) => {
    metrics.fault(fault);
    errors.report(fault);
  };
  return { metrics, reportFault };
}
