/** The bot's own HTTP side: what it is, whether it is well, whether it is ready. Slack's endpoint is mounted beside it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import helmet from "helmet";
import type { HealthReport } from "../domain/health.ts";
import type { HttpPorts } from "./ports.ts";

/** A request that never ends must not keep the process from ending. */
const CLOSE_PATIENCE_MS = 2_000;

export interface HttpServer {
  app: Express;
  /** Resolves with the port. */
  listen(): Promise<number>;
  /** Refuses new connections, lets running requests end, for two seconds at most. */
  close(): Promise<void>;
}

export function createHttpServer(options: { host: string; port: number; ports: HttpPorts }): HttpServer {
  const app = express();
  app.disable("x-powered-by");
  app.use(helmet());
  addRoutes(app, options.ports);
  const server = createServer(app);
  // Longer than the proxy's 60 s, so that it is never us who drops a connection it is about to use.
  server.keepAliveTimeout = 65_000;
  return {
    app,
    listen: () => listen(server, options),
    close: () => close(server),
  };
}

function addRoutes(app: Express, ports: HttpPorts): void {
  app.get("/", (_request, response) => {
    response.json({
      service: "executive-mind-matrix",
      ...ports.build,
      poller_running: ports.poller().active,
    });
  });
  app.get("/health", (_request, response) => {
    const report = ports.health();
    response.status(report.status === "unhealthy" ? 503 : 200).json(healthBody(report, ports));
  });
  app.get("/ready", async (_request, response) => {
    const reason = await ports.whyNotReady();
    if (reason === null) response.json({ ready: true });
    else response.status(503).json({ ready: false, reason });
  });
}

/** Keys of the original's `/health`, plus the checks. Public: names and states only. */
function healthBody(report: HealthReport, ports: HttpPorts) {
  const poller = ports.poller();
  return {
    status: report.status,
    poller_active: poller.active,
    polling_interval: poller.intervalSeconds,
    databases_configured: ports.databases(),
    checks: Object.fromEntries(
      report.checks.map(({ name, status, checkedAt }) => [name, { status, checked_at: checkedAt }]),
    ),
  };
}

/** After every route: JSON for what is not there and for what went wrong. */
export function addFallbacks(app: Express, onError: (error: unknown) => string): void {
  app.use((_request, response) => {
    response.status(404).json({ error: "not_found" });
  });
  app.use(
    (error: unknown, _request: express.Request, response: express.Response, next: express.NextFunction) => {
      if (response.headersSent) return next(error);
      const status = statusOf(error);
      if (status < 500) return response.status(status).json({ error: "bad_request" });
      return response.status(500).json({ error: "internal", reference: onError(error) });
    },
  );
}

function statusOf(error: unknown): number {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // listen() on a host and port always yields an AddressInfo, never a pipe name.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => server.closeAllConnections(), CLOSE_PATIENCE_MS);
    server.close(() => {
      clearTimeout(impatience);
      resolve();
    });
    server.closeIdleConnections();
  });
}
