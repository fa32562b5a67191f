/** Slack's failures as ours: the only place that knows the SDK's error classes. */
import { webApi } from "@slack/bolt";
import { AppError } from "../errors.ts";

const CHANNEL_GONE = new Set(["channel_not_found", "not_in_channel", "is_archived", "restricted_action"]);

const UNAUTHORIZED = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "not_allowed_token_type",
  "missing_scope",
  "no_permission",
  "org_login_required",
  "ekm_access_denied",
  "team_access_not_granted",
]);

/** Slack's own trouble: the same call may work later. */
const SERVER_TROUBLE = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "ratelimited",
  "rate_limited",
  "team_added_to_org",
  "accesslimited",
]);

/** The error word of an `ok: false` answer, e.g. "message_not_found"; null for any other failure. */
export function slackErrorWord(error: unknown): string | null {
  return error instanceof webApi.WebAPIPlatformError ? error.data.error : null;
}

/** Seconds Slack asked to wait; null when it did not. */
export function retryAfterSeconds(error: unknown): number | null {
  return error instanceof webApi.WebAPIRateLimitedError ? error.retryAfter : null;
}

export function toAppError(error: unknown, method: string): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof webApi.WebAPIPlatformError) return platformError(error, method);
  if (error instanceof webApi.WebAPIHTTPError && error.statusCode >= 400 && error.statusCode < 500) {
    return new AppError(`Slack ${method}: HTTP ${error.statusCode}`, {
      code: "slack_rejected",
      retryable: false,
      cause: error,
    });
  }
  const reason = error instanceof webApi.WebAPIHTTPError ? `HTTP ${error.statusCode}` : describe(error);
  return new AppError(`Slack ${method}: ${reason}`, {
    code: "slack_unavailable",
    retryable: true,
    cause: error,
    userMessage: "Slack does not answer at the moment.",
  });
}

function platformError(error: webApi.WebAPIPlatformError, method: string): AppError {
  const word = error.data.error;
  const metadata = error.data.response_metadata;
  const scope = "needed" in error.data ? `, needs the scope ${String(error.data.needed)}` : "";
  const pointers = metadata?.messages?.length ? `: ${metadata.messages.slice(0, 5).join("; ")}` : "";
  const message = `Slack ${method}: ${word}${scope}${pointers}`;
  if (CHANNEL_GONE.has(word)) {
    return new AppError(message, { code: "slack_channel_gone", retryable: false, cause: error });
  }
  if (UNAUTHORIZED.has(word)) {
    return new AppError(message, { code: "slack_unauthorized", retryable: false, cause: error });
  }
  if (SERVER_TROUBLE.has(word)) {
    return new AppError(message, { code: "slack_unavailable", retryable: true, cause: error });
  }
  return new AppError(message, { code: "slack_rejected", retryable: false, cause: error });
}

function describe(error: unknown): string {
  if (error instanceof webApi.WebAPIRateLimitedError) return `rate limited for ${error.retryAfter} s`;
  return error instanceof Error ? error.message : String(error);
}
