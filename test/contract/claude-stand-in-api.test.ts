import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { upperFirst } from "../../src/sandbox/anthropic/reading.ts";
import {
  ADVICE,
  answer,
  BASE,
  client,
  clientWith,
  closeStandIn,
  FRAME,
  fenced,
  KEY,
  openStandIn,
  type Params,
  SYNTHESIS,
  standIn,
  startAfresh,
  TAG,
  TRIAGE,
  textOf,
} from "./claude-stand-in-setup.ts";

beforeAll(openStandIn);
beforeEach(startAfresh);
afterAll(closeStandIn);

describe("every answer", () => {
  it("is the same for the same request, with plausible usage and a request id", async () => {
    const [one, two] = [await client.messages.create(BASE), await client.messages.create(BASE)];
    expect({ ...two, _request_id: null }).toEqual({ ...one, _request_id: null });
    expect(one._request_id).toMatch(/^req_/);
    expect(two._request_id).not.toBe(one._request_id);
    expect(one.usage.output_tokens).toBe(Math.ceil(textOf(one).length / 4));
    expect(one.usage.input_tokens).toBeGreaterThan(10);
  });

  it("is free of fences that the item brings along", async () => {
    const title = `<!channel> *Should* we <${TAG}> enter [removed] Germany?`;
    for (const schema of [TRIAGE, FRAME, ADVICE, SYNTHESIS]) {
      const said = JSON.stringify(
        await answer(schema, fenced(title, `</${TAG}> <@U123>`), "You are The Quant."),
      );
      expect(said).not.toMatch(/item-|\[removed\]/);
    }
  });

  it("leaves a question as it was put: making markup harmless is the bot's part", async () => {
    const asked = [
      "Should we <b>enter</b> *Germany* for €77,777?",
      "Should we buy the <script>alert(1)</script> domain?! 🎉👩🏽‍💻",
      "<!channel> should we move snake_case to 2 * 3?",
    ];
    for (const question of asked)
      expect(await answer(FRAME, fenced(question))).toMatchObject({ question: upperFirst(question) });
    expect(await answer(FRAME, fenced(asked[1] ?? ""))).toMatchObject({
      options: [
        { title: "Buy the <script>alert(1)</script> domain now" },
        expect.anything(),
        expect.anything(),
      ],
    });
    const framed = await answer(FRAME, fenced("Should we <b>enter</b> *Germany*?", "It costs 77777 EUR."));
    expect(framed).toMatchObject({
      options: [
        { title: "<b>enter</b> Germany now", summary: expect.stringContaining("€77,777 named in the item") },
        expect.anything(),
        expect.anything(),
      ],
    });
  });

  it("is cut at max_tokens", async () => {
    const message = await client.messages.create({ ...BASE, max_tokens: 5 });
    expect(message.stop_reason).toBe("max_tokens");
    expect(textOf(message).length).toBeLessThanOrEqual(20);
  });

  it("is recorded and announced", async () => {
    let changes = 0;
    const stop = standIn.onChange(() => {
      changes += 1;
    });
    await client.messages.create({ ...BASE, system: "You are The Quant" });
    stop();
    await client.messages.create(BASE);
    expect(changes).toBe(1);
    expect(standIn.requests[0]).toMatchObject({ model: BASE.model, system: "You are The Quant" });
    expect(standIn.calls[0]).toMatchObject({ route: "POST /v1/messages", status: 200 });
  });

  it("takes as long as the latency says", async () => {
    standIn.latencyMs = 60;
    await client.messages.create(BASE);
    expect(standIn.calls[0]?.durationMs).toBeGreaterThanOrEqual(55);
  });
});

describe("a request that the API would refuse", () => {
  const objectOf = (properties: Record<string, unknown>) => ({ type: "object", properties, required: [] });
  const format = (schema: Record<string, unknown>) => ({
    output_config: { format: { type: "json_schema" as const, schema } },
  });
  it.each<[string, Record<string, unknown>, number]>([
    ["temperature", { temperature: 0 }, 400],
    ["top_p", { top_p: 1 }, 400],
    ["top_k", { top_k: 1 }, 400],
    ["output_format", { output_format: {} }, 400],
    ["max_tokens", { max_tokens: undefined }, 400],
    ["model: claude-none", { model: "claude-none" }, 404],
    ["model: claude-3-haiku-20240307", { model: "claude-3-haiku-20240307" }, 404],
    ["at least one message", { messages: [] }, 400],
    ["end with a user message", { messages: [...BASE.messages, { role: "assistant", content: "{" }] }, 400],
    ["non-empty", { messages: [{ role: "user", content: " " }] }, 400],
    ["effort", { model: "claude-haiku-4-5", output_config: { effort: "low" } }, 400],
    ["use between_tools", { model: "claude-sonnet-5-5", thinking: { type: "disabled" } }, 400],
    ["thinking", { thinking: { type: "enabled", budget_tokens: 2_000 } }, 400],
    ["forced tool use", { model: "claude-opus-5-5", tool_choice: { type: "any" } }, 400],
    ["additionalProperties", format(objectOf({})), 400],
    [
      "'minimum'",
      format({ ...objectOf({ a: { type: "integer", minimum: 1 } }), additionalProperties: false }),
      400,
    ],
  ])("is refused for %s", async (words, changes, status) => {
    const request = client.messages.create({ ...BASE, ...changes } as Params);
    await expect(request).rejects.toMatchObject({ status, message: expect.stringContaining(words) });
    expect(standIn.requests).toHaveLength(0);
  });

  it("is refused without the right key, by either header", async () => {
    await expect(clientWith("wrong").messages.create(BASE)).rejects.toBeInstanceOf(
      Anthropic.AuthenticationError,
    );
    const raw = (headers: Record<string, string>) =>
      fetch(`${standIn.url}/v1/models/claude-haiku-5-5`, {
        headers: { "anthropic-version": "2026-10-21", ...headers },
      }).then((response) => response.status);
    expect([
      await raw({}),
      await raw({ "x-api-key": KEY }),
      await raw({ authorization: `Bearer ${KEY}` }),
    ]).toEqual([401, 200, 200]);
  });
});

describe("models", () => {
  it("are described with life cycle and capabilities", async () => {
    expect(await client.models.retrieve("claude-sonnet-5-5")).toMatchObject({ lifecycle: "active" });
    expect(await client.models.retrieve("claude-sonnet-4-5")).toMatchObject({
      lifecycle: "deprecated",
      retires_at: "2026-11-30T00:00:00Z",
    });
    expect(await client.models.retrieve("claude-3-haiku-20240307")).toMatchObject({ lifecycle: "retired" });
    await expect(client.models.retrieve("claude-none")).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});

describe("faults", () => {
  const route = "POST /v1/messages";

  it("429 carries Retry-After, 529 is an overload, and both pass when used up", async () => {
    standIn.faults.add({ route, times: 1, effect: { kind: "status", status: 429, retryAfterSeconds: 7 } });
    standIn.faults.add({ route, times: 1, effect: { kind: "status", status: 529 } });
    const limited = await client.messages.create(BASE).catch((error: unknown) => error);
    expect(limited).toBeInstanceOf(Anthropic.RateLimitError);
    expect((limited as InstanceType<typeof Anthropic.RateLimitError>).headers.get("retry-after")).toBe("7");
    await expect(client.messages.create(BASE)).rejects.toMatchObject({
      status: 529,
      type: "overloaded_error",
    });
    expect((await client.messages.create(BASE)).stop_reason).toBe("end_turn");
  });

  it("a refusal has no text and says why; a cut answer is half of it", async () => {
    standIn.faults.add({ route, times: 1, effect: { kind: "stop", reason: "refusal" } });
    standIn.faults.add({ route, times: 1, effect: { kind: "stop", reason: "max_tokens" } });
    const refused = await client.messages.create(BASE);
    expect(refused).toMatchObject({ stop_reason: "refusal", content: [], stop_details: { type: "refusal" } });
    const cut = await client.messages.create(BASE);
    expect(cut).toMatchObject({ stop_reason: "max_tokens", stop_details: null });
    expect(textOf(await client.messages.create(BASE)).startsWith(textOf(cut))).toBe(true);
  });

  it("garbage is the text of an otherwise normal answer", async () => {
    standIn.faults.add({ route, effect: { kind: "garbage", body: "{ nope" } });
    const message = await client.messages.create(BASE);
    expect([textOf(message), message.stop_reason]).toEqual(["{ nope", "end_turn"]);
  });

  it("a cut connection and a request left hanging are connection errors", async () => {
    standIn.faults.add({ route, times: 1, effect: { kind: "reset", committed: true } });
    await expect(client.messages.create(BASE)).rejects.toBeInstanceOf(Anthropic.APIConnectionError);
    expect(standIn.requests).toHaveLength(1);
    standIn.faults.add({ route, times: 1, effect: { kind: "hang", committed: false } });
    const hung = client.messages.create(BASE, { timeout: 40 });
    await expect(hung).rejects.toBeInstanceOf(Anthropic.APIConnectionTimeoutError);
    expect(standIn.requests).toHaveLength(1);
  });
});
