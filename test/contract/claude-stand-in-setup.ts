/** A stand-in for Claude and the real SDK that talks to it, for the tests of the stand-in itself. */
import Anthropic from "@anthropic-ai/sdk";
import { expect } from "vitest";
import { createClaudeStandIn } from "../../src/sandbox/anthropic/server.ts";
import type { ClaudeStandIn } from "../../src/sandbox/stand-ins.ts";

export const KEY = "sk-ant-sandbox";
export let standIn: ClaudeStandIn;
export let client: Anthropic;

/** For beforeAll. */
export async function openStandIn(): Promise<void> {
  standIn = await createClaudeStandIn({ apiKey: KEY });
  client = clientWith(KEY);
}

/** For afterAll. */
export async function closeStandIn(): Promise<void> {
  await standIn.close();
}

/** For beforeEach. */
export function startAfresh(): void {
  standIn.faults.clear();
  standIn.latencyMs = 0;
  standIn.calls.length = 0;
  standIn.requests.length = 0;
}

export function clientWith(apiKey: string): Anthropic {
  return new Anthropic({ apiKey, baseURL: standIn.url, maxRetries: 0, logLevel: "off" });
}

export type Params = Anthropic.MessageCreateParamsNonStreaming;
export const BASE: Params = {
  model: "claude-haiku-5-5",
  max_tokens: 4_000,
  messages: [{ role: "user", content: "Should we hire a designer? It costs €60,000." }],
};

export async function answer(schema: Record<string, unknown>, prompt: string, system = ""): Promise<unknown> {
  const message = await client.messages.create({
    ...BASE,
    system,
    messages: [{ role: "user", content: prompt }],
    output_config: { format: { type: "json_schema", schema } },
  });
  expect(message.stop_reason).toBe("end_turn");
  return JSON.parse(textOf(message));
}

export function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

export function object(properties: Record<string, unknown>, required = Object.keys(properties)) {
  return { type: "object", properties, required, additionalProperties: false };
}

export const text = { type: "string" };
export const letter = { type: "string", enum: ["A", "B", "C", "D"] };
export const TRIAGE = object({
  kind: { type: "string", enum: ["strategic", "operational", "reference"] },
  title: text,
  risk: { type: "string", enum: ["Low", "Medium", "High"] },
  impact: { type: "integer" },
  area: { type: ["string", "null"] },
  adviser: text,
  rationale: text,
});
export const FRAME = object({
  question: text,
  options: { type: "array", items: object({ title: text, summary: text }) },
});
export const ADVICE = object({
  scores: {
    type: "array",
    items: object({
      option: letter,
      risk: { type: "integer" },
      impact: { type: "integer" },
      verdict: text,
      pros: { type: "array", items: text },
      cons: { type: "array", items: text },
    }),
  },
  recommends: letter,
  rationale: text,
  veto: { anyOf: [object({ option: letter, reason: text }), { type: "null" }] },
});
export const SYNTHESIS = object({
  recommendedOption: letter,
  rationale: text,
  conflictPoints: { type: "array", items: text },
  riskAssessment: text,
  requiredResources: { type: "array", items: text },
  tasks: { type: "array", items: text },
});

export const TAG = "item-0123456789abcdef";
export function fenced(title: string, content = "", decision = ""): string {
  return `Look at this.\n\n<${TAG}>\nTitle: ${title}\nSource: Slack\nText:\n${content}${decision}\n</${TAG}>`;
}
