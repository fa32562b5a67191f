/**
 * One HTTP request to the stand-in: reading, the checks in Notion's order (URL, JSON, version, token, rate, ids),
 * the endpoint, and errors on the wire. Owns no data.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answerCall, type ErrorEffect, type FaultSwitches, type HttpAnswer } from "../faults.ts";
import type { ServedCall } from "../stand-ins.ts";
import {
  ApiError,
  committedError,
  errorBody,
  errorOfStatus,
  rateLimited,
  validationError,
} from "./api-error.ts";
import { API_VERSIONS, type ApiVersion } from "./api-request.ts";
import { appendedIds } from "./blocks.ts";
import type { RateLimit } from "./rate-limit.ts";
import { matchRoute, type RouteMatch } from "./routes.ts";
import { isJson, type Json, parseId, refuse } from "./shape.ts";
import type { World } from "./world.ts";

export interface ApiServer {
  world: World;
  token: string;
  faults: FaultSwitches;
  calls: ServedCall[];
  rateLimit: RateLimit;
  latencyMs: () => number;
  requestsPerMinute: () => number | null;
  /** After a request that changed something. */
  changed: () => void;
}

/** Bytes of one request body. */
const MAX_BODY_BYTES = 500_000;

export async function handleRequest(
  server: ApiServer,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = new URL(req.url ?? "/", "http://notion.invalid");
  const match = matchRoute(req.method ?? "GET", url.pathname);
  const text = await readBody(req);
  const requestId = randomUUID();
  await answerCall(req, res, {
    route: match?.name ?? `${req.method} ${url.pathname}`,
    faults: server.faults,
    calls: server.calls,
    latencyMs: server.latencyMs(),
    now: server.world.now,
    run: (effect) =>
      effect?.kind === "garbage"
        ? { status: 200, headers: { "content-type": "application/json; charset=utf-8" }, body: effect.body }
        : carryOut(server, { match, url, text, headers: req.headers, requestId }),
    errorAnswer: (effect, committed) => faultAnswer(effect, { committed, match, requestId }),
  });
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  return Buffer.concat(chunks).toString("utf8");
}

interface Incoming {
  match: RouteMatch | null;
  url: URL;
  text: string;
  headers: IncomingMessage["headers"];
  requestId: string;
}

function carryOut(server: ApiServer, incoming: Incoming): HttpAnswer {
  const revision = server.world.revision;
  try {
    const body = endpointAnswer(server, incoming);
    return answerOf(200, { ...body, request_id: incoming.requestId }, incoming.requestId);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return errorAnswerOf(error, incoming.requestId);
  } finally {
    if (server.world.revision !== revision) server.changed();
  }
}

function endpointAnswer(server: ApiServer, incoming: Incoming): Json {
  const { match, url, text, headers } = incoming;
  if (!match) throw new ApiError(400, "invalid_request_url", "Invalid request URL.");
  const body = parseBody(text, match.route.method);
  const version = parseVersion(headers["notion-version"]);
  if (headers.authorization !== `Bearer ${server.token}`) throw errorOfStatus(401);
  const budget = server.rateLimit.take(server.requestsPerMinute());
  if (!budget.ok) throw rateLimited(budget.retryAfterSeconds);
  return match.route.answer({
    world: server.world,
    actor: server.world.bot.id,
    version,
    params: checkIds(match.params),
    query: url.searchParams,
    body,
  });
}

function parseBody(text: string, method: string): Json {
  if (method === "GET" || method === "DELETE" || text === "") return {};
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) {
    throw validationError(`body failed validation: body should be ≤ \`${MAX_BODY_BYTES}\` bytes.`);
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ApiError(400, "invalid_json", "Error parsing JSON body.");
  }
  if (!isJson(body)) refuse("body", "be an object", body);
  return body;
}

function parseVersion(header: string | string[] | undefined): ApiVersion {
  const start = "Notion-Version header failed validation: Notion-Version header should be";
  if (header === undefined) {
    throw new ApiError(400, "missing_version", `${start} defined, instead was undefined.`);
  }
  const version = API_VERSIONS.find((known) => known === header);
  if (!version) {
    const known = API_VERSIONS.map((name) => `\`"${name}"\``).join(" or ");
    throw validationError(`${start} ${known}, instead was \`"${header}"\`.`);
  }
  return version;
}

function checkIds(params: Record<string, string>): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    if (name === "property_id") {
      checked[name] = value;
      continue;
    }
    const id = parseId(value);
    if (id === null) refuse(`path.${name}`, "be a valid uuid", value);
    checked[name] = id;
  }
  return checked;
}

function answerOf(status: number, body: Json, requestId: string): HttpAnswer {
  return { status, headers: { "x-notion-request-id": requestId }, body };
}

function errorAnswerOf(error: ApiError, requestId: string): HttpAnswer {
  const answer = answerOf(error.status, errorBody(error, requestId), requestId);
  const retryAfter = error.additionalData?.["retry_after"];
  if (typeof retryAfter !== "string") return answer;
  return { ...answer, headers: { ...answer.headers, "retry-after": retryAfter } };
}

const BAD_GATEWAY_PAGE =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

interface FaultedRequest {
  committed: HttpAnswer | null;
  match: RouteMatch | null;
  requestId: string;
}

function faultAnswer(effect: ErrorEffect, request: FaultedRequest): HttpAnswer {
  const { committed, requestId } = request;
  if (effect.kind === "committed-error") {
    const error = effect.status === 503 ? committedErrorOf(request) : null;
    return error ? errorAnswerOf(error, requestId) : statusAnswer(effect.status, { requestId, committed });
  }
  if (effect.body !== undefined) {
    const retryAfter = retryAfterHeader(effect.retryAfterSeconds);
    const isPage = typeof effect.body === "string";
    const type: Record<string, string> = isPage
      ? { "content-type": "text/html" }
      : { "x-notion-request-id": requestId };
    return { status: effect.status, headers: { ...type, ...retryAfter }, body: effect.body };
  }
  return statusAnswer(effect.status, { ...effect, requestId, committed });
}

/** 429 and 529 carry Retry-After; 502 comes from the edge as a page. */
function statusAnswer(
  status: number,
  detail: { code?: string; retryAfterSeconds?: number; requestId: string; committed: HttpAnswer | null },
): HttpAnswer {
  if (status === 502 && detail.code === undefined) {
    return { status, headers: { "content-type": "text/html" }, body: BAD_GATEWAY_PAGE };
  }
  if (status === 429) {
    return errorAnswerOf(rateLimited(detail.retryAfterSeconds ?? 1, detail.code), detail.requestId);
  }
  const answer = errorAnswerOf(errorOfStatus(status, detail.code), detail.requestId);
  return { ...answer, headers: { ...answer.headers, ...retryAfterHeader(detail.retryAfterSeconds) } };
}

function retryAfterHeader(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { "retry-after": String(seconds) };
}

/** Names what was saved; null for a request that saves nothing, such as a query. */
function committedErrorOf({ committed, match }: FaultedRequest): ApiError | null {
  const body = committed?.body;
  if (!isJson(body) || match?.route.method === "GET") return null;
  if (body["object"] !== "list") return committedError(String(body["id"]), []);
  const parentId = match?.params["block_id"];
  return parentId ? committedError(parseId(parentId) ?? parentId, appendedIds(body)) : null;
}
