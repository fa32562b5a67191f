/** What the HTTP side shows and starts. */
import type { HealthReport, PollReport } from "../domain/health.ts";

export interface HttpPorts {
  build: { version: string; commit: string | null };
  health(): HealthReport;
  /** null = ready; otherwise why not. */
  whyNotReady(): Promise<string | null>;
  poller(): { active: boolean; intervalSeconds: number; lastSuccessAt: string | null };
  /** Database name → an id is configured. */
  databases(): Record<string, boolean>;
  /** Polls through the same path as the clock. */
  pollNow(): Promise<PollReport>;
  /** Everything that is counted, as Prometheus reads it. */
  metrics: { contentType: string; text(): Promise<string> };
  /** Called once per request, when it has ended. */
  observe(request: RequestSeen): void;
  /** Logs it once. */
  onFault(error: unknown, requestId: string): void;
}

export interface RequestSeen {
  method: string;
  /** A path of the table of routes, or "other". */
  route: string;
  /** 499 = the caller left before the answer. */
  status: number;
  durationMs: number;
}

export interface HttpSettings {
  host: string;
  port: number;
  /** null = POST /trigger-poll is off. */
  apiKey: string | null;
  apiKeyHeader: string;
  rateLimitEnabled: boolean;
  rateLimitPerMinute: number;
  allowedOrigins: readonly string[];
  metrics: { enabled: boolean; token: string | null };
  /** Railway's edge says in X-Real-IP who calls; anywhere else that header is anybody's word. */
  isBehindRailway: boolean;
  /** Paths that others mount on this server: never parsed, never limited, counted under their own name. */
  foreignPaths: readonly string[];
}
