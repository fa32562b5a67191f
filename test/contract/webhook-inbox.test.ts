/** What comes to the inbox from outside, and how Notion's verification token comes to the operator. */
import { afterEach, describe, expect, it } from "vitest";
import { GOOD, HOOK_SECRETS, signed } from "../fixtures/webhook-samples.ts";
import { faultOf, send, startWebhooks, type WebhookSide, type WebhookSideOptions } from "./webhook-side.ts";

let side: WebhookSide | null = null;

async function start(options: WebhookSideOptions = {}): Promise<WebhookSide> {
  side = await startWebhooks(options);
  return side;
}

afterEach(async () => {
  await side?.close();
  side = null;
});

describe("POST /webhooks/inbox", () => {
  const post = async (at: WebhookSide, body: unknown, headers: Record<string, string> = {}) => {
    const request = signed("inbox", body);
    return at.post(request.path, { ...request.headers, ...headers }, request.body);
  };
  const ITEM = { title: "Should we?", content: "Because.", source: "Form" };

  it("answers the key under which it keeps the item", async () => {
    const at = await start();
    const answer = await post(at, { ...ITEM, key: "mail-<1@acme.com>" });
    expect(await answer.json()).toEqual({ status: "accepted", key: "mail-<1@acme.com>" });
    const other = await post(at, ITEM, { "idempotency-key": "form-7" });
    expect(await other.json()).toEqual({ status: "accepted", key: "form-7" });
    expect(at.started.map(({ work }) => work)).toMatchObject([
      { kind: "item", item: ITEM, requester: null },
      { kind: "item", item: ITEM },
    ]);
  });

  it("adds the same text twice only under two keys, or at another hour", async () => {
    const at = await start();
    const ids = async (...posts: Promise<Response>[]) => {
      await Promise.all(posts);
      return new Set(at.started.map(({ id }) => id)).size;
    };
    expect(await ids(post(at, ITEM), post(at, ITEM))).toBe(1);
    expect(await ids(post(at, { ...ITEM, key: "a" }), post(at, { ...ITEM, key: "b" }))).toBe(3);
    at.control.now = new Date(at.control.now.getTime() + 3_600_000);
    expect(await ids(post(at, ITEM))).toBe(4);
  });

  it("answers 409 to a known key with another text, and keeps the first", async () => {
    const at = await start();
    await post(at, { ...ITEM, key: "k" });
    const answer = await post(at, { ...ITEM, content: "Something else.", key: "k" });
    expect([answer.status, (await faultOf(answer)).error]).toEqual([409, "conflict"]);
    expect(at.started).toHaveLength(1);
  });

  it("keeps 20,000 characters and hostile text whole, except for what no store can hold", async () => {
    const at = await start();
    const content = `<!channel> *bold* ${"ü€😀".repeat(5_000)}\n'; drop table emm.items; -- \u202e\u0000end`;
    expect(content.length).toBeGreaterThan(20_000);
    await post(at, {
      title: "<script>alert(1)</script>",
      content,
      source: "E-mail",
      requested_by: "dana@acme.com",
    });
    expect(at.started[0]?.work).toEqual({
      kind: "item",
      key: expect.stringMatching(/^inbox-[0-9a-f]{32}$/),
      item: { title: "<script>alert(1)</script>", content: content.replace("\u0000", ""), source: "E-mail" },
      requester: "dana@acme.com",
    });
  });

  it.each([
    [{}, "title or content"],
    [{ title: " ", content: "\n" }, "title or content"],
    [{ title: "\u0001\u200b", content: "\ud800" }, "title or content"],
    [{ title: 7, content: "x" }, "title: a text"],
    [{ title: "x".repeat(251) }, "title: at most 250"],
    [{ title: "two\nlines" }, "title: a single line"],
    [{ title: "x", content: "y".repeat(100_001) }, "content: at most 100000"],
    [{ title: "x", source: "z".repeat(61) }, "source: at most 60"],
    [{ title: "x", requested_by: ["U1"] }, "requested_by: a text"],
    [{ title: "x", key: "with blank" }, "key: printable ASCII"],
    [{ title: "x", key: "k".repeat(201) }, "key: at most 200"],
    [{ title: "x", titel: "typo" }, "only title, content, source, requested_by and key"],
    [["x"], "a JSON object"],
  ])("answers 400 and names what is wrong with %j", async (body, message) => {
    const at = await start();
    const answer = await post(at, body);
    expect(answer.status).toBe(400);
    expect((await faultOf(answer)).message).toContain(message);
    expect(at.started).toEqual([]);
  });

  it("answers 400 to two different keys, and to a header that is no key", async () => {
    const at = await start();
    const two = await post(at, { ...ITEM, key: "a" }, { "idempotency-key": "b" });
    expect((await faultOf(two)).message).toContain("two different ones");
    const odd = await post(at, ITEM, { "idempotency-key": "with blank" });
    expect((await faultOf(odd)).message).toContain("Idempotency-Key");
  });

  it("listens to the header that API_KEY_HEADER names", async () => {
    const at = await start({ secrets: { apiKeyHeader: "X-Bot-Key" } });
    const { path, body } = signed("inbox", GOOD.inbox);
    const json = { "content-type": "application/json" };
    expect((await at.post(path, { ...json, "x-bot-key": HOOK_SECRETS.apiKey }, body)).status).toBe(202);
    expect((await at.post(path, { ...json, "x-api-key": HOOK_SECRETS.apiKey }, body)).status).toBe(401);
  });
});

describe("Notion's handshake", () => {
  const TOKEN = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl";
  const handshake = (at: WebhookSide, token = TOKEN) =>
    at.post(
      "/webhooks/notion",
      { "content-type": "application/json" },
      JSON.stringify({ verification_token: token }),
    );
  const look = async (at: WebhookSide, key: string = HOOK_SECRETS.apiKey) =>
    at.post("/webhooks/notion/handshake", { "x-api-key": key }, "");

  it("is taken only while the holder of the API key waits, and shown to nobody else", async () => {
    const at = await start({ secrets: { notion: null } });
    expect((await handshake(at)).status).toBe(404);
    expect((await look(at, "wrong")).status).toBe(401);
    expect((await handshake(at)).status).toBe(404);
    const waiting = await look(at);
    expect(await waiting.json()).toMatchObject({ status: "waiting", verification_token: null });
    expect((await handshake(at)).status).toBe(200);
    const received = await look(at);
    expect(received.headers.get("cache-control")).toBe("no-store");
    expect(await received.json()).toMatchObject({ status: "received", verification_token: TOKEN });
    expect((await look(at, "wrong")).status).toBe(401);
    expect(at.logged.join("\n")).not.toContain(TOKEN);
    expect(at.started).toEqual([]);
  });

  it("opens nothing by itself: events stay refused until the variable is set", async () => {
    const at = await start({ secrets: { notion: null } });
    await look(at);
    await handshake(at);
    expect((await send(at, signed("notion", GOOD.notion))).status).toBe(401);
    expect(at.started).toEqual([]);
  });

  it("is over after a quarter of an hour, and its token is gone", async () => {
    const at = await start({ secrets: { notion: null } });
    await look(at);
    await handshake(at);
    at.control.now = new Date(at.control.now.getTime() + 15 * 60_000);
    expect((await handshake(at, "secret_too_late_for_this")).status).toBe(404);
    expect(await (await look(at)).json()).toMatchObject({ status: "waiting", verification_token: null });
  });

  it("can be repeated: the latest token counts", async () => {
    const at = await start({ secrets: { notion: null } });
    await look(at);
    await handshake(at, "secret_of_somebody_else");
    await handshake(at);
    expect(await (await look(at)).json()).toMatchObject({ verification_token: TOKEN });
  });

  it("replaces a token in use only while somebody waits for it", async () => {
    const at = await start();
    expect((await handshake(at)).status).toBe(401);
    await look(at);
    expect((await handshake(at)).status).toBe(200);
    expect((await send(at, signed("notion", GOOD.notion))).status).toBe(202);
  });

  it("does not exist without API_KEY", async () => {
    const at = await start({ secrets: { notion: null, apiKey: null } });
    expect((await look(at, "")).status).toBe(404);
    expect((await fetch(`${at.origin}/webhooks/notion/handshake`)).status).toBe(404);
    expect((await handshake(at)).status).toBe(404);
  });
});
