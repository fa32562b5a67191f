/** Whatever comes back in Claude's name: a whole analysis or a named failure, billed with numbers, and never a crash. */
import { createServer, type Server } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "../../src/workflows/ports.ts";
import { listen } from "../fixtures/bolt-on-slack-stand-in.ts";
import { awkwardText, FUZZ_PATIENCE_MS, fuzzed, garbled, junk } from "../fixtures/fuzz.ts";
import {
  adviseAsk,
  budget,
  closeClaude,
  counsel,
  item,
  ledger,
  openClaude,
  startAfresh,
  triageAsk,
  triaged,
} from "./claude-adapter-setup.ts";

/** What the API says next, whatever it is asked. */
let answers: string[] = [];
/** What it was asked, as it came. */
let asked: string[] = [];
let server: Server;
let baseUrl: string;

beforeAll(async () => {
  await openClaude();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      asked.push(Buffer.concat(chunks).toString());
      response.writeHead(200, { "content-type": "application/json" });
      response.end(answers.length > 1 ? answers.shift() : answers[0]);
    });
  });
  baseUrl = await listen(server);
});
beforeEach(startAfresh);
afterAll(async () => {
  await closeClaude();
  server.closeAllConnections();
  server.close();
});

const TRIAGE = {
  ...{ rationale: "Because.", kind: "strategic", title: "Germany", risk: "High", impact: 9 },
  ...{ area: "Growth", concepts: [{ name: "Germany", type: "Knowledge_Asset" }], adviser: "The Quant" },
};
const score = (option: string) => ({
  option,
  pros: ["p", "q"],
  cons: ["c"],
  verdict: "v",
  risk: 2,
  impact: 7,
});
const ADVICE = {
  ...{ scores: ["A", "B", "C"].map(score), rationale: "r", recommends: "B" },
  veto: { option: "C", reason: "Too late." },
};
const FRAME = {
  ...{ question: "Should we?", successCriteria: "Five customers." },
  options: ["Go", "Pilot", "Wait"].map((title) => ({ title, summary: "s" })),
};
const SYNTHESIS = {
  ...{ conflictPoints: ["pace"], rationale: "r", recommendedOption: "A", riskAssessment: "low" },
  ...{ requiredResources: ["one engineer"], tasks: ["Call them", "Draft it"] },
};

const frame = adviseAsk.frame;
const advice = [{ adviser: "The Quant", recommends: "A" as const, rationale: "r", scores: [], veto: null }];
const bot = () => counsel({ baseUrl });
const QUESTIONS: { sample: unknown; ask: () => Promise<Answer<unknown>> }[] = [
  { sample: TRIAGE, ask: () => bot().triage(triageAsk) },
  { sample: FRAME, ask: () => bot().frame({ key: "f", item, triage: triaged }) },
  { sample: ADVICE, ask: () => bot().advise(adviseAsk) },
  { sample: SYNTHESIS, ask: () => bot().synthesise({ key: "s", item, triage: triaged, frame, advice }) },
];

/** Case, blanks and form of enums and numbers as models write them. */
const quirk = (json: string) =>
  fc.constantFrom(
    json,
    json.toUpperCase(),
    json.replace(/"([A-Z])"/g, '" option $1 "'),
    json.replace(/"(High|strategic|[A-D])"/g, (word) => word.toLowerCase()),
    json.replace(/:(\d+)/g, ':"$1"'),
    json.replace(/:(\d+)/g, ":$1e999"),
    json.replace(/:(\d+)/g, ":NaN"),
    json.slice(0, -7),
    `Here it is:\n\`\`\`json\n${json}\n\`\`\``,
    `${json}${json}`,
    json.replace(/"p"/g, `"${"long ".repeat(20_000)}"`),
  );

const message = (text: string) => ({
  ...{ id: "msg_1", type: "message", role: "assistant", model: "claude-sonnet-5-5" },
  content: [{ type: "text", text, citations: null }],
  ...{ stop_reason: "end_turn", stop_sequence: null, stop_details: null, container: null },
  usage: {
    ...{ input_tokens: 900, output_tokens: 300, service_tier: "standard" },
    ...{ cache_creation_input_tokens: 10, cache_read_input_tokens: 20 },
    cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 10 },
  },
});
/** Blocks and reasons that a real API has and the bot does not ask for. */
const odd = (text: string) =>
  fc.constantFrom<object>(
    { ...message(text), content: [] },
    {
      ...message(text),
      content: [{ type: "tool_use", id: "t", name: "x", input: { a: text } }],
      stop_reason: "tool_use",
    },
    {
      ...message(text),
      content: [
        { type: "thinking", thinking: "hm", signature: "s" },
        { type: "text", text },
      ],
    },
    { ...message(text), content: [null, { type: "text" }, { type: "text", text: 5 }] },
    { ...message(text), stop_reason: "pause_turn" },
    { ...message(text), stop_reason: "refusal", stop_details: { type: "refusal", category: 7 } },
    {
      ...message(text),
      stop_reason: "refusal",
      stop_details: { type: "refusal", category: "x".repeat(9_000) },
    },
    { ...message(text), stop_reason: "max_tokens" },
    { ...message(text), stop_reason: "model_context_window_exceeded" },
    { ...message(text), usage: {} },
    { ...message(text), usage: { input_tokens: "many", output_tokens: -5 } },
    { ...message(text), usage: { input_tokens: 1e300, output_tokens: 1e300 } },
  );

const answerText = (sample: unknown) =>
  fc.oneof(
    { weight: 4, arbitrary: garbled(sample).map((any) => JSON.stringify(any)) },
    { weight: 2, arbitrary: quirk(JSON.stringify(sample)) },
    { weight: 1, arbitrary: junk.map((any) => JSON.stringify(any) ?? "") },
    { weight: 1, arbitrary: awkwardText },
  );
const body = (sample: unknown) =>
  answerText(sample).chain((text) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constant<unknown>(message(text)) },
      { weight: 2, arbitrary: odd(text) },
      { weight: 2, arbitrary: garbled(message(text)) },
    ),
  );
const visit = fc.constantFrom(...QUESTIONS).chain(({ sample, ask }) =>
  fc.record({
    ask: fc.constant(ask),
    sample: fc.constant(sample),
    said: fc.array(body(sample), { minLength: 1, maxLength: 2 }),
  }),
);

/** What the rest of the bot, the store and Notion rely on, said again without the adapter's own schemas. */
function expectWhole(sample: unknown, value: unknown): void {
  const all = JSON.stringify(value);
  // Neither PostgreSQL nor Notion can hold NUL or half a surrogate pair.
  expect(all).not.toMatch(/\\u0000|\\ud[89a-f][0-9a-f]{2}(?!\\ud[c-f])/);
  expect(value).toMatchObject(kindsOf(sample));
  for (const [key, one] of Object.entries(JSON.parse(all))) {
    if (key === "kind") expect(["strategic", "operational", "reference"]).toContain(one);
    if (key === "recommends" || key === "recommendedOption") expect(["A", "B", "C"]).toContain(one);
    if (key === "title" || key === "rationale" || key === "question") expect(String(one).trim()).not.toBe("");
  }
  for (const [, number] of all.matchAll(/"(?:impact|risk)":("?[^,}]*)/g)) {
    expect(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", '"Low"', '"Medium"', '"High"']).toContain(
      number,
    );
  }
}

function kindsOf(sample: unknown): object {
  const kinds = Object.entries(sample ?? {}).map(([key, value]) => {
    if (key === "area" || key === "veto") return [key, expect.anything()];
    return [key, Array.isArray(value) ? expect.any(Array) : expect.any(value.constructor)];
  });
  return Object.fromEntries(kinds.filter(([key]) => key !== "area" && key !== "veto"));
}

describe("anything that comes back in Claude's name", () => {
  it(
    "is a whole analysis or a named failure, and costs a number",
    async () => {
      await fc.assert(
        fc.asyncProperty(visit, async ({ ask, sample, said }) => {
          ledger.clear();
          budget.left = true;
          asked = [];
          answers = said.map((one) => JSON.stringify(one));
          const answer = await ask();
          if (answer.kind === "ok") expectWhole(sample, answer.value);
          else {
            expect(answer.failure.code).toMatch(/^claude_(unavailable|refused|truncated|off_schema)$/);
            expect(answer.failure.message).toMatch(/^.{10,400}$/su);
          }
          for (const { costUsd, inputTokens, outputTokens } of answer.calls) {
            for (const figure of [costUsd, inputTokens, outputTokens]) {
              expect(figure).toBeGreaterThanOrEqual(0);
              expect(figure).toBeLessThan(2 ** 31);
            }
          }
          // Anthropic refuses a body with half a surrogate pair in it; JSON.stringify writes those as escapes.
          expect(asked.filter((sent) => /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(sent))).toEqual([]);
          // Nothing stays reserved.
          expect([...ledger.values()].filter(({ end }) => end === null)).toEqual([]);
        }),
        fuzzed(80),
      );
    },
    FUZZ_PATIENCE_MS,
  );

  const TEXT = JSON.stringify(TRIAGE);
  it.each<[string, object, object]>([
    [
      "the answer beside blocks that cannot be read",
      { content: [null, 7, ...message(TEXT).content] },
      { kind: "ok" },
    ],
    ["the answer without counts, charged as reserved", { usage: {} }, { kind: "ok" }],
    [
      "the answer with counts that are none",
      { usage: { input_tokens: -1, output_tokens: "9" } },
      { kind: "ok" },
    ],
    [
      "a refusal whose category is no word",
      { stop_reason: "refusal", stop_details: { type: "refusal", category: 7 } },
      { kind: "failed", failure: { message: "Claude declined to answer." } },
    ],
    [
      "a refusal with an endless category, cut",
      { stop_reason: "refusal", stop_details: { type: "refusal", category: "x".repeat(9_000) } },
      { kind: "failed", failure: { message: `Claude declined to answer (${"x".repeat(60)}).` } },
    ],
  ])("is %s", async (_, said, expected) => {
    answers = [JSON.stringify({ ...message(TEXT), ...said })];
    const answer = await bot().triage(triageAsk);
    expect(answer).toMatchObject(expected);
    const reserved = [...ledger.values()].at(-1);
    const { costUsd } = answer.calls[0] ?? { costUsd: Number.NaN };
    if ("usage" in said) expect(costUsd).toBeCloseTo(reserved?.estimate ?? 0, 10);
    else expect(costUsd).toBeGreaterThan(0);
  });

  it("is quoted back without the halves of an emoji that the cut left", async () => {
    answers = [JSON.stringify(message(`x${"👩".repeat(5_000)}`)), JSON.stringify(message(TEXT))];
    asked = [];
    expect(await bot().triage(triageAsk)).toMatchObject({ kind: "ok" });
    expect(asked[1]).toContain("👩\uFFFD");
  });
});
