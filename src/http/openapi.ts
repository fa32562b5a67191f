/** The OpenAPI 3.1 document, generated from the table of routes and the schemas of the bodies. */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from "@asteasolutions/zod-to-openapi";
import { ROUTES, type Route, type RouteAnswer } from "./route-table.ts";

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31["generateDocument"]>;

export function openApiDocument(options: { version: string; apiKeyHeader: string }): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", "ApiKey", {
    type: "apiKey",
    in: "header",
    name: options.apiKeyHeader,
  });
  registry.registerComponent("securitySchemes", "MetricsToken", { type: "http", scheme: "bearer" });
  const routes: Record<string, Route> = ROUTES;
  for (const [path, { method, summary, access, answers }] of Object.entries(routes)) {
    const responses = Object.entries(answers).map(([status, answer]) => [status, response(status, answer)]);
    registry.registerPath({
      method,
      path,
      summary,
      security: SECURITY[access],
      responses: Object.fromEntries(responses),
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Executive Mind Matrix",
      version: options.version,
      description:
        "The bot's own HTTP side. Every error is JSON. Every answer carries X-Request-Id; one that is sent along is kept.",
    },
    servers: [{ url: "/" }],
  });
}

/** An empty requirement beside the token: without METRICS_TOKEN the route is open. */
const SECURITY: Record<Route["access"], Record<string, string[]>[]> = {
  public: [],
  "metrics token": [{ MetricsToken: [] }, {}],
  "api key": [{ ApiKey: [] }],
};

function response(status: string, { description, body }: RouteAnswer) {
  const content =
    typeof body === "string"
      ? {
          [body]: {
            schema: { type: body === "application/json" ? ("object" as const) : ("string" as const) },
          },
        }
      : { "application/json": { schema: body } };
  const retryAfter = { description: "Seconds", schema: { type: "integer" as const } };
  return { description, content, ...(status === "429" ? { headers: { "Retry-After": retryAfter } } : {}) };
}
