/**
 * The rules of the Messages API as of version 2026-10-21, as far as this bot can break them: models and their life
 * cycle, what a request may hold, and what an error looks like. Each refusal is one the vendor documents.
 */
import type { HttpAnswer } from "../faults.ts";
import { isSchema, type Schema } from "./conform.ts";

interface StandInModel {
  name: string;
  lifecycle: "active" | "deprecated" | "retired";
  retiresAt: string | null;
  effort: boolean;
  /** Kinds of `thinking` that are accepted. */
  thinking: readonly string[];
  forcedTools: boolean;
}

function model(name: string, changes: Partial<StandInModel> = {}): StandInModel {
  const thinking = ["adaptive", "disabled"];
  return {
    name,
    lifecycle: "active",
    retiresAt: null,
    effort: true,
    thinking,
    forcedTools: true,
    ...changes,
  };
}

function retired(name: string, on: string): StandInModel {
  return model(name, { lifecycle: "retired", retiresAt: `${on}T00:00:00Z`, effort: false });
}

const ALWAYS_ON = { thinking: ["adaptive"], forcedTools: false };
const BUDGETED = { effort: false, thinking: ["enabled", "disabled"] };

const MODELS: Record<string, StandInModel> = {
  "claude-haiku-5-5": model("Claude Haiku 5.5"),
  "claude-sonnet-5-5": model("Claude Sonnet 5.5", {
    thinking: ["adaptive", "between_tools"],
    forcedTools: false,
  }),
  "claude-opus-5-5": model("Claude Opus 5.5", ALWAYS_ON),
  "claude-fable-5-1": model("Claude Fable 5.1", ALWAYS_ON),
  "claude-opus-5": model("Claude Opus 5"),
  "claude-sonnet-5": model("Claude Sonnet 5"),
  "claude-haiku-4-5": model("Claude Haiku 4.5", BUDGETED),
  "claude-haiku-4-5-20251001": model("Claude Haiku 4.5", BUDGETED),
  "claude-sonnet-4-5": model("Claude Sonnet 4.5", {
    ...BUDGETED,
    lifecycle: "deprecated",
    retiresAt: "2026-11-30T00:00:00Z",
  }),
  "claude-3-haiku-20240307": retired("Claude Haiku 3", "2026-04-20"),
  "claude-3-5-sonnet-20241022": retired("Claude Sonnet 3.5", "2025-10-28"),
  "claude-sonnet-4-20250514": retired("Claude Sonnet 4", "2026-06-15"),
};

const ERROR_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};

const ERROR_SENTENCES: Record<number, string> = {
  429: "This request would exceed your organization's rate limit.",
  529: "Overloaded",
};

export interface ApiError {
  status: number;
  message?: string;
  type?: string;
}

export function errorAnswer(error: ApiError, requestId: string): HttpAnswer {
  const type = error.type ?? ERROR_TYPES[error.status] ?? "api_error";
  const message = error.message ?? ERROR_SENTENCES[error.status] ?? "Internal server error";
  const body = { type: "error", error: { type, message }, request_id: requestId };
  return { status: error.status, headers: { "request-id": requestId }, body };
}

export function modelInfo(id: string): Schema | null {
  const known = MODELS[id];
  if (!known) return null;
  const supported = (is: boolean) => ({ supported: is });
  return {
    type: "model",
    id,
    display_name: known.name,
    created_at: "2026-01-01T00:00:00Z",
    lifecycle: known.lifecycle,
    deprecated_at: known.lifecycle === "active" ? null : "2026-01-15T00:00:00Z",
    retires_at: known.retiresAt,
    line: null,
    max_input_tokens: 1_000_000,
    max_tokens: 128_000,
    capabilities: {
      structured_outputs: supported(known.lifecycle !== "retired"),
      effort: supported(known.effort),
      thinking: supported(true),
    },
  };
}

export function modelList(): Schema {
  const data = Object.keys(MODELS).map(modelInfo);
  return { data, has_more: false, first_id: Object.keys(MODELS)[0], last_id: Object.keys(MODELS).at(-1) };
}

export interface MessagesRequest {
  model: string;
  maxTokens: number;
  system: string;
  prompt: string;
  schema: Schema | null;
}

/** A checked request, or the error that the vendor would answer. */
export function readRequest(body: unknown): MessagesRequest | ApiError {
  if (!isSchema(body)) return invalid("The request body is not valid JSON.");
  const config = isSchema(body["output_config"]) ? body["output_config"] : {};
  const problem = topLevelProblem(body) ?? messagesProblem(body["messages"]);
  if (problem) return invalid(problem);
  const id = String(body["model"]);
  const known = MODELS[id];
  if (!known || known.lifecycle === "retired") return { status: 404, message: `model: ${id}` };
  const mismatch = modelProblem(known, body, config) ?? formatProblem(config["format"]);
  if (mismatch) return invalid(mismatch);
  const format = isSchema(config["format"]) ? config["format"] : {};
  return {
    model: id,
    maxTokens: Number(body["max_tokens"]),
    system: textOf(body["system"]),
    prompt: userText(body["messages"]),
    schema: isSchema(format["schema"]) ? format["schema"] : null,
  };
}

function invalid(message: string): ApiError {
  return { status: 400, message };
}

function topLevelProblem(body: Schema): string | null {
  if (typeof body["model"] !== "string") return "model: Field required";
  const tokens = body["max_tokens"];
  if (tokens === undefined) return "max_tokens: Field required";
  if (!Number.isInteger(tokens) || Number(tokens) < 1)
    return "max_tokens: Input should be greater than or equal to 1";
  if (Number(tokens) > 128_000) return "max_tokens: the maximum allowed for this model is 128000";
  for (const gone of ["temperature", "top_p", "top_k"]) {
    if (gone in body)
      return `${gone}: this parameter is no longer supported; use output_config.effort instead`;
  }
  if ("output_format" in body) return "output_format: this parameter has moved to output_config.format";
  if (body["stream"] === true) return "stream: this stand-in answers whole messages only";
  return null;
}

function messagesProblem(messages: unknown): string | null {
  if (!Array.isArray(messages) || messages.length === 0) return "messages: at least one message is required";
  const turns = messages.filter(isSchema);
  if (turns.some((turn) => textOf(turn["content"]).trim() === "")) {
    return "messages: text content blocks must be non-empty";
  }
  if (turns.at(-1)?.["role"] !== "user") return "messages: the conversation must end with a user message";
  return null;
}

function modelProblem(known: StandInModel, body: Schema, config: Schema): string | null {
  const { effort } = config;
  if (effort !== undefined && !known.effort) return "output_config.effort: not supported by this model";
  if (effort !== undefined && !["low", "medium", "high", "xhigh", "max"].includes(String(effort))) {
    return "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'";
  }
  const thinking = isSchema(body["thinking"]) ? String(body["thinking"]["type"]) : null;
  if (thinking !== null && !known.thinking.includes(thinking)) {
    const instead = known.thinking.includes("between_tools") ? "; use between_tools" : "";
    return `thinking.type: '${thinking}' is not supported by this model${instead}`;
  }
  const choice = isSchema(body["tool_choice"]) ? String(body["tool_choice"]["type"]) : "auto";
  if (!known.forcedTools && (choice === "tool" || choice === "any")) {
    return "tool_choice: forced tool use is not supported by this model";
  }
  return null;
}

const REFUSED_KEYWORDS = [
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "maxItems",
  "pattern",
  "multipleOf",
];

function formatProblem(format: unknown): string | null {
  if (format === undefined || format === null) return null;
  if (!isSchema(format) || format["type"] !== "json_schema" || !isSchema(format["schema"])) {
    return "output_config.format: expected type 'json_schema' with a schema";
  }
  return schemaProblem(format["schema"], "schema");
}

function schemaProblem(schema: Schema, path: string): string | null {
  const refused = REFUSED_KEYWORDS.find((keyword) => keyword in schema);
  if (refused) return `output_config.format.${path}: '${refused}' is not supported`;
  if (Number(schema["minItems"] ?? 0) > 1)
    return `output_config.format.${path}: 'minItems' above 1 is not supported`;
  if (schema["type"] === "object" && schema["additionalProperties"] !== false) {
    return `output_config.format.${path}: 'additionalProperties' must be false for objects`;
  }
  for (const [name, child] of childrenOf(schema)) {
    const problem = schemaProblem(child, `${path}.${name}`);
    if (problem) return problem;
  }
  return null;
}

function childrenOf(schema: Schema): [string, Schema][] {
  const named = [schema["properties"], schema["$defs"]].flatMap((group) =>
    isSchema(group) ? Object.entries(group) : [],
  );
  const listed = [schema["anyOf"], schema["allOf"]].flatMap((group) =>
    Array.isArray(group) ? group.map((child, i): [string, unknown] => [String(i), child]) : [],
  );
  const all: [string, unknown][] = [...named, ...listed, ["items", schema["items"]]];
  return all.flatMap(([name, child]) => (isSchema(child) ? [[name, child] as [string, Schema]] : []));
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((block) => (isSchema(block) ? String(block["text"] ?? "") : "")).join("\n");
}

function userText(messages: unknown): string {
  const turns = Array.isArray(messages) ? messages.filter(isSchema) : [];
  return turns
    .filter((turn) => turn["role"] === "user")
    .map((turn) => textOf(turn["content"]))
    .join("\n\n");
}
