/** What the HTTP side shows and starts. */

import type { HealthReport, PollOutcome } from "../domain/health.ts";
import type { PauseState } from "../domain/pause.ts";
import type { ServiceLevelReport } from "../domain/service-level-report.ts";
import type { Sender, WebhookOutcome } from "../domain/webhook.ts";

export interface HttpPorts {
  build: { version: string; commit: string | null; deployment: string | null };
  health(): HealthReport;
  /** null = ready; otherwise why not. */
  whyNotReady(): Promise<string | null>;
  poller(): {
    active: boolean;
    intervalSeconds: number;
    lastSuccessAt: string | null;
    /** null = polls are not held back. */
    pause: PauseState | null;
  };
  /** Database name → an id is configured. */
  databases(): Record<string, boolean>;
  /** Polls through the same path as the clock. */
  pollNow(): Promise<PollOutcome>;
  /** How well the promises are kept. */
  serviceLevels(): Promise<ServiceLevelReport>;
  /** Everything that is counted, as Prometheus reads it. */
  metrics: { contentType: string; text(): Promise<string> };
  /** Where outside systems report. Asked at every request: it is connected after the routes are. */
  webhooks(): WebhookDoor;
  /** Called once per webhook, when it was answered. */
  webhookSeen(seen: { sender: Sender; outcome: WebhookOutcome }): void;
  /** null = open. As last seen, seconds ago at most; does not wait. */
  maintenance(): { until: string; reason: string; retryAfterSeconds: number } | null;
  /** Called once per request, when it has ended. */
  observe(request: RequestSeen): void;
  /** Logs it once. */
  onFault(error: unknown, requestId: string): void;
}

/** What is known of a request before its body is read. */
export interface WebhookHead {
  header(name: string): string | undefined;
  /** From the address. */
  query(name: string): string | undefined;
}

export interface WebhookDoor {
  /** A route that is off does not exist. */
  isOpen(sender: Sender): Promise<boolean>;
  limitBytes(sender: Sender): number;
  /** Why this request goes no further; null = its body may be read. */
  turnAway(sender: Sender, head: WebhookHead): string | null;
  /** Durable when it says "accepted" or "repeated". */
  receive(
    sender: Sender,
    request: { head: WebhookHead; raw: Buffer; requestId: string },
  ): Promise<
    | { kind: "accepted" | "repeated"; key: string | null }
    | { kind: "ignored"; reason: string }
    | { kind: "refused" | "invalid" | "conflict"; message: string }
  >;
  /** Waits for Notion's verification token; null = nobody could be shown it. */
  awaitHandshake: (() => Promise<{ openUntil: string; token: string | null }>) | null;
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
  /** Addresses and ranges that are answered during a maintenance too. */
  maintenanceAllowedIps: readonly string[];
  /** Railway's edge says in X-Real-IP who calls; anywhere else that header is anybody's word. */
  isBehindRailway: boolean;
  /** Paths that others mount on this server: never parsed, never limited, counted under their own name. */
  foreignPaths: readonly string[];
}
