/** Who is let in during a maintenance, and what the others are told. */
import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { HttpSettings } from "../../src/http/ports.ts";
import { type HttpSide, startHttp } from "./http-side.ts";

const CLOSED = {
  until: "2027-01-01T10:00:00.000Z",
  reason: "moving the databases",
  retryAfterSeconds: 1_790,
};

let side: HttpSide | null = null;
let closed: typeof CLOSED | null = CLOSED;

async function start(settings: Partial<HttpSettings> = {}): Promise<HttpSide> {
  closed = CLOSED;
  side = await startHttp(
    settings,
    ({ app }) => app.post("/slack/events", (_request, response) => void response.send("slack")),
    { maintenance: () => closed },
  );
  return side;
}

afterEach(async () => {
  await side?.close();
  side = null;
});

describe("during a maintenance", () => {
  it.each(["/", "/api/status", "/docs", "/openapi.json", "/not-there", "/webhooks/inbox"])(
    "GET %s answers 503 with the message and when to come back",
    async (path) => {
      const { origin } = await start();
      const answer = await fetch(origin + path);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe("1790");
      expect(answer.headers.get("content-type")).toContain("application/json");
      expect(await answer.json()).toMatchObject({
        error: "maintenance",
        message: "Maintenance until 2027-01-01T10:00:00.000Z: moving the databases",
        request_id: expect.any(String),
      });
    },
  );

  it("POST /trigger-poll does not poll, key or not", async () => {
    const { origin, world } = await start();
    let polls = 0;
    world.poll = async () => {
      polls += 1;
      throw new Error("not to be called");
    };
    const headers = { "x-api-key": "the-right-key" };
    expect((await fetch(`${origin}/trigger-poll`, { method: "POST", headers })).status).toBe(503);
    expect(polls).toBe(0);
  });

  it.each(["/health", "/Health/", "/ready", "/metrics"])("GET %s answers as always", async (path) => {
    const { origin } = await start();
    expect((await fetch(origin + path)).status).toBe(200);
  });

  it("/health says that there is one", async () => {
    const { origin } = await start();
    expect(await (await fetch(`${origin}/health`)).json()).toMatchObject({
      maintenance: { until: CLOSED.until, message: CLOSED.reason },
    });
  });

  it("Slack gets through: cards can be decided", async () => {
    const { origin } = await start();
    const answer = await fetch(`${origin}/slack/events`, { method: "POST" });
    expect(await answer.text()).toBe("slack");
  });

  it("is over at once when it is over", async () => {
    const { origin } = await start();
    expect((await fetch(origin)).status).toBe(503);
    closed = null;
    expect((await fetch(origin)).status).toBe(200);
    expect(await (await fetch(`${origin}/api/status`)).json()).toMatchObject({ maintenance: null });
  });
});

describe("addresses that are let in", () => {
  const statusFrom = (url: string, options: { localAddress?: string; headers?: Record<string, string> }) =>
    new Promise<number>((resolve, reject) => {
      request(url, options, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });

  it("are answered, others are not", async () => {
    const { origin } = await start({ maintenanceAllowedIps: ["127.0.0.2", "10.0.0.0/8"] });
    expect(await statusFrom(`${origin}/api/status`, { localAddress: "127.0.0.2" })).toBe(200);
    expect(await statusFrom(`${origin}/api/status`, { localAddress: "127.0.0.1" })).toBe(503);
  });

  it("cannot be claimed by a header, but behind Railway its own header counts", async () => {
    const headers = { "x-real-ip": "10.1.2.3", "x-forwarded-for": "10.1.2.3" };
    const allowed = { maintenanceAllowedIps: ["10.0.0.0/8"] };
    const { origin } = await start(allowed);
    expect(await statusFrom(origin, { headers })).toBe(503);
    await side?.close();
    const railway = await start({ ...allowed, isBehindRailway: true });
    expect(await statusFrom(railway.origin, { headers })).toBe(200);
    expect(await statusFrom(railway.origin, { headers: { "x-real-ip": "11.1.2.3" } })).toBe(503);
  });

  it.each([
    ["::ffff:10.1.2.3", 200],
    ["2001:db8::7", 200],
    ["2001:db9::7", 503],
    ["not an address", 503],
  ])("in the other family of addresses: %s → %i", async (address, status) => {
    const { origin } = await start({
      maintenanceAllowedIps: ["10.0.0.0/8", "2001:db8::/32"],
      isBehindRailway: true,
    });
    expect(await statusFrom(origin, { headers: { "x-real-ip": address } })).toBe(status);
  });
});
