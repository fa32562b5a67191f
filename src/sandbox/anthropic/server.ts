/**
 * A stand-in for the Anthropic API: a real HTTP server that the real SDK talks to. Owns transport, keys, faults and
 * the shape of messages; the rules of the API are in api.ts and what is said in answers.ts. It does not stream.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type AnswerEffect, answerCall, createFaults, type ErrorEffect, type HttpAnswer } from "../faults.ts";
import type { ClaudeStandIn, ServedCall } from "../stand-ins.ts";
import { answerText } from "./answers.ts";
import { errorAnswer, type MessagesRequest, modelInfo, modelList, readRequest } from "./api.ts";

export interface ClaudeStandInOptions {
  /** 0 or absent = any free port. */
  port?: number;
  /** When set, any other key is refused with 401. */
  apiKey?: string;
  /** Epoch milliseconds. */
  now?: () => number;
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;

interface Request {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
  requestId: string;
}

interface Reply {
  route: string;
  run: (effect: AnswerEffect | null) => HttpAnswer;
}

export async function createClaudeStandIn(options: ClaudeStandInOptions = {}): Promise<ClaudeStandIn> {
  const now = options.now ?? Date.now;
  const calls: ServedCall[] = [];
  const requests: ClaudeStandIn["requests"] = [];
  const faults = createFaults();
  const listeners = new Set<() => void>();
  let served = 0;

  const reply = (request: Request): Reply => {
    const denied = accessProblem(request, options.apiKey);
    const guarded = (route: string, run: Reply["run"]): Reply => ({
      route,
      run: denied ? () => denied : run,
    });
    if (request.method === "POST" && request.path === "/v1/messages") {
      return guarded("POST /v1/messages", (effect) => message(request, effect, requests, now));
    }
    if (request.method === "GET" && request.path === "/v1/models") {
      return guarded("GET /v1/models", () => ok(modelList(), request.requestId));
    }
    if (request.method === "GET" && request.path.startsWith("/v1/models/")) {
      return guarded("GET /v1/models/:id", () => model(request));
    }
    const unknown = errorAnswer({ status: 404, message: "Not Found" }, request.requestId);
    return { route: `${request.method} ${request.path}`, run: () => unknown };
  };

  const server = createServer((req, res) => {
    void serve(req, res).catch(() => res.destroy());
  });

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    served += 1;
    const request = await readHttp(req, `req_${String(served).padStart(10, "0")}`);
    if (typeof request !== "object") {
      res.writeHead(413).end();
      return;
    }
    const { route, run } = reply(request);
    const failure = (effect: ErrorEffect) => faultAnswer(effect, request.requestId);
    await answerCall(req, res, {
      route,
      faults,
      calls,
      latencyMs: handle.latencyMs,
      now,
      run,
      errorAnswer: failure,
    });
    for (const listener of listeners) listener();
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const handle: ClaudeStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    requests,
    faults,
    latencyMs: 0,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
  return handle;
}

async function readHttp(req: IncomingMessage, requestId: string): Promise<Request | "too-large"> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return "too-large";
    chunks.push(chunk);
  }
  const { pathname } = new URL(req.url ?? "/", "http://stand-in");
  const body = Buffer.concat(chunks).toString("utf8");
  return { method: req.method ?? "GET", path: pathname, headers: req.headers, body, requestId };
}

function accessProblem({ headers, requestId }: Request, apiKey: string | undefined): HttpAnswer | null {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  const given = bearer ?? headers["x-api-key"];
  if (!given || (apiKey !== undefined && given !== apiKey)) {
    return errorAnswer(
      { status: 401, message: given ? "invalid x-api-key" : "x-api-key header is required" },
      requestId,
    );
  }
  if (!headers["anthropic-version"]) {
    return errorAnswer({ status: 400, message: "anthropic-version: header is required" }, requestId);
  }
  return null;
}

function model({ path, requestId }: Request): HttpAnswer {
  const id = decodeURIComponent(path.slice("/v1/models/".length));
  const info = modelInfo(id);
  return info ? ok(info, requestId) : errorAnswer({ status: 404, message: `model: ${id}` }, requestId);
}

function ok(body: unknown, requestId: string): HttpAnswer {
  return { status: 200, headers: { "request-id": requestId }, body };
}

function faultAnswer(effect: ErrorEffect, requestId: string): HttpAnswer {
  const type = effect.kind === "status" ? effect.code : undefined;
  const answer = errorAnswer({ status: effect.status, ...(type ? { type } : {}) }, requestId);
  if (effect.kind !== "status") return answer;
  const retryAfter: Record<string, string> =
    effect.retryAfterSeconds === undefined ? {} : { "retry-after": String(effect.retryAfterSeconds) };
  const body = effect.body === undefined ? answer.body : effect.body;
  return { ...answer, body, headers: { ...answer.headers, ...retryAfter } };
}

// --- POST /v1/messages ------------------------------------------------------------------------------------

function message(
  request: Request,
  effect: AnswerEffect | null,
  requests: ClaudeStandIn["requests"],
  now: () => number,
): HttpAnswer {
  const read = readRequest(parsed(request.body));
  if ("status" in read) return errorAnswer(read, request.requestId);
  requests.push({ model: read.model, system: read.system, prompt: read.prompt, at: now() });
  return ok(messageBody(read, request.body, effect), request.requestId);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

const REFUSAL = {
  type: "refusal",
  category: "general_harms",
  explanation: "The request was declined by a safety classifier.",
};

function messageBody(read: MessagesRequest, body: string, effect: AnswerEffect | null) {
  const whole = effect?.kind === "garbage" ? effect.body : answerText(read);
  const refused = effect?.kind === "stop" && effect.reason === "refusal";
  const cutBy =
    effect?.kind === "stop" && effect.reason === "max_tokens" ? Math.ceil(tokens(whole) / 2) : read.maxTokens;
  const cut = tokens(whole) > cutBy;
  const text = refused ? "" : cut ? whole.slice(0, cutBy * CHARS_PER_TOKEN) : whole;
  return {
    id: `msg_${createHash("sha256").update(body).digest("hex").slice(0, 24)}`,
    type: "message",
    role: "assistant",
    model: read.model,
    content: text === "" ? [] : [{ type: "text", text, citations: null }],
    stop_reason: refused ? "refusal" : cut ? "max_tokens" : "end_turn",
    stop_sequence: null,
    stop_details: refused ? REFUSAL : null,
    usage: usageOf(body, text),
  };
}

const CHARS_PER_TOKEN = 4;

function tokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

function usageOf(body: string, text: string) {
  return {
    input_tokens: tokens(body),
    // The API bills at least one token, also for an empty answer.
    output_tokens: Math.max(1, tokens(text)),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    service_tier: "standard",
  };
}
