/** The one place where an error of the Anthropic SDK becomes an AppError. */
import Anthropic from "@anthropic-ai/sdk";
import { AppError, isAppError } from "../errors.ts";

/** Vendor sentences are kept short: they end up on a card. */
const VENDOR_TEXT_CHARS = 300;

export function toAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  if (error instanceof Anthropic.APIUserAbortError) {
    return unavailable("Claude did not answer in time", error);
  }
  if (error instanceof Anthropic.APIConnectionTimeoutError) {
    return unavailable("Claude did not answer in time", error);
  }
  if (error instanceof Anthropic.APIConnectionError) {
    return unavailable("Claude could not be reached", error);
  }
  if (error instanceof Anthropic.APIError) return fromStatus(error);
  // Whatever else the SDK throws after a request was sent: a body that is no JSON, a connection cut half-way.
  if (error instanceof Anthropic.AnthropicError || error instanceof SyntaxError) {
    return unavailable("Claude's answer could not be read", error);
  }
  return new AppError(error instanceof Error ? error.message : String(error), {
    code: "internal",
    retryable: false,
    cause: error,
  });
}

function fromStatus(error: InstanceType<typeof Anthropic.APIError>): AppError {
  const status = error.status ?? 500;
  const detail = `${status}${error.type ? ` ${error.type}` : ""}${error.requestID ? `, ${error.requestID}` : ""}`;
  if (status === 401 || status === 403) {
    return new AppError(`Anthropic refused the API key (${detail}). Check ANTHROPIC_API_KEY.`, {
      code: "claude_unauthorized",
      retryable: false,
      cause: error,
    });
  }
  if (status === 402) {
    return new AppError(`Anthropic wants a payment before it answers (${detail}). Check its billing page.`, {
      code: "claude_unauthorized",
      retryable: false,
      cause: error,
    });
  }
  if (status === 408 || status === 409 || status === 429 || status >= 500) {
    return unavailable(`Claude is ${status === 429 ? "rate limited" : "unavailable"} (${detail})`, error);
  }
  return new AppError(`Claude rejected the request (${detail}): ${vendorSentence(error)}`, {
    code: "claude_invalid",
    retryable: false,
    cause: error,
  });
}

function unavailable(message: string, cause: unknown): AppError {
  return new AppError(message, { code: "claude_unavailable", retryable: true, cause });
}

function vendorSentence(error: InstanceType<typeof Anthropic.APIError>): string {
  const body: unknown = error.error;
  const inner = isRecord(body) ? body["error"] : null;
  const text = isRecord(inner) && typeof inner["message"] === "string" ? inner["message"] : "no detail";
  return text.slice(0, VENDOR_TEXT_CHARS);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A request that was cut off on our side may have been carried out, and billed, on theirs. */
export function mayBeBilled(error: unknown): boolean {
  return error instanceof Anthropic.APIConnectionTimeoutError || error instanceof Anthropic.APIUserAbortError;
}
