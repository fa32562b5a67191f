/** The HTTP side over the wire: what is open, what is guarded, what it looks like when something is wrong. */
import { Agent, request } from "node:http";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import { Fault } from "../../src/http/bodies.ts";
import { ROUTES } from "../../src/http/route-table.ts";
import { type HttpSide, polled, SECRET_DETAIL, startHttp } from "./http-side.ts";

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
const faultOf = async (answer: Response) => Fault.parse(await answer.json());

describe("what anybody may read", () => {
  it("says what runs, how it is and whether it is ready, with the keys that the guide promises", async () => {
    const { origin } = await start();
    expect(await (await fetch(`${origin}/`)).json()).toEqual({
      service: "executive-mind-matrix",
      version: "1.2.3",
      commit: "abc123",
      deployment: "d-1",
      poller_running: true,
    });
    expect(await (await fetch(`${origin}/health`)).json()).toMatchObject({
      status: "healthy",
      poller_active: true,
      polling_interval: 120,
      databases_configured: { system_inbox: true },
    });
    expect(await (await fetch(`${origin}/api/status`)).json()).toMatchObject({
      version: "1.2.3",
      components: { store: { status: "ok" }, notion: { status: "unknown", checked_at: null } },
    });
    expect(await (await fetch(`${origin}/ready`)).json()).toEqual({ ready: true });
  });

  it("answers 503 when it is unhealthy or not ready, and 200 when it is only degraded", async () => {
    const { origin, world } = await start();
    world.status = "degraded";
    expect((await fetch(`${origin}/health`)).status).toBe(200);
    world.status = "unhealthy";
    expect((await fetch(`${origin}/health`)).status).toBe(503);
    world.notReady = "draining";
    const ready = await fetch(`${origin}/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, reason: "draining" }]);
  });

  it("shows no details on any public route", async () => {
    const { origin } = await start();
    for (const path of Object.keys(ROUTES)) {
      expect(await (await fetch(origin + path)).text(), path).not.toContain(SECRET_DETAIL);
    }
  });
});

describe("every answer", () => {
  it("carries the headers of the deployment guide, errors and foreign routes included", async () => {
    const { origin } = await start({}, ({ app }) => app.post("/slack/events", (_, r) => r.status(401).end()));
    for (const [path, method] of [
      ["/", "GET"],
      ["/nowhere", "GET"],
      ["/slack/events", "POST"],
    ] as const) {
      const { headers } = await fetch(origin + path, { method });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("x-xss-protection")).toBe("1; mode=block");
      expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
      expect(headers.get("content-security-policy")).toContain("default-src 'self'");
      expect(headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
      expect(headers.get("x-powered-by")).toBeNull();
    }
  });

  it("repeats a sound request id and replaces one that could forge a log line", async () => {
    const { origin } = await start();
    const idFor = async (given: string) =>
      (await fetch(origin, { headers: { "x-request-id": given } })).headers.get("x-request-id");
    expect(await idFor("req-2027.01")).toBe("req-2027.01");
    for (const bad of ["a b", "x".repeat(129), '{"level":"fatal"}', "-", "../x"]) {
      expect(await idFor(bad)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it("is JSON with the request id when something is wrong, and names what is allowed instead", async () => {
    const { origin } = await start();
    const nowhere = await fetch(`${origin}/nowhere`, { headers: { "x-request-id": "mine" } });
    expect(nowhere.status).toBe(404);
    expect(await faultOf(nowhere)).toMatchObject({ error: "not_found", request_id: "mine" });
    const wrongMethod = await fetch(`${origin}/trigger-poll`);
    expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await faultOf(wrongMethod)).error).toBe("method_not_allowed");
    expect((await faultOf(await fetch(`${origin}/%`))).error).toBe("not_found");
  });

  it("hides what broke inside, and reports it under the same id", async () => {
    const broken = new Error("secret inside");
    const { origin, faults } = await start({}, ({ app }) =>
      app.get("/broken", () => {
        throw broken;
      }),
    );
    const answer = await fetch(`${origin}/broken`, { headers: { "x-request-id": "abc" } });
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).not.toContain("secret");
    expect(JSON.parse(text)).toMatchObject({ error: "internal", request_id: "abc" });
    expect(faults).toEqual([{ error: broken, requestId: "abc" }]);
  });
});

describe("POST /trigger-poll", () => {
  const poll = (origin: string, headers: Record<string, string>, body?: string) =>
    fetch(`${origin}/trigger-poll`, { method: "POST", headers, ...(body === undefined ? {} : { body }) });

  it("answers the report of the poll to whoever has the key", async () => {
    const { origin } = await start();
    const answer = await poll(origin, KEY);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ found: 3, started: 1 });
  });

  it("refuses a missing, wrong, longer or empty key without polling", async () => {
    const { origin, world } = await start();
    let polls = 0;
    world.poll = async () => {
      polls++;
      return polled({});
    };
    for (const key of [null, "wrong", "the-right-key-", "the-right-ke", ""]) {
      const answer = await poll(origin, key === null ? {} : { "x-api-key": key });
      expect(answer.status, String(key)).toBe(401);
      expect((await faultOf(answer)).message).toContain("X-API-Key");
    }
    expect(polls).toBe(0);
    expect((await poll(origin, { authorization: "the-right-key" })).status).toBe(401);
  });

  it("listens to the header that API_KEY_HEADER names", async () => {
    const { origin } = await start({ apiKeyHeader: "X-Bot-Key" });
    expect((await poll(origin, { "x-bot-key": "the-right-key" })).status).toBe(200);
    expect((await poll(origin, KEY)).status).toBe(401);
  });

  it("is off without API_KEY, and says so", async () => {
    const { origin } = await start({ apiKey: null });
    const answer = await poll(origin, { "x-api-key": "" });
    expect(answer.status).toBe(503);
    expect(await faultOf(answer)).toMatchObject({
      error: "not_configured",
      message: expect.stringContaining("API_KEY"),
    });
  });

  it("refuses a large body, announced or not", async () => {
    const { origin } = await start();
    expect((await poll(origin, KEY, "x".repeat(20_000))).status).toBe(413);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const chunked = request(`${origin}/trigger-poll`, { method: "POST", headers: KEY }, (answer) => {
        resolve(answer.statusCode);
        answer.resume();
      });
      chunked.on("error", reject);
      chunked.write("x".repeat(20_000));
      chunked.end("x");
    });
    expect(status).toBe(413);
    expect((await poll(origin, KEY, "{}")).status).toBe(200);
  });

  it("says why when the poll fails, and 503 while draining", async () => {
    const { origin, world, faults } = await start();
    world.poll = async () => {
      throw new AppError("Notion POST /v1/x: 503", { code: "notion_unavailable", retryable: true });
    };
    const failed = await poll(origin, KEY);
    expect([failed.status, await faultOf(failed)]).toMatchObject([502, { error: "poll_failed" }]);
    expect(faults).toEqual([]);
    world.notReady = "draining";
    const draining = await poll(origin, KEY);
    expect([draining.status, await faultOf(draining)]).toMatchObject([503, { error: "not_ready" }]);
  });
});

describe("while polls are paused", () => {
  const pause = { by: "Sam Okafor", since: "2027-01-01T00:00:00.000Z", reason: "moving", until: null };

  it("nothing says that the poller runs, and asking for a poll is a conflict that names the way out", async () => {
    const { origin, world } = await start();
    world.pause = pause;
    world.poll = async () => ({ kind: "paused", pause });
    const get = async (path: string) => (await fetch(`${origin}${path}`)).json();
    expect(await get("/")).toMatchObject({ poller_running: false });
    expect(await get("/health")).toMatchObject({ poller_active: false });
    expect(await get("/api/status")).toMatchObject({ poller: { active: false, paused: true } });
    const answer = await fetch(`${origin}/trigger-poll`, { method: "POST", headers: KEY });
    const fault = await faultOf(answer);
    expect([answer.status, fault.error]).toEqual([409, "polls_paused"]);
    expect(fault.message).toContain("paused by Sam Okafor");
    expect(fault.message).toContain("/emm poll resume");
    // Who paused it, and why, is for whoever has the key.
    expect(JSON.stringify([await get("/health"), await get("/api/status")])).not.toContain("Sam");
  });
});

describe("GET /metrics", () => {
  it("is open without a token, needs the bearer token with one, and is gone when it is off", async () => {
    const open = await start();
    const answer = await fetch(`${open.origin}/metrics`);
    expect([answer.status, await answer.text()]).toEqual([200, "up 1\n"]);
    expect(answer.headers.get("content-type")).toContain("version=0.0.4");
    await open.close();

    const guarded = await start({ metrics: { enabled: true, token: "scrape-me" } });
    const get = (authorization?: string) =>
      fetch(`${guarded.origin}/metrics`, { headers: authorization ? { authorization } : {} });
    for (const wrong of [undefined, "Bearer wrong", "scrape-me", "Basic scrape-me", "Bearer scrape-me2"]) {
      const refused = await get(wrong);
      expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
        401,
        'Bearer realm="metrics"',
      ]);
    }
    expect((await get("Bearer scrape-me")).status).toBe(200);
    await guarded.close();

    const off = await start({ metrics: { enabled: false, token: null } });
    const gone = await fetch(`${off.origin}/metrics`);
    expect([gone.status, (await faultOf(gone)).message]).toEqual([
      404,
      expect.stringContaining("ENABLE_METRICS"),
    ]);
  });
});

describe("the rate limit", () => {
  const limited = { rateLimitEnabled: true, rateLimitPerMinute: 3 };

  it("answers 429 with Retry-After, but never to Slack, /health and /ready", async () => {
    const { origin } = await start(limited, ({ app }) =>
      app.post("/slack/events", (_, r) => r.status(200).end()),
    );
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push((await fetch(origin)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const refused = await fetch(`${origin}/nowhere`);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await faultOf(refused)).toMatchObject({ error: "rate_limited" });
    for (let n = 0; n < 5; n++) {
      expect((await fetch(`${origin}/health`)).status).toBe(200);
      expect((await fetch(`${origin}/ready`)).status).toBe(200);
      expect((await fetch(`${origin}/slack/events`, { method: "POST", body: "x" })).status).toBe(200);
    }
  });

  it("believes X-Real-IP behind Railway only, and X-Forwarded-For never", async () => {
    const ask = async (origin: string, header: string, address: string) =>
      (await fetch(origin, { headers: { [header]: address } })).status;
    const bare = await start(limited);
    const spoofed: number[] = [];
    for (let n = 0; n < 4; n++) spoofed.push(await ask(bare.origin, "x-real-ip", `203.0.113.${n}`));
    expect(spoofed).toEqual([200, 200, 200, 429]);
    expect(await ask(bare.origin, "x-forwarded-for", "198.51.100.1")).toBe(429);
    await bare.close();

    const railway = await start({ ...limited, isBehindRailway: true });
    for (let n = 0; n < 3; n++) expect(await ask(railway.origin, "x-real-ip", "203.0.113.7")).toBe(200);
    expect(await ask(railway.origin, "x-real-ip", "203.0.113.7")).toBe(429);
    expect(await ask(railway.origin, "x-real-ip", "203.0.113.8")).toBe(200);
  });
});

describe("other origins", () => {
  it("are let in by name only", async () => {
    const { origin } = await start({ allowedOrigins: ["https://app.acme.com"] });
    const allowedFor = async (from: string, method: string) =>
      (
        await fetch(origin, { method, headers: { origin: from, "access-control-request-method": "GET" } })
      ).headers.get("access-control-allow-origin");
    expect(await allowedFor("https://app.acme.com", "GET")).toBe("https://app.acme.com");
    expect(await allowedFor("https://app.acme.com", "OPTIONS")).toBe("https://app.acme.com");
    expect(await allowedFor("https://evil.example", "GET")).toBeNull();
    expect(await allowedFor("https://evil.example", "OPTIONS")).toBeNull();
  });

  it("are all refused by default", async () => {
    const { origin } = await start();
    const { headers } = await fetch(origin, { headers: { origin: "https://app.acme.com" } });
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("Slack's endpoint", () => {
  it("gets the body untouched, byte for byte", async () => {
    const { origin } = await start({}, ({ app }) =>
      app.post("/slack/events", express.raw({ type: () => true }), (req, res) => res.send(req.body)),
    );
    const body = "payload=%7B%22a%22%3A+1%7D&x=%E2%9C%93";
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await fetch(`${origin}/slack/events`, { method: "POST", headers, body });
    expect(await answer.text()).toBe(body);
  });
});

describe("a body that a handler stopped reading", () => {
  it("does not block the next request on the same connection", async () => {
    const { origin } = await start({}, ({ app }) =>
      app.post("/slack/events", (req, res) => {
        req.once("data", () => {
          req.pause();
          res.status(413).end();
        });
      }),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (method: string, path: string, body = "") =>
      new Promise<number | undefined>((resolve, reject) => {
        const asked = request(origin + path, { method, agent, timeout: 5_000 }, (answer) => {
          answer.resume().once("end", () => resolve(answer.statusCode));
        });
        asked.once("timeout", () => asked.destroy(new Error(`${path} was not answered`)));
        asked.once("error", reject);
        asked.end(body);
      });
    expect(await ask("POST", "/slack/events", "x".repeat(4_000_000))).toBe(413);
    expect(await ask("GET", "/health")).toBe(200);
    agent.destroy();
  });
});

describe("what is counted", () => {
  it("is known paths under their own name, and everything else under one", async () => {
    const { origin, seen } = await start();
    await fetch(`${origin}/health?probe=1`);
    await fetch(`${origin}/wp-admin/${"x".repeat(50)}`);
    await fetch(`${origin}/trigger-poll`, { method: "POST" });
    await fetch(`${origin}/`, { method: "PROPFIND" });
    expect(seen.map(({ method, route, status }) => [method, route, status])).toEqual([
      ["GET", "/health", 200],
      ["GET", "other", 404],
      ["POST", "/trigger-poll", 401],
      ["other", "/", 405],
    ]);
    for (const { durationMs } of seen) expect(durationMs).toBeGreaterThan(0);
  });
});
