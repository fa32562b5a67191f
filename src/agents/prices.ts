/** What a request to Claude costs, by Anthropic's price list (USD per million tokens, November 2026). */
import type { Usage } from "@anthropic-ai/sdk/resources/messages";

export interface Price {
  input: number;
  output: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  cacheRead: number;
}

interface PriceRow {
  models: readonly string[];
  price: Price;
  /** Applies to the whole request once its prompt, cached tokens included, is longer than this. */
  step?: { abovePromptTokens: number; price: Price };
}

/** Writing to the cache costs 1.25 times the input for five minutes, twice for an hour. */
function price({ input, output, cacheRead }: { input: number; output: number; cacheRead: number }): Price {
  return { input, output, cacheWrite5m: input * 1.25, cacheWrite1h: input * 2, cacheRead };
}

const FABLE_5 = price({ input: 10, output: 50, cacheRead: 1 });

const PRICES: readonly PriceRow[] = [
  {
    models: ["claude-haiku-5-5"],
    price: price({ input: 0.1, output: 0.5, cacheRead: 0.01 }),
    step: { abovePromptTokens: 100_000, price: price({ input: 0.5, output: 2.5, cacheRead: 0.05 }) },
  },
  { models: ["claude-haiku-4-5"], price: price({ input: 1, output: 5, cacheRead: 0.1 }) },
  { models: ["claude-sonnet-5-5"], price: price({ input: 2, output: 10, cacheRead: 0.1 }) },
  { models: ["claude-sonnet-5"], price: price({ input: 2, output: 10, cacheRead: 0.2 }) },
  {
    models: ["claude-sonnet-4-6", "claude-sonnet-4-5"],
    price: price({ input: 3, output: 15, cacheRead: 0.3 }),
  },
  { models: ["claude-opus-5-5"], price: price({ input: 4, output: 20, cacheRead: 0.2 }) },
  {
    models: ["claude-opus-5", "claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6", "claude-opus-4-5"],
    price: price({ input: 5, output: 25, cacheRead: 0.5 }),
  },
  {
    models: ["claude-fable-5-1", "claude-mythos-5-1"],
    price: price({ input: 10, output: 50, cacheRead: 0.25 }),
  },
  { models: ["claude-fable-5", "claude-mythos-5"], price: FABLE_5 },
];

/** The dearest row: a model we do not know must not slip under the daily cap. */
const UNKNOWN: PriceRow = { models: [], price: FABLE_5 };

/** Dated ids (claude-haiku-4-5-20251001) cost what their alias costs. */
function rowOf(model: string): PriceRow | null {
  const alias = model.replace(/-\d{8}$/, "");
  return PRICES.find((row) => row.models.includes(alias)) ?? null;
}

export function hasPrice(model: string): boolean {
  return rowOf(model) !== null;
}

function priceFor(model: string, promptTokens: number): Price {
  const row = rowOf(model) ?? UNKNOWN;
  return row.step && promptTokens > row.step.abovePromptTokens ? row.step.price : row.price;
}

export interface Bill {
  /** All prompt tokens, cached ones included. */
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
}

export type BilledUsage = Pick<
  Usage,
  | "input_tokens"
  | "output_tokens"
  | "cache_creation_input_tokens"
  | "cache_read_input_tokens"
  | "cache_creation"
>;

/** `input_tokens` is the uncached rest only, so the three prompt fields are summed. */
export function billOf(model: string, usage: BilledUsage): Bill {
  const written = usage.cache_creation_input_tokens ?? 0;
  const read = usage.cache_read_input_tokens ?? 0;
  const inputTokens = usage.input_tokens + written + read;
  const rates = priceFor(model, inputTokens);
  const writtenFor1h = Math.min(written, usage.cache_creation?.ephemeral_1h_input_tokens ?? 0);
  const perMillion =
    usage.input_tokens * rates.input +
    (written - writtenFor1h) * rates.cacheWrite5m +
    writtenFor1h * rates.cacheWrite1h +
    read * rates.cacheRead +
    usage.output_tokens * rates.output;
  return { inputTokens, outputTokens: usage.output_tokens, costUsd: perMillion / 1_000_000 };
}

/** Three bytes a token is on the safe side for English as well as for scripts with several bytes a letter. */
const BYTES_PER_TOKEN = 3;

export function estimatedTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** An upper bound, so that the cap holds while many requests are in flight. */
export function estimateUsd(model: string, call: { promptTokens: number; maxTokens: number }): number {
  const rates = priceFor(model, call.promptTokens);
  return (call.promptTokens * rates.input + call.maxTokens * rates.output) / 1_000_000;
}
