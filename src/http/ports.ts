/** What the HTTP side shows. */
import type { HealthReport } from "../domain/health.ts";

export interface HttpPorts {
  build: { version: string; commit: string | null };
  health(): HealthReport;
  /** null = ready; otherwise why not. */
  whyNotReady(): Promise<string | null>;
  poller(): { active: boolean; intervalSeconds: number };
  /** Database name → an id is configured. */
  databases(): Record<string, boolean>;
}
