/** What each route of the table answers. Public answers hold names and states only: no details, ids or reasons. */
import express, { type RequestHandler, type Response } from "express";
import type { z } from "zod";
import type { HealthReport } from "../domain/health.ts";
import { pauseWords } from "../domain/pause.ts";
import { isAppError } from "../errors.ts";
import { correlated } from "../log.ts";
import type { Health, Poll, Readiness, Service, Status } from "./bodies.ts";
import { docsPage } from "./docs-page.ts";
import { refuse } from "./faults.ts";
import type { OpenApiDocument } from "./openapi.ts";
import type { HttpPorts, HttpSettings } from "./ports.ts";
import { requireKey, requireMetricsToken } from "./protection.ts";
import { requestIdOf } from "./requests.ts";
import type { RoutePath } from "./route-table.ts";
import { sloDashboard } from "./slo-dashboard.ts";
import { HANDSHAKE_PATH, notionHandshake, webhookHandlers } from "./webhooks.ts";

const SERVICE = "executive-mind-matrix";
/** No route of ours needs a body. */
const BODY_LIMIT = "16kb";

type Handlers = Record<RoutePath, RequestHandler[]>;

export function createHandlers(ports: HttpPorts, settings: HttpSettings): Handlers {
  const document = documentOnDemand(ports, settings);
  const startedAt = new Date();
  return {
    "/": [
      (_request, response) => {
        const poller_running = isPolling(ports);
        const body: z.infer<typeof Service> = { service: SERVICE, ...ports.build, poller_running };
        response.json(body);
      },
    ],
    "/health": [
      (_request, response) => {
        const report = ports.health();
        response.status(report.status === "unhealthy" ? 503 : 200).json(healthBody(report, ports));
      },
    ],
    "/ready": [
      async (_request, response) => {
        const reason = await ports.whyNotReady();
        const body: z.infer<typeof Readiness> = reason === null ? { ready: true } : { ready: false, reason };
        response.status(reason === null ? 200 : 503).json(body);
      },
    ],
    "/api/status": [(_request, response) => response.json(statusBody(ports, startedAt))],
    "/api/slo-dashboard": [sloDashboard(ports)],
    "/metrics": [
      requireMetricsToken(settings),
      async (_request, response) => {
        const text = await ports.metrics.text();
        response.set("Content-Type", ports.metrics.contentType).send(text);
      },
    ],
    "/trigger-poll": [
      requireKey(settings),
      express.raw({ type: () => true, limit: BODY_LIMIT }),
      (_request, response) => triggerPoll(ports, response),
    ],
    ...webhookHandlers(ports),
    [HANDSHAKE_PATH]: [
      requireKey(settings),
      express.raw({ type: () => true, limit: BODY_LIMIT }),
      notionHandshake(ports),
    ],
    "/docs": [
      async (_request, response) => {
        const { html, policy } = docsPage(await document());
        response.set("Content-Security-Policy", policy).type("html").send(html);
      },
    ],
    "/openapi.json": [async (_request, response) => response.json(await document())],
  };
}

/** Most processes are never asked for it, and its generator takes time at the start and memory for ever. */
function documentOnDemand({ build: { version } }: HttpPorts, { apiKeyHeader }: HttpSettings) {
  let document: OpenApiDocument | null = null;
  return async () => {
    const { openApiDocument } = await import("./openapi.ts");
    document ??= openApiDocument({ version, apiKeyHeader });
    return document;
  };
}

async function triggerPoll(ports: HttpPorts, response: Response): Promise<void> {
  const reason = await ports.whyNotReady();
  if (reason !== null) {
    refuse(response, 503, { error: "not_ready", message: `The bot does not take work now: ${reason}.` });
    return;
  }
  try {
    const correlation = `http:${requestIdOf(response)}`;
    const outcome = await correlated(correlation, ports.pollNow);
    if (outcome.kind === "paused") {
      const message = `Nothing was looked at: ${pauseWords(outcome.pause)}. Resume polling with /emm poll resume.`;
      refuse(response, 409, { error: "polls_paused", message });
      return;
    }
    const { found, started, waiting, swept } = outcome.report;
    const body: z.infer<typeof Poll> = { found, started, waiting, swept };
    response.json(body);
  } catch (error) {
    if (!isAppError(error)) throw error;
    // Logged and counted by the poller already.
    refuse(response, 502, { error: "poll_failed", message: error.message });
  }
}

/** What people mean when they ask whether the poller runs: a paused one does not look. */
function isPolling(ports: HttpPorts): boolean {
  const { active, pause } = ports.poller();
  return active && pause === null;
}

/** Keys of the original's `/health`, plus the checks. */
function healthBody(report: HealthReport, ports: HttpPorts): z.infer<typeof Health> {
  const poller = ports.poller();
  return {
    status: report.status,
    poller_active: isPolling(ports),
    polling_interval: poller.intervalSeconds,
    databases_configured: ports.databases(),
    maintenance: maintenanceBody(ports),
    checks: components(report),
  };
}

function statusBody(ports: HttpPorts, startedAt: Date): z.infer<typeof Status> {
  const report = ports.health();
  const poller = ports.poller();
  return {
    service: SERVICE,
    ...ports.build,
    status: report.status,
    started_at: startedAt.toISOString(),
    uptime_seconds: Math.floor((Date.now() - startedAt.getTime()) / 1_000),
    poller: {
      active: isPolling(ports),
      paused: poller.pause !== null,
      interval_seconds: poller.intervalSeconds,
      last_success_at: poller.lastSuccessAt,
    },
    maintenance: maintenanceBody(ports),
    components: components(report),
  };
}

function maintenanceBody({ maintenance }: HttpPorts): z.infer<typeof Health>["maintenance"] {
  const found = maintenance();
  return found && { until: found.until, message: found.reason };
}

function components(report: HealthReport): z.infer<typeof Health>["checks"] {
  return Object.fromEntries(
    report.checks.map(({ name, status, checkedAt }) => [name, { status, checked_at: checkedAt }]),
  );
}
