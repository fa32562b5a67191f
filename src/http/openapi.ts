/** The OpenAPI 3.1 document, generated from the table of routes and the schemas of the bodies. */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from "@asteasolutions/zod-to-openapi";
import { ALWAYS_OPEN, CLOSED, ROUTES, type Route, type RouteAnswer } from "./route-table.ts";

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31["generateDocument"]>;

export function openApiDocument(options: { version: string; apiKeyHeader: string }): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", "ApiKey", {
    type: "apiKey",
    in: "header",
    name: options.apiKeyHeader,
  });
  registry.registerComponent("securitySchemes", "MetricsToken", { type: "http", scheme: "bearer" });
  for (const [name, scheme] of Object.entries(WEBHOOK_SCHEMES)) {
    registry.registerComponent("securitySchemes", name, scheme);
  }
  const routes: Record<string, Route> = ROUTES;
  for (const [path, { method, summary, access, answers, takes }] of Object.entries(routes)) {
    const all = ALWAYS_OPEN.includes(path) ? answers : { 503: CLOSED, ...answers };
    const responses = Object.entries(all).map(([status, answer]) => [status, response(status, answer)]);
    registry.registerPath({
      method,
      path,
      summary,
      security: SECURITY[access],
      ...(takes
        ? { request: { body: { required: true, content: { "application/json": { schema: takes } } } } }
        : {}),
      responses: Object.fromEntries(responses),
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Executive Mind Matrix",
      version: options.version,
      description:
        "The bot's own HTTP side. Every error is JSON. Every answer carries X-Request-Id; one that is sent along is kept. During a maintenance every route but /health, /ready and /metrics answers 503.",
    },
    servers: [{ url: "/" }],
  });
}

const WEBHOOK_SCHEMES = {
  WebhookBearer: { type: "http", scheme: "bearer" },
  WebhookAddress: { type: "apiKey", in: "query", name: "secret" },
  SentrySignature: { type: "apiKey", in: "header", name: "Sentry-Hook-Signature" },
  NotionSignature: { type: "apiKey", in: "header", name: "X-Notion-Signature" },
} as const;

/** An empty requirement beside the token: without METRICS_TOKEN the route is open. */
const SECURITY: Record<Route["access"], Record<string, string[]>[]> = {
  public: [],
  "metrics token": [{ MetricsToken: [] }, {}],
  "api key": [{ ApiKey: [] }],
  "webhook bearer": [{ WebhookBearer: [] }],
  "webhook address": [{ WebhookAddress: [] }],
  "sentry signature": [{ SentrySignature: [] }],
  "notion signature": [{ NotionSignature: [] }],
};

function response(status: string, { description, body, alsoAs }: RouteAnswer) {
  const content =
    typeof body === "string"
      ? {
          [body]: {
            schema: { type: body === "application/json" ? ("object" as const) : ("string" as const) },
          },
        }
      : { "application/json": { schema: body } };
  const other = alsoAs === undefined ? {} : { [alsoAs]: { schema: { type: "string" as const } } };
  const retryAfter = { description: "Seconds", schema: { type: "integer" as const } };
  return {
    description,
    content: { ...content, ...other },
    ...(status === "429" || status === "503" ? { headers: { "Retry-After": retryAfter } } : {}),
  };
}
