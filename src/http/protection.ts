/** Who may call what, and how often: security headers, origins, limits and keys. */
import { isIP } from "node:net";
import cors from "cors";
import type { Request, RequestHandler } from "express";
import { ipKeyGenerator, type MemoryStore, rateLimit } from "express-rate-limit";
import helmet from "helmet";
import { isSameSecret } from "../domain/secret.ts";
import { refuse } from "./faults.ts";
import type { HttpSettings } from "./ports.ts";

const YEAR_SECONDS = 31_536_000;

/** The headers that the deployment guide promises, and helmet's other defaults. */
export function securityHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          "default-src": ["'self'"],
          "base-uri": ["'none'"],
          "form-action": ["'none'"],
          "frame-ancestors": ["'none'"],
        },
      },
      strictTransportSecurity: { maxAge: YEAR_SECONDS, includeSubDomains: false },
      referrerPolicy: { policy: "strict-origin-when-cross-origin" },
      xFrameOptions: { action: "deny" },
      // helmet can only turn it off.
      xXssProtection: false,
    }),
    (_request, response, next) => {
      response.set("X-XSS-Protection", "1; mode=block");
      next();
    },
  ];
}

export function allowOrigins({ allowedOrigins, apiKeyHeader }: HttpSettings): RequestHandler {
  return cors({
    origin: [...allowedOrigins],
    methods: ["GET", "POST"],
    allowedHeaders: [apiKeyHeader, "Authorization", "Content-Type", "X-Request-Id"],
    exposedHeaders: ["X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy"],
    maxAge: 600,
  });
}

/** Asked by the platform, by load balancers and by Slack: a limit here would take the bot down by itself. */
const NEVER_LIMITED = ["/health", "/ready"];

/** Counts per process: with several replicas each allows this much. */
export function limitRate(settings: HttpSettings, store: MemoryStore): RequestHandler {
  const free = new Set([...NEVER_LIMITED, ...settings.foreignPaths]);
  return limiter({
    limit: settings.rateLimitPerMinute,
    store,
    skip: ({ path }) => free.has(path) || path.startsWith("/webhooks/"),
    callerOf: (request) => addressKey(request, settings),
  });
}

/** A monitor that has much to tell must not be cut off, by its own messages or by others at the same address. */
const WEBHOOKS_AT_LEAST = 600;
const WEBHOOKS_TIMES = 10;

/** Mounted on /webhooks: every sender is counted by itself, so `path` is the rest of the path. */
export function limitWebhooks(settings: HttpSettings, store: MemoryStore): RequestHandler {
  return limiter({
    limit: Math.max(WEBHOOKS_AT_LEAST, WEBHOOKS_TIMES * settings.rateLimitPerMinute),
    store,
    skip: () => false,
    callerOf: (request) => `${addressKey(request, settings)} ${KNOWN_WEBHOOK.exec(request.path)?.[0] ?? ""}`,
  });
}

/** What a caller makes up must not give it a fresh count. */
const KNOWN_WEBHOOK = /^\/(inbox|notion|alertmanager|railway|sentry)$/;

interface Limit {
  limit: number;
  store: MemoryStore;
  skip: (request: Request) => boolean;
  callerOf: (request: Request) => string;
}

function limiter({ limit, store, skip, callerOf }: Limit): RequestHandler {
  return rateLimit({
    store,
    windowMs: 60_000,
    limit,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    skip,
    keyGenerator: callerOf,
    handler: (_request, response) =>
      refuse(response, 429, {
        error: "rate_limited",
        message: `At most ${limit} requests a minute; Retry-After says when to come back.`,
      }),
  });
}

function addressKey(request: Request, { isBehindRailway }: HttpSettings): string {
  return ipKeyGenerator(callerAddress(request, isBehindRailway));
}

/**
 * X-Forwarded-For is never believed: how many proxies stand before us is not known, and a wrong count lets callers
 * choose their own address. Railway's edge overwrites X-Real-IP; elsewhere the connection itself is what counts.
 */
export function callerAddress(request: Request, isBehindRailway: boolean): string {
  const real = isBehindRailway ? request.get("x-real-ip") : undefined;
  if (real !== undefined && isIP(real) !== 0) return real;
  return request.socket.remoteAddress ?? "unknown";
}

export function requireKey(settings: HttpSettings): RequestHandler {
  const { apiKey, apiKeyHeader } = settings;
  return (request, response, next) => {
    if (apiKey === null) {
      const message = "This route is off: set API_KEY in the bot's environment to use it.";
      return refuse(response, 503, { error: "not_configured", message });
    }
    if (isSameSecret(request.get(apiKeyHeader), apiKey)) return next();
    refuse(response, 401, {
      error: "unauthorized",
      message: `Send the API key in the ${apiKeyHeader} header.`,
    });
  };
}

export function requireMetricsToken({ metrics }: HttpSettings): RequestHandler {
  return (request, response, next) => {
    if (!metrics.enabled) {
      return refuse(response, 404, {
        error: "not_found",
        message: "Metrics are off: ENABLE_METRICS is false.",
      });
    }
    const given = /^Bearer +(\S+)$/i.exec(request.get("authorization") ?? "")?.[1];
    if (metrics.token === null || isSameSecret(given, metrics.token)) return next();
    response.set("WWW-Authenticate", 'Bearer realm="metrics"');
    refuse(response, 401, { error: "unauthorized", message: "Send METRICS_TOKEN as a bearer token." });
  };
}
