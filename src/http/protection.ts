/** Who may call what, and how often: security headers, origins, limits and keys. */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import cors from "cors";
import type { Request, RequestHandler } from "express";
import { ipKeyGenerator, type MemoryStore, rateLimit } from "express-rate-limit";
import helmet from "helmet";
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
  return rateLimit({
    store,
    windowMs: 60_000,
    limit: settings.rateLimitPerMinute,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    skip: (request) => free.has(request.path),
    keyGenerator: (request) => ipKeyGenerator(callerAddress(request, settings.isBehindRailway)),
    handler: (_request, response) =>
      refuse(response, 429, {
        error: "rate_limited",
        message: `At most ${settings.rateLimitPerMinute} requests a minute; Retry-After says when to come back.`,
      }),
  });
}

/**
 * X-Forwarded-For is never believed: how many proxies stand before us is not known, and a wrong count lets callers
 * choose their own address. Railway's edge overwrites X-Real-IP; elsewhere the connection itself is what counts.
 */
function callerAddress(request: Request, isBehindRailway: boolean): string {
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

/** Takes as long for every wrong answer; hashing makes the lengths equal. */
function isSameSecret(given: string | undefined, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given ?? ""), digest(secret));
}
