/** Whether alerts are kept back now: a maintenance holds all of them, quiet hours all but critical ones. */
import type { Hold } from "../domain/alert-display.ts";
import { type DailyWindow, windowEnd } from "../domain/quiet-hours.ts";
import type { HoldNow, MaintenanceHold } from "./ports.ts";

export interface HoldDeps {
  timezone: string;
  alerts: { quietHours: DailyWindow | null };
  maintenance: MaintenanceHold;
}

export function createHold({ timezone, alerts: { quietHours }, maintenance }: HoldDeps): HoldNow {
  return async (now): Promise<Hold | null> => {
    const closed = await maintenance(now);
    if (closed !== null) return { by: "maintenance", ...closed, sparesCritical: false };
    const until = quietHours === null ? null : windowEnd(timezone, now, quietHours);
    if (until === null) return null;
    return { by: "quiet-hours", until: until.toISOString(), reason: "quiet hours", sparesCritical: true };
  };
}
