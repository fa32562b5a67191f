/**
 * What went wrong with a request, read from status and body: the SDK does not know every code Notion sends
 * (`bad_gateway`, `database_connection_unavailable`, `row_limit_exceeded` …), so the body is parsed here.
 */
import { isHTTPResponseError } from "@notionhq/client";
import { AppError, type ErrorCode } from "../errors.ts";
import { isRecord, type Json, recordAt, stringAt, valueAt } from "./lenient-json.ts";

export interface VendorFailure {
  /**
   * limited: not carried out, try later. unavailable: it may or may not have been carried out.
   * refused: it was not, and will not be.
   */
  kind: "limited" | "unavailable" | "refused";
  /** 0 = no answer. */
  status: number;
  code: string;
  message: string;
  retryAfterMs: number | null;
  /** The write was saved although the answer is an error; id of what it made. */
  committedId: string | null;
  requestId: string | null;
  blockLimit: boolean;
  cause: unknown;
}

/** Reads anything that `client.request` throws. `nowMs` resolves a Retry-After that is a date. */
export function readFailure(error: unknown, nowMs: number): VendorFailure {
  if (isHTTPResponseError(error)) return fromAnswer(error, nowMs);
  const name = error instanceof Error ? error.name : "";
  const isPathError = valueAt(error, "code") === "notionhq_client_invalid_path_parameter";
  return {
    kind: isPathError ? "refused" : "unavailable",
    status: 0,
    code: isPathError ? "invalid_path" : (CLIENT_SIDE[name] ?? "network"),
    message: isPathError ? "An id is not usable in a path." : "No usable answer.",
    retryAfterMs: null,
    committedId: null,
    requestId: null,
    blockLimit: false,
    cause: error,
  };
}

const CLIENT_SIDE: Record<string, string> = {
  RequestTimeoutError: "timeout",
  TimeoutError: "timeout",
  AbortError: "timeout",
  SyntaxError: "unreadable_answer",
};

function fromAnswer(error: { status: number; headers: unknown; body: string }, nowMs: number): VendorFailure {
  const body = parseBody(error.body);
  const extra = recordAt(body, "additional_data");
  const code = stringAt(body, "code") ?? `http_${error.status}`;
  const reason = stringAt(extra, "rate_limit_reason");
  return {
    kind: kindOf({ status: error.status, code, reason }),
    status: error.status,
    code: reason ?? code,
    message: withoutValues(stringAt(body, "message") ?? ""),
    retryAfterMs: retryAfterMs(error.headers, extra, nowMs),
    committedId: stringAt(extra, "committed_resource_id"),
    requestId: stringAt(body, "request_id"),
    blockLimit: valueAt(extra, "block_limit") !== undefined || code === "row_limit_exceeded",
    cause: error,
  };
}

function kindOf(answer: { status: number; code: string; reason: string | null }): VendorFailure["kind"] {
  const { status, code, reason } = answer;
  if (status === 429 || status === 529)
    return reason === "public_api_request_blocked" ? "refused" : "limited";
  if (status === 409) return code === "row_limit_exceeded" ? "refused" : "unavailable";
  return status >= 500 || status === 408 ? "unavailable" : "refused";
}

function parseBody(body: string): Json {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) ? parsed : {};
  } catch {
    // A proxy's HTML page: the status is all there is.
    return {};
  }
}

/** Validation messages quote the offending value; people's texts stay out of logs and errors. */
function withoutValues(message: string): string {
  return message
    .replace(/`(?!(?:\d+|undefined|null)`)[^`]*(?:`|$)/g, "`…`")
    .replace(/(option, commas not allowed): .*$/s, "$1")
    .slice(0, 300);
}

function retryAfterMs(headers: unknown, extra: Json, nowMs: number): number | null {
  const value = headerOf(headers, "retry-after") ?? stringAt(extra, "retry_after");
  if (value === null || value.trim() === "") return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

function headerOf(headers: unknown, name: string): string | null {
  if (headers instanceof Headers) return headers.get(name);
  return stringAt(headers, name);
}

/** The one place where a Notion failure becomes an error of the bot. */
export function toAppError(failure: VendorFailure, request: { route: string; isCreate: boolean }): AppError {
  const { code, retryable } = codeOf(failure, request.isCreate);
  const userMessage = USER_MESSAGES[code];
  return new AppError(`Notion ${request.route}: ${answerOf(failure)}`, {
    code,
    retryable,
    cause: failure.cause,
    ...(userMessage === undefined ? {} : { userMessage }),
  });
}

function answerOf({ status, code, message, requestId }: VendorFailure): string {
  if (status === 0) return `no answer (${code})`;
  const words = [message.replace(/\.$/, ""), requestId && `request ${requestId}`].filter(Boolean);
  return `${status} ${code}${words.length > 0 ? `: ${words.join(", ")}` : ""}`;
}

export function codeOf(failure: VendorFailure, isCreate: boolean): { code: ErrorCode; retryable: boolean } {
  if (failure.kind === "limited") return { code: "notion_rate_limited", retryable: true };
  if (failure.kind === "unavailable")
    return { code: isCreate ? "notion_outcome_unknown" : "notion_unavailable", retryable: true };
  if (failure.blockLimit) return { code: "notion_block_limit", retryable: false };
  const byStatus: Record<number, ErrorCode> = {
    401: "notion_unauthorized",
    403: "notion_unauthorized",
    404: "notion_not_found",
    429: "notion_rate_limited",
    529: "notion_rate_limited",
  };
  return { code: byStatus[failure.status] ?? "notion_invalid", retryable: false };
}

const USER_MESSAGES: Partial<Record<ErrorCode, string>> = {
  notion_block_limit: "This Notion workspace has used all of its free blocks. Upgrade its plan to go on.",
  notion_unauthorized: "Notion refuses the bot's key. An operator has to check NOTION_API_KEY and sharing.",
  notion_not_found: "That page is not in Notion any more, or it is not shared with the bot.",
  notion_rate_limited: "Notion is limiting the bot's requests.",
  notion_unavailable: "Notion is not answering at the moment.",
  notion_outcome_unknown: "Notion did not say whether it saved the change.",
};
