/**
 * The one door to Notion: every request of the bot goes through here, paced, timed and classified. It owns the
 * SDK client, the shared request budget, retries and the meaning of an error; it does not know any database.
 * The SDK's own retries are off: they cap Retry-After, leave queries out, and repeat writes of unknown outcome.
 */
import { Client } from "@notionhq/client";
import type { ErrorCode } from "../errors.ts";
import type { Log } from "../log.ts";
import { codeOf, readFailure, toAppError, type VendorFailure } from "./failures.ts";
import { stringAt } from "./lenient-json.ts";
import type { Pacer } from "./ports.ts";

const NOTION_VERSION = "2026-03-11";
/** Notion's own deadline is 55 to 60 s, and its last-moment answer says whether a write was saved. */
const TIMEOUT_MS = 75_000;
const TRIES = 4;
const LIMITED_TRIES = 10;
const FIRST_BACKOFF_MS = 500;
const LIMITED_PAUSE_MS = 10_000;

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(durationMs: number): Promise<void>;
}

/** One request that was sent. `status` 0 = no answer; `attempt` counts from 1. */
export interface ObservedCall {
  route: string;
  status: number;
  outcome: "ok" | ErrorCode;
  durationMs: number;
  attempt: number;
}

export interface NotionRequest {
  /** Template for metrics and messages: "PATCH /v1/pages/:id". */
  route: string;
  method: "get" | "post" | "patch";
  /** Without the leading "/v1/". */
  path: string;
  query?: Record<string, string | number | string[]>;
  body?: Record<string, unknown>;
  /** Tries when Notion does not answer (4). */
  tries?: number;
}

export type CreateAnswer =
  | { kind: "created"; body: unknown }
  /** Saved, although the answer was an error. */
  | { kind: "committed"; id: string }
  /** It may or may not exist now. */
  | { kind: "unknown"; failure: VendorFailure };

export interface Gateway {
  /** A request that changes nothing (GET, query). */
  read(request: NotionRequest): Promise<unknown>;
  /** A write that may be repeated; null when it was saved but the answer is missing. */
  set(request: NotionRequest): Promise<unknown>;
  /** A write that must not be repeated blindly. Throws when it certainly did not happen. */
  create(request: NotionRequest): Promise<CreateAnswer>;
}

export interface GatewayDeps {
  apiKey: string;
  baseUrl: string;
  pacer: Pacer;
  log: Log;
  clock: Clock;
  observe?: (call: ObservedCall) => void;
  timeoutMs?: number;
  /** The first pause after Notion was unavailable; each further one is twice as long. */
  backoffMs?: number;
  /** For looking whether Notion is well: one try, and a limit is an answer, not something to wait for. */
  isProbe?: boolean;
}

type Answer = { ok: true; body: unknown } | { ok: false; failure: VendorFailure };

export function createGateway(deps: GatewayDeps): Gateway {
  const { pacer, log, clock, observe, isProbe = false, backoffMs = FIRST_BACKOFF_MS } = deps;
  const client = createClient(deps);

  async function sendOnce(request: NotionRequest, attempt: number, isCreate: boolean): Promise<Answer> {
    await pacer.take();
    const startedAt = clock.now();
    const report = (status: number, outcome: ObservedCall["outcome"]) => {
      const call = { route: request.route, status, outcome, durationMs: clock.now() - startedAt, attempt };
      log.debug(call, "notion request");
      observe?.(call);
    };
    const answer = await client
      .request<Record<string, unknown>>({
        path: request.path,
        method: request.method,
        ...(request.query && { query: request.query }),
        ...(request.body && { body: request.body }),
      })
      .then(
        (body): Answer => ({ ok: true, body }),
        (error: unknown): Answer => ({ ok: false, failure: readFailure(error, clock.now()) }),
      );
    if (answer.ok) report(200, "ok");
    else report(answer.failure.status, codeOf(answer.failure, isCreate).code);
    return answer;
  }

  /** Waits out limits always, and unavailability when the request may be repeated. */
  async function send(request: NotionRequest, isRepeatable: boolean): Promise<Answer> {
    let limited = 0;
    let failed = 0;
    for (let attempt = 1; ; attempt++) {
      const answer = await sendOnce(request, attempt, !isRepeatable);
      if (answer.ok) return answer;
      if (isProbe) return answer;
      const { failure } = answer;
      if (failure.kind === "limited" && limited < LIMITED_TRIES) {
        limited++;
        await pacer.pauseFor(failure.retryAfterMs ?? LIMITED_PAUSE_MS);
      } else if (
        failure.kind === "unavailable" &&
        isRepeatable &&
        failure.committedId === null &&
        failed + 1 < (request.tries ?? TRIES)
      ) {
        failed++;
        await clock.sleep(spread(backoffMs * 2 ** (failed - 1)));
      } else return answer;
      const { status, code, requestId } = failure;
      log.warn({ route: request.route, status, code, requestId, attempt }, "notion request tried again");
    }
  }

  return {
    async read(request) {
      const answer = await send(request, true);
      if (answer.ok) return answer.body;
      throw toAppError(answer.failure, { route: request.route, isCreate: false });
    },
    async set(request) {
      const answer = await send(request, true);
      if (answer.ok) return answer.body;
      if (answer.failure.committedId !== null) return null;
      throw toAppError(answer.failure, { route: request.route, isCreate: false });
    },
    async create(request) {
      const answer = await send(request, false);
      if (answer.ok) return { kind: "created", body: answer.body };
      const { failure } = answer;
      if (failure.committedId !== null) return { kind: "committed", id: failure.committedId };
      if (failure.kind === "unavailable") return { kind: "unknown", failure };
      throw toAppError(failure, { route: request.route, isCreate: true });
    },
  };
}

function createClient({ apiKey, baseUrl, log, timeoutMs = TIMEOUT_MS }: GatewayDeps): Client {
  return new Client({
    auth: apiKey,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    notionVersion: NOTION_VERSION,
    retry: false,
    // The signal below is the real limit: the SDK's timeout neither ends the request nor covers the body.
    timeoutMs: timeoutMs + 1000,
    logger: (level, message, extra) =>
      log.debug({ level, code: stringAt(extra, "code") }, `notion sdk: ${message}`),
    fetch: (url, init) =>
      fetch(url, {
        ...(init?.method && { method: init.method }),
        ...(init?.headers && { headers: init.headers }),
        ...(init?.body && { body: init.body }),
        signal: AbortSignal.timeout(timeoutMs),
      }),
  });
}

/** So that many who failed together do not come back together. */
function spread(durationMs: number): number {
  return durationMs * (0.5 + Math.random());
}
