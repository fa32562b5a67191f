/** /api/<method>: body formats, token, scopes, rate limits, then the method. Owns no method. */
import type { HttpAnswer } from "../faults.ts";
import { coverage } from "./coverage.ts";
import { isRecord, type Json, parseJson } from "./json-values.ts";
import { type Method, SlackRefusal, textArg } from "./method-call.ts";
import { chatMethods } from "./methods/chat.ts";
import { conversationMethods } from "./methods/conversations.ts";
import { fileAndCheckMethods } from "./methods/files-and-checks.ts";
import { peopleMethods } from "./methods/people.ts";
import { viewMethods } from "./methods/views.ts";
import { createRateLimits } from "./rate-limits.ts";
import type { Workspace } from "./workspace.ts";

export interface ApiRequest {
  method: string;
  contentType: string;
  authorization: string;
  query: URLSearchParams;
  body: Buffer;
}

/** Every route under /api/, by method name. */
export const methods: Readonly<Record<string, Method>> = {
  ...chatMethods,
  ...conversationMethods,
  ...fileAndCheckMethods,
  ...peopleMethods,
  ...viewMethods,
};

const WITHOUT_TOKEN = new Set(["blocks.validate"]);
/** Everything else takes the bot's. */
const OTHER_TOKENS: Readonly<Record<string, "app" | "config">> = {
  "apps.connections.open": "app",
  "apps.manifest.export": "config",
};

export interface WebApiRules {
  /** The bot token's; null = all. */
  scopes: readonly string[] | null;
  hasRateLimits: () => boolean;
}

export function createWebApi(
  workspace: Workspace,
  { scopes, hasRateLimits }: WebApiRules,
): (request: ApiRequest) => Promise<HttpAnswer> {
  const limits = createRateLimits(workspace.now);
  const run = async (request: ApiRequest): Promise<HttpAnswer> => {
    const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
    const covered = coverage[request.method];
    if (method === undefined || covered === undefined) return refusal(new SlackRefusal("unknown_method"));
    const args = await argumentsOf(request);
    if (!WITHOUT_TOKEN.has(request.method)) checkToken(workspace, request, args);
    checkScopes(covered.anyScope, scopes);
    const tier = hasRateLimits() ? covered.tier : "none";
    const wait = limits.secondsToWait(request.method, tier, textArg(args, "channel"));
    if (wait > 0) {
      return {
        status: 429,
        headers: { "retry-after": String(wait) },
        body: { ok: false, error: "ratelimited" },
      };
    }
    const headers: Record<string, string> = { "x-accepted-oauth-scopes": covered.anyScope.join(",") };
    if (scopes !== null) headers["x-oauth-scopes"] = scopes.join(",");
    return { status: 200, headers, body: { ok: true, ...method({ args, workspace }) } };
  };
  return async (request) => {
    try {
      return await run(request);
    } catch (error) {
      if (error instanceof SlackRefusal) return refusal(error);
      throw error;
    }
  };
}

function refusal(refused: SlackRefusal): HttpAnswer {
  return { status: 200, body: { ok: false, error: refused.error, ...refused.details } };
}

async function argumentsOf(request: ApiRequest): Promise<Json> {
  const query = Object.fromEntries(request.query);
  if (request.body.length === 0) return query;
  const type = request.contentType.split(";")[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded")
    return { ...query, ...Object.fromEntries(new URLSearchParams(request.body.toString())) };
  if (type === "application/json") {
    const parsed = parseJson(request.body.toString());
    if (parsed === undefined) throw new SlackRefusal("invalid_json");
    if (!isRecord(parsed)) throw new SlackRefusal("json_not_object");
    // With a JSON body the token counts only in the header.
    return { ...query, ...parsed, token: undefined };
  }
  if (type === "multipart/form-data") {
    const form = await formOf(request);
    if (form === null) throw new SlackRefusal("invalid_form_data");
    return { ...query, ...Object.fromEntries(form) };
  }
  throw new SlackRefusal("invalid_post_type");
}

/** Null when the body is not the multipart form it says it is. */
export async function formOf(request: { contentType: string; body: Buffer }): Promise<FormData | null> {
  const body = new Uint8Array(request.body);
  const parsing = new Response(body, { headers: { "content-type": request.contentType } }).formData();
  return parsing.catch((error: unknown) => {
    if (error instanceof TypeError) return null;
    throw error;
  });
}

function checkToken(workspace: Workspace, request: ApiRequest, args: Json): void {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.authorization)?.[1];
  const token = bearer ?? textArg(args, "token");
  if (token === "") throw new SlackRefusal("not_authed");
  const kinds = { app: workspace.appToken, config: workspace.configToken, bot: workspace.seed.bot.token };
  if (!Object.values(kinds).includes(token)) throw new SlackRefusal("invalid_auth");
  if (token !== kinds[OTHER_TOKENS[request.method] ?? "bot"])
    throw new SlackRefusal("not_allowed_token_type");
}

function checkScopes(needed: readonly string[], given: readonly string[] | null): void {
  if (given === null || needed.length === 0 || needed.some((scope) => given.includes(scope))) return;
  throw new SlackRefusal("missing_scope", { needed: needed.join(","), provided: given.join(",") });
}
