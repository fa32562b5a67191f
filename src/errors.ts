/**
 * The one error class of the bot. Expected outcomes are returned as data; an AppError means a call to the
 * outside world did not work. Match on `code`, never on message text, and never with `instanceof` across a
 * workflow boundary: a replayed error is revived as a plain Error, so use `isAppError` / `toFailure`.
 */

export type ErrorCode =
  | "notion_rate_limited"
  | "notion_unavailable" // 5xx, timeout, network: may be tried again
  | "notion_outcome_unknown" // a write that may or may not have happened
  | "notion_not_found"
  | "notion_invalid" // 400: our request or their schema is wrong; trying again cannot help
  | "notion_unauthorized"
  | "notion_block_limit"
  | "claude_unavailable"
  | "claude_refused"
  | "claude_truncated"
  | "claude_off_schema"
  | "claude_invalid"
  | "claude_unauthorized"
  | "budget_reached"
  | "slack_unavailable"
  | "slack_channel_gone"
  | "slack_rejected"
  | "slack_unauthorized"
  | "railway_unavailable"
  | "store_unavailable"
  | "taken_over" // another process does it now
  | "polls_paused"
  | "probe_skipped" // a look at something was left out: its requests were needed elsewhere
  | "config_invalid"
  | "internal";

export interface Failure {
  code: ErrorCode;
  message: string;
  retryable: boolean;
}

/** Something broke where nobody expected it. */
export interface Fault {
  /** Whose one catch it reached. */
  surface: "slack" | "http" | "poll" | "workflow" | "alerts" | "schedule" | "process";
  /** Also in the log line, and in what a person is told. */
  reference: string;
  error: unknown;
}

export type ReportFault = (fault: Fault) => void;

interface AppErrorOptions {
  code: ErrorCode;
  /** True when the same call may succeed later without anybody changing anything. */
  retryable: boolean;
  cause?: unknown;
  /** A short sentence a Slack user may read. */
  userMessage?: string;
}

export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly userMessage: string | undefined;

  constructor(message: string, options: AppErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.retryable = options.retryable;
    this.userMessage = options.userMessage;
  }
}

/** Structural on purpose: holds for errors that came back from a workflow checkpoint. */
export function isAppError(error: unknown): error is AppError {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    typeof error.code === "string" &&
    "retryable" in error &&
    typeof error.retryable === "boolean"
  );
}

/** Any thrown value as plain data that survives JSON. */
export function toFailure(error: unknown): Failure {
  if (isAppError(error)) return { code: error.code, message: error.message, retryable: error.retryable };
  return {
    code: "internal",
    message: error instanceof Error ? error.message : String(error),
    retryable: false,
  };
}
