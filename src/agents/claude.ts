/**
 * The one client of the Anthropic API. Owns: how a question with a schema is sent, read, checked, repaired once,
 * billed and, when it fails, told as a Failure. Does not own what is asked (triage, frame, advise, synthesise), the
 * daily cap (the ledger decides) or retries beyond the SDK's own.
 */
import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import type { CallUsage } from "../domain/analysis.ts";
import { AppError, type ErrorCode, type Failure, toFailure } from "../errors.ts";
import { type Log, moduleLog } from "../log.ts";
import type { Answer } from "../workflows/ports.ts";
import { mayBeBilled, toAppError } from "./failures.ts";
import { type ReadMessage, readMessage } from "./message.ts";
import { type Effort, settingsFor } from "./models.ts";
import type { SpendLedger } from "./ports.ts";
import { type BilledUsage, billOf, estimatedTokens, estimateUsd, hasPrice } from "./prices.ts";
import { outputSchema } from "./schema.ts";

/** A synthesis of 4,000 tokens takes about a minute on Sonnet; twice that is a request that will not come back. */
const ATTEMPT_TIMEOUT_MS = 120_000;
/** The SDK obeys any Retry-After, hours included; a workflow step must end sooner. */
const DEADLINE_MS = 300_000;
const MAX_RETRIES = 2;
/** Asking whether a model exists belongs to a health check, which must not wait long. */
const LOOKUP = { timeout: 10_000, maxRetries: 1 };
/** Named, so that the SDK never looks for ANTHROPIC_BASE_URL in the environment by itself. */
const DEFAULT_BASE_URL = "https://api.anthropic.com";
/** A faulty answer is shown to the model again only this far. */
const QUOTED_CHARS = 8_000;
/** A reason is read on a card. */
const REASON_CHARS = 400;

export interface ObservedCall {
  step: string;
  model: string;
  outcome: "ok" | ErrorCode;
  durationMs: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
}

export interface ClaudeDeps {
  apiKey: string;
  /** null = Anthropic's own. */
  baseUrl: string | null;
  spend: SpendLedger;
  log: Log;
  observe?: (call: ObservedCall) => void;
  /** Epoch milliseconds. */
  now?: () => number;
  /** Per attempt. */
  timeoutMs?: number;
  /** For a request with all its retries. */
  deadlineMs?: number;
}

export interface Question<T> {
  /** Unique per workflow step; names the request in the ledger. */
  key: string;
  step: string;
  itemId: string;
  /** Who is asked, when it is one of several. */
  adviser?: string;
  model: string;
  effort: Effort;
  /** Room for the answer itself. */
  answerTokens: number;
  system: string;
  prompt: string;
  schema: z.ZodType<T>;
  /** What is wrong with an answer that has the right shape; null when nothing is. */
  check?: (answer: T) => string | null;
}

export interface Claude {
  ask<T>(question: Question<T>): Promise<Answer<T>>;
  retrieveModel(model: string): Promise<Anthropic.ModelInfo>;
}

interface Turn {
  role: "user" | "assistant";
  content: string;
}

type Reading<T> =
  | { kind: "ok"; value: T }
  | { kind: "off-schema"; text: string; problem: string }
  | { kind: "failed"; failure: Failure };

type Attempt<T> = Reading<T> & { call: CallUsage | null };

export function createClaude(deps: ClaudeDeps): Claude {
  const client = new Anthropic({
    apiKey: deps.apiKey,
    authToken: null,
    baseURL: deps.baseUrl ?? DEFAULT_BASE_URL,
    maxRetries: MAX_RETRIES,
    timeout: deps.timeoutMs ?? ATTEMPT_TIMEOUT_MS,
    // The SDK logs bodies at its debug level, and those hold people's words.
    logLevel: "off",
    openTelemetry: { propagation: false, traces: { contentMode: "metadata_only" } },
  });
  const log = moduleLog(deps.log, "agents");
  const unpriced = new Set<string>();
  const warnOfPrice = (model: string) => {
    if (hasPrice(model) || unpriced.has(model)) return;
    unpriced.add(model);
    log.warn({ model }, "no price known for this model; the highest one is charged against the budget");
  };
  const sender = { ...deps, client, now: deps.now ?? Date.now };
  return {
    ask: async (question) => {
      warnOfPrice(question.model);
      return askWithRepair(sender, question);
    },
    retrieveModel: (model) => client.models.retrieve(model, null, LOOKUP),
  };
}

interface Sender extends ClaudeDeps {
  client: Anthropic;
  now: () => number;
}

async function askWithRepair<T>(sender: Sender, question: Question<T>): Promise<Answer<T>> {
  const messages: Turn[] = [{ role: "user", content: question.prompt }];
  const first = await attempt(sender, question, { key: question.key, messages });
  if (first.kind !== "off-schema") return answerOf(first, [first.call]);
  const repaired = await attempt(sender, question, {
    key: `${question.key}:repair`,
    messages: [...messages, ...repairTurns(first)],
  });
  return answerOf(repaired, [first.call, repaired.call]);
}

function answerOf<T>(reading: Reading<T>, billed: (CallUsage | null)[]): Answer<T> {
  const calls = billed.filter((call) => call !== null);
  if (reading.kind === "ok") return { kind: "ok", value: reading.value, calls };
  if (reading.kind === "failed") return { kind: "failed", failure: reading.failure, calls };
  const message = `Claude's answer did not have the agreed form, twice. ${reading.problem}`.slice(
    0,
    REASON_CHARS,
  );
  return { kind: "failed", failure: { code: "claude_off_schema", message, retryable: true }, calls };
}

function repairTurns(faulty: { text: string; problem: string }): Turn[] {
  const wrong = `Your answer cannot be used:\n${faulty.problem}\n\nAnswer the same question again, complete, in the required form. Correct only what was wrong.`;
  // An empty turn is a 400, so a missing answer is mentioned and not quoted.
  const quoted = faulty.text.trim().slice(0, QUOTED_CHARS) || "(no answer)";
  return [
    { role: "assistant", content: quoted },
    { role: "user", content: wrong },
  ];
}

/** One request, from reservation to settlement. */
async function attempt<T>(
  sender: Sender,
  question: Question<T>,
  { key, messages }: { key: string; messages: Turn[] },
): Promise<Attempt<T>> {
  const { step, model } = question;
  const request = requestFor(question, messages);
  const promptTokens = estimatedTokens(JSON.stringify(request));
  const estimateCostUsd = estimateUsd(model, { promptTokens, maxTokens: request.max_tokens });
  const { itemId, adviser } = question;
  const reservation = { step, model, itemId, estimateUsd: estimateCostUsd, ...(adviser && { adviser }) };
  if (!(await sender.spend.reserve(key, reservation))) return { ...budgetReached(), call: null };

  const startedAt = sender.now();
  const usageOf = (usage: BilledUsage): CallUsage => ({
    step,
    model,
    ...billOf(model, usage),
    durationMs: sender.now() - startedAt,
  });
  const sent = await send(sender, request);
  if (sent.kind === "failed") {
    const call = mayBeBilled(sent.error) ? usageOf(atMost(promptTokens, 0)) : null;
    const failure = toFailure(toAppError(sent.error));
    await settle(sender, { key, call });
    observe(sender, { step, model, call, outcome: failure.code, durationMs: sender.now() - startedAt });
    return { kind: "failed", failure, call };
  }
  // Who garbles the counts is charged what was reserved.
  const call = usageOf(sent.message.usage ?? atMost(promptTokens, request.max_tokens));
  await settle(sender, { key, call });
  const reading = readAnswer(question, sent.message);
  observe(sender, { step, model, call, outcome: outcomeOf(reading), durationMs: call.durationMs });
  return { ...reading, call };
}

/** Anthropic refuses a body with half a surrogate pair in it, be it from a model, from Notion or from a cut of ours. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

function requestFor<T>(question: Question<T>, messages: Turn[]) {
  const settings = settingsFor(question.model, question);
  return {
    model: question.model,
    max_tokens: settings.maxTokens,
    system: wellFormed(question.system),
    messages: messages.map(({ role, content }) => ({ role, content: wellFormed(content) })),
    ...settings.thinking,
    output_config: {
      ...settings.effort,
      format: { type: "json_schema" as const, schema: outputSchema(question.step, question.schema) },
    },
  };
}

type Sent = { kind: "answered"; message: ReadMessage } | { kind: "failed"; error: unknown };

async function send(sender: Sender, request: ReturnType<typeof requestFor>): Promise<Sent> {
  try {
    const options = { signal: AbortSignal.timeout(sender.deadlineMs ?? DEADLINE_MS) };
    const message = readMessage(await sender.client.messages.create(request, options));
    if (message === null) throw new SyntaxError("not a message");
    return { kind: "answered", message };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** What is charged when nobody knows: the prompt was sent, the answer has at most so many tokens. */
function atMost(promptTokens: number, answerTokens: number): BilledUsage {
  return {
    input_tokens: promptTokens,
    output_tokens: answerTokens,
    cache_creation_input_tokens: null,
    cache_read_input_tokens: null,
    cache_creation: null,
  };
}

function settle(sender: Sender, { key, call }: { key: string; call: CallUsage | null }): Promise<void> {
  return call ? sender.spend.settle(key, call) : sender.spend.release(key);
}

function observe(
  sender: Sender,
  seen: Pick<ObservedCall, "step" | "model" | "outcome" | "durationMs"> & { call: CallUsage | null },
): void {
  const { call, ...rest } = seen;
  sender.observe?.({
    ...rest,
    inputTokens: call?.inputTokens ?? 0,
    outputTokens: call?.outputTokens ?? 0,
    costUsd: call?.costUsd ?? 0,
  });
}

function outcomeOf(reading: Reading<unknown>): "ok" | ErrorCode {
  if (reading.kind === "ok") return "ok";
  return reading.kind === "failed" ? reading.failure.code : "claude_off_schema";
}

/** stop_reason first: a refusal or a cut answer can look like a valid one. */
function readAnswer<T>(question: Question<T>, { text, stopped }: ReadMessage): Reading<T> {
  if (stopped) return { kind: "failed", failure: stopped };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { kind: "off-schema", text, problem: "It is not valid JSON." };
  }
  const parsed = question.schema.safeParse(raw);
  if (!parsed.success) return { kind: "off-schema", text, problem: z.prettifyError(parsed.error) };
  const problem = question.check?.(parsed.data) ?? null;
  return problem === null ? { kind: "ok", value: parsed.data } : { kind: "off-schema", text, problem };
}

function budgetReached(): { kind: "failed"; failure: Failure } {
  const error = new AppError("The daily budget for Claude is reached; nothing was sent.", {
    code: "budget_reached",
    retryable: true,
  });
  return { kind: "failed", failure: toFailure(error) };
}
