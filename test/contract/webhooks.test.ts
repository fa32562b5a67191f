/** Webhooks over the wire: who comes in, what is kept, what every wrong request is answered. */
import { request as httpRequest } from "node:http";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { SENDERS, type Sender } from "../../src/domain/webhook.ts";
import { WebhookReceipt } from "../../src/http/bodies.ts";
import {
  alertmanagerMessage,
  GOOD,
  HOOK_SECRETS,
  notionEvent,
  railwayEvent,
  type Signed,
  sentryIssueAlert,
  signed,
} from "../fixtures/webhook-samples.ts";
import {
  faultOf,
  send,
  startWebhooks,
  type WebhookSide,
  type WebhookSideOptions,
  withHeader,
} from "./webhook-side.ts";

let side: WebhookSide | null = null;

async function start(options: WebhookSideOptions = {}): Promise<WebhookSide> {
  side = await startWebhooks(options);
  return side;
}

afterEach(async () => {
  await side?.close();
  side = null;
});

const good = (sender: Sender) => signed(sender, GOOD[sender]);
const without = (request: Signed, name: string): Signed => {
  const { [name]: _gone, ...headers } = request.headers;
  return { ...request, headers };
};
/** What each sender would send if it did not know the secret, or nearly knew it. */
const STRANGERS: Record<Sender, Signed[]> = {
  inbox: ["", "wrong", "the-right-key-", "the-right-ke"].map((key) =>
    withHeader(good("inbox"), "x-api-key", key),
  ),
  alertmanager: ["", "Bearer wrong", `Bearer ${HOOK_SECRETS.alertmanager}x`, HOOK_SECRETS.alertmanager].map(
    (value) => withHeader(good("alertmanager"), "authorization", value),
  ),
  railway: [
    "",
    "?secret=",
    "?secret=wrong",
    `?secret=${HOOK_SECRETS.railway}x`,
    `?secret[]=${HOOK_SECRETS.railway}`,
  ].map((query) => ({ ...good("railway"), path: `/webhooks/railway${query}` })),
  notion: [
    without(good("notion"), "x-notion-signature"),
    withHeader(good("notion"), "x-notion-signature", "sha256="),
    withHeader(good("notion"), "x-notion-signature", `sha256=${"0".repeat(64)}`),
    // Signed, but something else.
    { ...good("notion"), body: JSON.stringify(notionEvent({ id: "another" })) },
  ],
  sentry: [
    without(good("sentry"), "sentry-hook-signature"),
    withHeader(good("sentry"), "sentry-hook-signature", "0".repeat(64)),
    withHeader(good("sentry"), "sentry-hook-signature", "not hex"),
    { ...good("sentry"), body: JSON.stringify(sentryIssueAlert({ issue_id: "1" })) },
  ],
};

describe.each(SENDERS)("POST /webhooks/%s", (sender) => {
  it("takes what its sender sends, keeps it and says so", async () => {
    const at = await start();
    const answer = await send(at, good(sender));
    expect(answer.status).toBe(202);
    expect(WebhookReceipt.parse(await answer.json()).status).toBe("accepted");
    expect(at.started).toHaveLength(1);
    expect(at.started[0]).toMatchObject({ sender, id: expect.stringMatching(new RegExp(`^${sender}:`)) });
    expect(at.counted).toEqual([{ sender, outcome: "accepted" }]);
    expect(at.seen.at(-1)).toMatchObject({ route: `/webhooks/${sender}`, status: 202 });
  });

  it("refuses whoever does not know its secret, without keeping anything", async () => {
    const at = await start();
    for (const stranger of STRANGERS[sender]) {
      const answer = await send(at, stranger);
      expect(answer.status, JSON.stringify(stranger)).toBe(401);
      expect(await faultOf(answer)).toMatchObject({ error: "unauthorized" });
    }
    expect(at.started).toEqual([]);
    expect(new Set(at.counted.map(({ outcome }) => outcome))).toEqual(new Set(["refused"]));
  });

  it("does not exist without its secret, for any method", async () => {
    const secret = sender === "inbox" ? { apiKey: null } : { [sender]: null };
    const at = await start({ secrets: secret });
    const nowhere = await at.post("/webhooks/nobody", {}, "");
    for (const method of ["POST", "GET", "PUT", "OPTIONS"]) {
      const answer = await fetch(`${at.origin}/webhooks/${sender}`, { method });
      expect(answer.status, method).toBe(404);
      expect(answer.headers.get("allow")).toBeNull();
      expect((await faultOf(answer)).message).toBe((await faultOf(nowhere.clone())).message);
    }
    expect((await send(at, good(sender))).status).toBe(404);
    expect([at.started, at.counted]).toEqual([[], []]);
  });

  it("names POST as the only method while it is on", async () => {
    const at = await start();
    const answer = await fetch(`${at.origin}/webhooks/${sender}`);
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });

  it("works on a repeated message once, and says that it knows it", async () => {
    const at = await start();
    for (let n = 0; n < 3; n++) expect((await send(at, good(sender))).status).toBe(202);
    expect(new Set(at.started.map(({ id }) => id)).size).toBe(1);
    expect(at.counted.map(({ outcome }) => outcome)).toEqual(["accepted", "repeated", "repeated"]);
  });

  it("answers 400 to what is no JSON or has the wrong shape, and keeps nothing", async () => {
    const at = await start();
    for (const body of ["", "{", "null", "[]", '"text"', "{}", "[".repeat(50_000)]) {
      const answer = await send(at, signed(sender, body));
      expect(answer.status, body.slice(0, 20)).toBe(400);
      expect((await faultOf(answer)).error).toBe("bad_request");
    }
    expect(at.started).toEqual([]);
  });

  it("answers 415 to another media type and to compression", async () => {
    const at = await start();
    const form = withHeader(good(sender), "content-type", "application/x-www-form-urlencoded");
    const plain = await send(at, form);
    expect([plain.status, (await faultOf(plain)).error]).toEqual([415, "unsupported_media_type"]);
    const { path, headers, body } = good(sender);
    const packed = await fetch(at.origin + path, {
      method: "POST",
      headers: { ...headers, "content-encoding": "gzip" },
      body: gzipSync(body),
    });
    expect(packed.status).toBe(415);
    const named = withHeader(good(sender), "content-type", "application/json; charset=utf-8");
    expect((await send(at, named)).status).toBe(202);
  });

  it("answers 413 to a large body, announced or not", async () => {
    const at = await start();
    const { path, headers, body } = signed(sender, { padding: "x".repeat(5_000_000) });
    const announced = await at.post(path, headers, body);
    expect([announced.status, (await faultOf(announced)).error]).toEqual([413, "payload_too_large"]);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const chunked = httpRequest(at.origin + path, { method: "POST", headers }, (answer) => {
        resolve(answer.statusCode);
        answer.resume();
      });
      chunked.on("error", reject);
      chunked.write(body);
      chunked.end();
    });
    expect(status).toBe(413);
    expect(at.started).toEqual([]);
    // The connection is free for whoever comes next.
    expect((await send(at, good(sender))).status).toBe(202);
  });

  it("asks its sender to come again while the store is down, and then takes it", async () => {
    const at = await start();
    at.control.storeIsDown = true;
    at.world.notReady = "store unreachable";
    const answer = await send(at, good(sender));
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await faultOf(answer)).toMatchObject({ error: "not_ready" });
    expect(at.counted).toEqual([{ sender, outcome: "failed" }]);
    at.control.storeIsDown = false;
    at.world.notReady = null;
    expect(WebhookReceipt.parse(await (await send(at, good(sender))).json()).status).toBe("accepted");
  });

  it("never fails on a message of any shape, and never loses one that it accepted", async () => {
    const at = await start();
    await fc.assert(
      fc.asyncProperty(mangled(GOOD[sender]), fc.constantFrom(...RESOURCES), async (payload, resource) => {
        const before = at.started.length;
        const answer = await send(at, signed(sender, payload, resource));
        expect([200, 202, 400, 409]).toContain(answer.status);
        expect(at.started.length - before).toBe(answer.status === 202 ? 1 : 0);
        // What is kept survives the way into the store: JSON, without what PostgreSQL cannot hold.
        expect(JSON.stringify(at.started.slice(before))).not.toMatch(/\\u0000/);
      }),
      { numRuns: 60 },
    );
    expect(at.faults).toEqual([]);
  });

  it("logs that it came and what became of it, and nothing of what it says", async () => {
    const at = await start();
    await send(at, withHeader(good(sender), "x-request-id", "ask-7"));
    const lines = at.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { message: "webhook", sender, outcome: "accepted", correlation: "http:ask-7" },
    ]);
    const text = at.logged.join("\n");
    for (const value of stringsIn(GOOD[sender])) if (value.length > 12) expect(text).not.toContain(value);
    for (const secret of Object.values(HOOK_SECRETS))
      if (secret !== "X-API-Key") expect(text).not.toContain(secret);
  });
});

const RESOURCES = ["event_alert", "issue", "metric_alert", "installation", "error", "comment", ""];

/** The good message with anything at all in place of some of its parts, or anything at all. */
function mangled(sample: unknown): fc.Arbitrary<unknown> {
  const anything = fc.jsonValue({ maxDepth: 3 });
  const odd = fc.oneof(
    anything,
    fc.constantFrom<unknown>(null, "", "\u0000nul", "\ud800", -1, 1e308, "x".repeat(3_000), "9999999-01-01", {
      toString: 1,
      __proto__: null,
    }),
  );
  const paths = pathsIn(sample);
  const changes = fc.array(fc.record({ path: fc.constantFrom(...paths), value: odd }), { maxLength: 4 });
  const changed = changes.map((list) =>
    list.reduce((tree, { path, value }) => replaced(tree, path, value), sample),
  );
  return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 1, arbitrary: odd });
}

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;

function pathsIn(value: unknown, path: string[] = []): string[][] {
  const below = isTree(value)
    ? Object.entries(value).flatMap(([name, part]) => pathsIn(part, [...path, name]))
    : [];
  return path.length === 0 ? below : [path, ...below];
}

function replaced(tree: unknown, [name, ...rest]: string[], value: unknown): unknown {
  if (name === undefined || !isTree(tree)) return value;
  const copy: Tree = Array.isArray(tree) ? (Object.assign([], tree) as unknown as Tree) : { ...tree };
  copy[name] = rest.length === 0 ? value : replaced(copy[name], rest, value);
  return copy;
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return isTree(value) ? Object.values(value).flatMap(stringsIn) : [];
}

describe("a message that is kept", () => {
  it("is started again by its repetition within a day, in case the process died in between, and not after", async () => {
    const at = await start();
    await send(at, good("sentry"));
    await send(at, good("sentry"));
    expect(at.started).toHaveLength(2);
    at.control.now = new Date(at.control.now.getTime() + 25 * 3_600_000);
    expect((await send(at, good("sentry"))).status).toBe(202);
    expect(at.started).toHaveLength(2);
  });

  it("stays the same message under other unsigned headers", async () => {
    const at = await start();
    await send(at, withHeader(good("sentry"), "request-id", "one"));
    const again = withHeader(
      withHeader(good("sentry"), "request-id", "two"),
      "sentry-hook-timestamp",
      "1795259999",
    );
    await send(at, again);
    await send(at, withHeader(good("notion"), "x-request-id", "one"));
    await send(at, withHeader(good("notion"), "x-request-id", "two"));
    expect(at.counted.map(({ outcome }) => outcome)).toEqual([
      "accepted",
      "repeated",
      "accepted",
      "repeated",
    ]);
  });

  it("of Alertmanager is a repetition within minutes, and news when it is said again hours later", async () => {
    const at = await start();
    await send(at, good("alertmanager"));
    await send(at, good("alertmanager"));
    at.control.now = new Date(at.control.now.getTime() + 4 * 3_600_000);
    await send(at, good("alertmanager"));
    expect(new Set(at.started.map(({ id }) => id)).size).toBe(2);
    expect(at.counted.map(({ outcome }) => outcome)).toEqual(["accepted", "repeated", "accepted"]);
  });
});

describe("what nothing follows from", () => {
  const IGNORED: [string, Signed][] = [
    ["an error of Sentry", signed("sentry", { action: "created", data: { error: {} } }, "error")],
    ["a comment", signed("sentry", { action: "created", data: { comment: "hello" } }, "comment")],
    ["a resource that does not exist yet", signed("sentry", { action: "x", data: {} }, "brand_new")],
    ["an installation", signed("sentry", { action: "created", data: { installation: {} } }, "installation")],
    [
      "a new issue, which an alert rule tells of if anybody wants it",
      signed("sentry", { action: "created" }, "issue"),
    ],
    ["a monitor of Railway", signed("railway", railwayEvent("Monitor.triggered"))],
    ["another project", signed("railway", railwayEvent("Deployment.failed", { project: { id: "other" } }))],
    [
      "a temporary environment",
      signed(
        "railway",
        railwayEvent("Deployment.failed", { environment: { id: "environment-1", isEphemeral: true } }),
      ),
    ],
    ["a comment in Notion", signed("notion", notionEvent({ type: "comment.created" }))],
    ["another database", signed("notion", notionEvent({ database: "99999999-0000-4000-8000-000000000000" }))],
  ];

  it.each(IGNORED)("%s is answered 200, counted, and starts nothing", async (_what, request) => {
    const at = await start();
    const answer = await send(at, request);
    expect(answer.status).toBe(200);
    expect(WebhookReceipt.parse(await answer.json())).toMatchObject({
      status: "ignored",
      reason: expect.any(String),
    });
    expect(at.started).toEqual([]);
    expect(at.counted[0]?.outcome).toBe("ignored");
  });
});

describe("ways to carry a secret", () => {
  it("are a bearer token or a basic password for Alertmanager, and the address or a header for Railway", async () => {
    const at = await start();
    const basic = Buffer.from(`anyone:${HOOK_SECRETS.alertmanager}`).toString("base64");
    expect((await send(at, withHeader(good("alertmanager"), "authorization", `Basic ${basic}`))).status).toBe(
      202,
    );
    const bare = { ...good("railway"), path: "/webhooks/railway" };
    const bearer = withHeader(bare, "authorization", `Bearer ${HOOK_SECRETS.railway}`);
    expect((await send(at, bearer)).status).toBe(202);
  });
});

describe("the rate limit", () => {
  it("lets a monitor tell far more than others may ask, counts senders apart, and ends somewhere", async () => {
    const at = await start({ settings: { rateLimitEnabled: true, rateLimitPerMinute: 3 } });
    for (let n = 0; n < 4; n++) await fetch(at.origin);
    expect((await fetch(at.origin)).status).toBe(429);
    const statuses = new Map<number, number>();
    for (let burst = 0; burst < 13; burst++) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => {
          const alert = { fingerprint: `${burst}-${n}` };
          return send(at, signed("alertmanager", alertmanagerMessage([alert])));
        }),
      );
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([
      [202, 600],
      [429, 50],
    ]);
    const refused = await send(at, good("alertmanager"));
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await faultOf(refused)).toMatchObject({ error: "rate_limited" });
    expect((await send(at, good("sentry"))).status).toBe(202);
  });
});
