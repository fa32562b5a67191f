/**
 * A message as the API gives it, read with care: between the bot and Anthropic there may be a proxy or a gateway, and
 * the SDK checks nothing of what comes back. What it costs must stay a number, whatever is in it.
 */
import { z } from "zod";
import type { Failure } from "../errors.ts";
import type { BilledUsage } from "./prices.ts";

/** Far above every context window; the store keeps whole numbers of this size. */
const MAX_TOKENS = 100_000_000;
/** Of a vendor's word that ends up on a card. */
const CATEGORY_CHARS = 60;

const tokens = z.int().min(0).max(MAX_TOKENS);
const maybeTokens = tokens.nullish().transform((count) => count ?? null);

const UsageSchema = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_creation_input_tokens: maybeTokens,
  cache_read_input_tokens: maybeTokens,
  cache_creation: z
    .object({ ephemeral_1h_input_tokens: tokens, ephemeral_5m_input_tokens: tokens })
    .nullable()
    .catch(null),
});

const MessageSchema = z.object({
  content: z.array(
    z
      .object({ type: z.literal("text"), text: z.string() })
      .nullable()
      .catch(null),
  ),
  stop_reason: z.string().nullish().catch(null),
  stop_details: z
    .object({ type: z.literal("refusal"), category: z.string() })
    .nullish()
    .catch(null),
  usage: UsageSchema.nullable().catch(null),
});

export interface ReadMessage {
  /** All text blocks, joined; "" = there is none. */
  text: string;
  /** Why the text is not to be looked at, however valid it seems; null = it is. */
  stopped: Failure | null;
  /** null = the counts are missing or no counts. */
  usage: BilledUsage | null;
}

/** null for what is no message: a proxy's page with status 200 passes the SDK unseen. */
export function readMessage(value: unknown): ReadMessage | null {
  const parsed = MessageSchema.safeParse(value);
  if (!parsed.success) return null;
  const { content, usage } = parsed.data;
  const text = content.map((block) => block?.text ?? "").join("");
  return { text, usage, stopped: stopFailure(parsed.data) };
}

function stopFailure({ stop_reason, stop_details }: z.infer<typeof MessageSchema>): Failure | null {
  switch (stop_reason) {
    case "refusal": {
      const category = stop_details?.category.replaceAll("_", " ").slice(0, CATEGORY_CHARS);
      const why = category ? ` (${category})` : "";
      return { code: "claude_refused", message: `Claude declined to answer${why}.`, retryable: false };
    }
    case "max_tokens":
      return { code: "claude_truncated", message: "Claude's answer was cut off.", retryable: true };
    case "model_context_window_exceeded":
      return {
        code: "claude_truncated",
        message: "The item is longer than Claude can read at once.",
        retryable: false,
      };
    default:
      return null;
  }
}
