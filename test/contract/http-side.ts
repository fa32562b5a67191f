/** The HTTP side on a free port, with everything behind it in the test's hand. */
import type { PollOutcome, PollReport } from "../../src/domain/health.ts";
import type { PauseState } from "../../src/domain/pause.ts";
import type { HttpPorts, HttpSettings, RequestSeen, WebhookDoor } from "../../src/http/ports.ts";
import { createHttpServer, type HttpServer } from "../../src/http/server.ts";
import { exampleReport } from "../fixtures/service-levels.ts";

export interface HttpSide {
  origin: string;
  server: HttpServer;
  /** What the bot would say; changed by tests. */
  world: {
    notReady: string | null;
    status: "healthy" | "degraded" | "unhealthy";
    poll: () => Promise<PollOutcome>;
    pause: PauseState | null;
  };
  seen: RequestSeen[];
  faults: { error: unknown; requestId: string }[];
  close(): Promise<void>;
}

export const SECRET_DETAIL = "token xoxb-canary refused by database 1f2e3d";

const SETTINGS: HttpSettings = {
  host: "127.0.0.1",
  port: 0,
  apiKey: "the-right-key",
  apiKeyHeader: "X-API-Key",
  rateLimitEnabled: false,
  rateLimitPerMinute: 60,
  allowedOrigins: [],
  metrics: { enabled: true, token: null },
  maintenanceAllowedIps: [],
  isBehindRailway: false,
  foreignPaths: ["/slack/events"],
};

export function polled(report: Partial<PollReport>): PollOutcome {
  const nothing = { found: 0, started: 0, runs: [], waiting: [], swept: 0 };
  return { kind: "polled", report: { ...nothing, ...report } };
}

/** As without any secret. */
const NO_WEBHOOKS: WebhookDoor = {
  isOpen: async () => false,
  limitBytes: () => 0,
  turnAway: () => "closed",
  receive: async () => ({ kind: "refused", message: "closed" }),
  awaitHandshake: null,
};

export async function startHttp(
  settings: Partial<HttpSettings> = {},
  mount: (server: HttpServer) => void = () => {},
  more: Partial<HttpPorts> = {},
): Promise<HttpSide> {
  const world: HttpSide["world"] = {
    notReady: null,
    status: "healthy",
    poll: async () => polled({ found: 3, started: 1, waiting: [{ count: 2, reason: "just finished" }] }),
    pause: null,
  };
  const seen: RequestSeen[] = [];
  const faults: HttpSide["faults"] = [];
  const ports: HttpPorts = {
    build: { version: "1.2.3", commit: "abc123", deployment: "d-1" },
    health: () => ({
      status: world.status,
      checks: [
        { name: "store", status: "ok", detail: SECRET_DETAIL, checkedAt: "2027-01-01T00:00:00.000Z" },
        { name: "notion", status: "unknown", detail: SECRET_DETAIL, checkedAt: null },
      ],
    }),
    whyNotReady: async () => world.notReady,
    poller: () => ({ active: true, intervalSeconds: 120, lastSuccessAt: null, pause: world.pause }),
    databases: () => ({ system_inbox: true }),
    pollNow: () => world.poll(),
    serviceLevels: async () => exampleReport(),
    metrics: { contentType: "text/plain; version=0.0.4; charset=utf-8", text: async () => "up 1\n" },
    observe: (request) => seen.push(request),
    onFault: (error, requestId) => faults.push({ error, requestId }),
    webhooks: () => NO_WEBHOOKS,
    webhookSeen: () => {},
    maintenance: () => null,
    ...more,
  };
  const server = createHttpServer({ ...SETTINGS, ...settings }, ports);
  mount(server);
  server.addFallbacks();
  const port = await server.listen();
  return { origin: `http://127.0.0.1:${port}`, server, world, seen, faults, close: server.close };
}
