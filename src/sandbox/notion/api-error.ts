/** Notion's error bodies and their texts, as the public API sends them. */
import type { Json } from "./shape.ts";

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly additionalData: Json | undefined;

  constructor(status: number, code: string, message: string, additionalData?: Json) {
    super(message);
    this.status = status;
    this.code = code;
    this.additionalData = additionalData;
  }
}

export function validationError(message: string): ApiError {
  return new ApiError(400, "validation_error", message);
}

/** Deleted and not shared look the same. */
export function notFound(kind: "page" | "block" | "database" | "data_source" | "user", id: string, bot: Bot) {
  return new ApiError(
    404,
    "object_not_found",
    `Could not find ${kind} with ID: ${id}. Make sure the relevant pages and databases are shared with your integration "${bot.name}".`,
    { integration_id: bot.id },
  );
}

interface Bot {
  id: string;
  name: string;
}

export function trashed(): ApiError {
  return validationError("Can't edit block that is archived. You must unarchive the block before editing.");
}

const DEFAULTS: Record<number, { code: string; message: string }> = {
  400: { code: "validation_error", message: "body failed validation." },
  401: { code: "unauthorized", message: "API token is invalid." },
  403: { code: "restricted_resource", message: "API token does not have access to this resource." },
  404: { code: "object_not_found", message: "Could not find the object." },
  409: { code: "conflict_error", message: "Conflict occurred while saving. Please try again." },
  429: { code: "rate_limited", message: "You have been rate limited. Please try again in a few minutes." },
  500: { code: "internal_server_error", message: "Unexpected error occurred." },
  502: { code: "bad_gateway", message: "Bad Gateway" },
  503: { code: "service_unavailable", message: "Notion is unavailable, please try again later." },
  504: { code: "gateway_timeout", message: "Gateway Timeout" },
  529: { code: "service_overload", message: "Service is overloaded. Please try again later." },
};

const BLOCK_LIMIT_MESSAGE =
  "This workspace has used all of its free blocks. Upgrade its plan in Notion to create more content. " +
  "Learn more: https://www.notion.com/help/understanding-block-usage";

/**
 * The error Notion sends with this status when nobody said more. The code "block_limit" stands for the 403 of a
 * free workspace that has used up its blocks.
 */
export function errorOfStatus(status: number, code?: string): ApiError {
  if (code === "block_limit") {
    return new ApiError(403, "restricted_resource", BLOCK_LIMIT_MESSAGE, { block_limit: "block_creation" });
  }
  const known = DEFAULTS[status] ?? { code: "internal_server_error", message: "Unexpected error occurred." };
  return new ApiError(status, code ?? known.code, known.message);
}

/** 429 with the reason that says whose budget was spent. */
export function rateLimited(retryAfterSeconds: number, code?: string): ApiError {
  const base = errorOfStatus(429, code);
  return new ApiError(429, base.code, base.message, {
    rate_limit_reason: "public_api_request_rate_limit",
    retry_after: String(retryAfterSeconds),
  });
}

/** 503 for a write that was saved all the same. */
export function committedError(committedId: string, childIds: string[]): ApiError {
  return new ApiError(
    503,
    "service_unavailable",
    "The change was saved, but the response could not be built in time. Read the object again instead of repeating the write.",
    {
      from: "publicApi.pageObjectPointerToPageObject.beforePreload",
      elapsed_ms: "55012",
      deadline_ms: "55000",
      retry_guidance: ["Read the object again to confirm the saved change.", "Do not repeat the write."],
      committed_resource_id: committedId,
      ...(childIds.length > 0 ? { committed_child_ids: childIds } : {}),
    },
  );
}

export function errorBody(error: ApiError, requestId: string): Json {
  return {
    object: "error",
    status: error.status,
    code: error.code,
    message: error.message,
    ...(error.additionalData ? { additional_data: error.additionalData } : {}),
    request_id: requestId,
  };
}
