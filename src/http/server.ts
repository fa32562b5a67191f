/**
 * The bot's own HTTP side: what it is, whether it is well, what it counts, and polling on demand. Slack's endpoint is
 * mounted beside it by others, so no body is parsed before a route is known. Owns the order of things that every
 * request passes; the routes are in route-table.ts.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express, type RequestHandler } from "express";
import { MemoryStore } from "express-rate-limit";
import { answerFaults, notFound, refuse } from "./faults.ts";
import { createHandlers } from "./handlers.ts";
import { closeForMaintenance } from "./maintenance.ts";
import type { HttpPorts, HttpSettings } from "./ports.ts";
import { allowOrigins, limitRate, limitWebhooks, securityHeaders } from "./protection.ts";
import { drain, identify, watch } from "./requests.ts";
import { ROUTES, type Route } from "./route-table.ts";
import { webhookGates } from "./webhooks.ts";

/** A request that never ends must not keep the process from ending. */
const CLOSE_PATIENCE_MS = 2_000;

export interface HttpServer {
  app: Express;
  /** After every route, those of others included: JSON for what is not there and for what went wrong. */
  addFallbacks(): void;
  /** Resolves with the port. */
  listen(): Promise<number>;
  /** Refuses new connections, lets running requests end, for two seconds at most. */
  close(): Promise<void>;
}

export function createHttpServer(settings: HttpSettings, ports: HttpPorts): HttpServer {
  const app = express();
  app.disable("x-powered-by");
  // request.ip and request.protocol come from the connection; protection.ts says why.
  app.set("trust proxy", false);
  const counts = new MemoryStore();
  app.use(drain, identify, watch(new Set([...Object.keys(ROUTES), ...settings.foreignPaths]), ports.observe));
  app.use(...securityHeaders());
  if (settings.allowedOrigins.length > 0) app.use(allowOrigins(settings));
  const webhookCounts = new MemoryStore();
  if (settings.rateLimitEnabled) {
    app.use(limitRate(settings, counts));
    app.use("/webhooks", limitWebhooks(settings, webhookCounts));
  }
  app.use(closeForMaintenance(settings, ports));
  addRoutes(app, createHandlers(ports, settings), webhookGates(ports));
  const server = createServer(app);
  // Longer than the proxy's 60 s, so that it is never us who drops a connection it is about to use.
  server.keepAliveTimeout = 65_000;
  return {
    app,
    addFallbacks: () => app.use(notFound, answerFaults(ports.onFault)),
    listen: () => listen(server, settings),
    async close() {
      counts.shutdown();
      webhookCounts.shutdown();
      await close(server);
    },
  };
}

/** `gates`: what stands before all methods of a path. */
function addRoutes(
  app: Express,
  handlers: Record<string, RequestHandler[]>,
  gates: Record<string, RequestHandler>,
): void {
  const routes: Record<string, Route> = ROUTES;
  for (const [path, { method }] of Object.entries(routes)) {
    const allowed = method === "get" ? "GET, HEAD" : "POST";
    const route = app.route(path);
    const gate = gates[path];
    if (gate !== undefined) route.all(gate);
    route[method](...(handlers[path] ?? [])).all((_request, response) => {
      response.set("Allow", allowed);
      refuse(response, 405, { error: "method_not_allowed", message: `${path} answers ${allowed} only.` });
    });
  }
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
