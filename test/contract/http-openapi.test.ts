/** What the HTTP side says about itself, and whether it is true. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ROUTES } from "../../src/http/route-table.ts";
import { type HttpSide, startHttp } from "./http-side.ts";

let side: HttpSide | null = null;

async function start(...options: Parameters<typeof startHttp>): Promise<HttpSide> {
  side = await startHttp(...options);
  return side;
}

afterEach(async () => {
  await side?.close();
  side = null;
});

const KEY = { "x-api-key": "the-right-key" };

const OpenApi = z.object({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        responses: z.record(
          z.string(),
          z.object({
            content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) })),
          }),
        ),
      }),
    ),
  ),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

describe("the OpenAPI document", () => {
  it("is 3.1 and describes every route of the table", async () => {
    const { origin } = await start();
    const document = OpenApi.parse(await (await fetch(`${origin}/openapi.json`)).json());
    expect(document.openapi).toMatch(/^3\.1\./);
    const described = Object.entries(document.paths).map(([path, operations]) => [
      path,
      Object.keys(operations)[0],
    ]);
    expect(described).toEqual(Object.entries(ROUTES).map(([path, { method }]) => [path, method]));
  });

  it("holds for every answer of every route, good and bad", async () => {
    const { origin, world } = await start({
      rateLimitEnabled: true,
      rateLimitPerMinute: 20,
      metrics: { enabled: true, token: "scrape-me" },
    });
    const document = OpenApi.parse(await (await fetch(`${origin}/openapi.json`)).json());
    const ajv = new Ajv2020({ strict: false, formats: { "date-time": true } });
    ajv.addSchema(document, "openapi");
    const checked = new Set<string>();
    const check = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(origin + path, init);
      const method = (init.method ?? "GET").toLowerCase();
      const described = document.paths[path]?.[method]?.responses[String(answer.status)];
      const name = `${method} ${path} ${answer.status}`;
      expect(described, `${name} is described`).toBeDefined();
      const [mediaType = ""] = (answer.headers.get("content-type") ?? "").split(";");
      expect(Object.keys(described?.content ?? {}), name).toContain(mediaType);
      checked.add(name);
      if (mediaType !== "application/json") return;
      const pointer = `openapi#/paths/${path.replaceAll("/", "~1")}/${method}/responses/${answer.status}/content/application~1json/schema`;
      const isValid = ajv.compile({ $ref: pointer });
      expect(isValid(await answer.json()), `${name}: ${ajv.errorsText(isValid.errors)}`).toBe(true);
    };
    const post = { method: "POST" };
    for (const [path, { method }] of Object.entries(ROUTES)) if (method === "get") await check(path);
    await check("/metrics", { headers: { authorization: "Bearer scrape-me" } });
    await check("/trigger-poll", post);
    await check("/trigger-poll", { ...post, headers: KEY });
    await check("/trigger-poll", { ...post, headers: KEY, body: "x".repeat(20_000) });
    world.status = "unhealthy";
    world.notReady = "starting";
    for (const path of ["/health", "/ready"]) await check(path);
    await check("/trigger-poll", { ...post, headers: KEY });
    for (let n = 0; n < 20; n++) await fetch(origin);
    for (const path of ["/", "/api/status", "/metrics", "/docs", "/openapi.json"]) await check(path);
    await check("/trigger-poll", post);
    expect(checked.size).toBeGreaterThanOrEqual(19);
  });
});

describe("GET /docs", () => {
  it("is one page without scripts and without anything from elsewhere, under a strict policy", async () => {
    const { origin } = await start();
    const answer = await fetch(`${origin}/docs`);
    const html = await answer.text();
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(answer.headers.get("content-type")).toContain("text/html");
    expect(html).not.toMatch(/<script|https?:\/\/|\son\w+=|style="/i);
    expect(policy).toContain("script-src 'none'");
    expect(policy).not.toContain("unsafe");
    const [, style = ""] = /<style>([\s\S]*)<\/style>/.exec(html) ?? [];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    expect(policy).toContain(`'sha256-${Buffer.from(digest).toString("base64")}'`);
    for (const path of Object.keys(ROUTES)) expect(html).toContain(`<h2>${path}</h2>`);
  });
});
