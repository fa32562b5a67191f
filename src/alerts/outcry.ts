/**
 * The one message that does not go through the store: that the store is gone. Without it nothing can be written down, so
 * this lives in memory; each process says it once per outage, and edits it when the store is back.
 */
import { MINUTE_MS } from "../domain/calendar.ts";
import { durationWords } from "../domain/duration.ts";
import type { HealthReport } from "../domain/health.ts";
import type { MessageRef } from "../domain/item.ts";
import { toFailure } from "../errors.ts";
import type { Log } from "../log.ts";

export interface OutcryDeps {
  shout: {
    post(outage: { detail: string; since: string }): Promise<MessageRef>;
    over(message: MessageRef, outage: { lasted: string; since: string }): Promise<unknown>;
  };
  now: () => Date;
  log: Log;
}

/** A restart of the database is no outage. */
const PATIENCE_MS = MINUTE_MS;

export function createOutcry({ shout, now, log }: OutcryDeps): (health: HealthReport) => Promise<void> {
  let since: Date | null = null;
  let message: MessageRef | null = null;

  const hear = async ({ checks }: HealthReport): Promise<void> => {
    const store = checks.find((check) => check.name === "store");
    if (store === undefined || store.status === "unknown") return;
    if (store.status === "down") {
      since ??= now();
      if (message !== null || now().getTime() - since.getTime() < PATIENCE_MS) return;
      message = await shout.post({ detail: store.detail, since: since.toISOString() });
      return;
    }
    if (message !== null && since !== null) {
      const lasted = durationWords(now().getTime() - since.getTime());
      await shout.over(message, { lasted, since: since.toISOString() });
    }
    since = null;
    message = null;
  };
  return async (health) => {
    try {
      await hear(health);
    } catch (error) {
      // Slack is out of reach as well; the next look tries again, and health is red meanwhile.
      log.error({ code: toFailure(error).code }, "could not say that the database is gone");
    }
  };
}
