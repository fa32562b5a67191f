/**
 * Fault switches and answering, shared by the three stand-ins. Owns: which request misbehaves (`createFaults`),
 * how it misbehaves on the wire and what is recorded in `calls` (`answerCall`). Does not own what an error looks
 * like (each vendor passes `errorAnswer`) nor the vendor's own faults: `garbage` and `stop` are handed to `run`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Faults, ServedCall } from "./stand-ins.ts";

export type FaultEffect = Fault["effect"];
/** Faults that look like an answer; only the vendor knows how. */
export type AnswerEffect = Extract<FaultEffect, { kind: "garbage" | "stop" }>;
/** Faults that look like an error of the vendor. */
export type ErrorEffect = Extract<FaultEffect, { kind: "status" | "committed-error" }>;

export interface FaultSwitches extends Faults {
  /** The fault for this request, counted down; null when it shall behave. Call once per request. */
  match(route: string): Fault | null;
}

export interface HttpAnswer {
  status: number;
  /** Default: content-type application/json; charset=utf-8 for a body that is not a string. */
  headers?: Record<string, string>;
  /** A string is sent as it is, anything else as JSON; undefined = no body. */
  body?: unknown;
}

export function createFaults(): FaultSwitches {
  let switches: { fault: Fault; after: number; left: number }[] = [];
  return {
    add: (fault) => {
      switches.push({ fault, after: fault.after ?? 0, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clear: () => {
      switches = [];
    },
    match: (route) => {
      for (const entry of switches) {
        if (entry.left <= 0 || !routeMatches(entry.fault.route, route)) continue;
        if (entry.after > 0) {
          entry.after -= 1;
          continue;
        }
        entry.left -= 1;
        entry.fault.onStrike?.();
        return entry.fault;
      }
      return null;
    },
  };
}

function routeMatches(pattern: string | RegExp, route: string): boolean {
  // search() instead of test(): a /g pattern must not carry state from one request to the next.
  return typeof pattern === "string" ? route.includes(pattern) : route.search(pattern) >= 0;
}

export interface CallOptions {
  /** Template for ServedCall.route: "POST /v1/data_sources/:id/query". */
  route: string;
  faults: FaultSwitches;
  calls: ServedCall[];
  latencyMs: number;
  /** Epoch milliseconds. Default Date.now. */
  now?: () => number;
  /** Carries the request out. Gets the vendor's own fault, if one is set for this request. */
  run: (effect: AnswerEffect | null) => HttpAnswer | Promise<HttpAnswer>;
  /** The vendor's error for a fault. `committed` = what `run` answered, for committed-error only. */
  errorAnswer: (effect: ErrorEffect, committed: HttpAnswer | null) => HttpAnswer;
}

/**
 * Answers one request on node:http `(req, res)`, faults and latency applied, and adds it to `calls`. A request
 * that was left hanging or cut is recorded with status 0. Read the request body before calling this.
 */
export async function answerCall(
  req: IncomingMessage,
  res: ServerResponse,
  call: CallOptions,
): Promise<void> {
  const now = call.now ?? Date.now;
  const at = now();
  const startedAt = performance.now();
  const record = (status: number) => {
    call.calls.push({
      route: call.route,
      status,
      at,
      durationMs: Math.round(performance.now() - startedAt),
    });
  };
  const effect = call.faults.match(call.route)?.effect ?? null;
  if (effect?.kind === "delay") await sleep(effect.ms);
  // Half on the way in, half on the way out: a process killed in between may or may not have written.
  if (call.latencyMs > 0) await sleep(call.latencyMs / 2);
  const answer = await outcomeOf(effect, call);
  if (call.latencyMs > 0) await sleep(call.latencyMs / 2);
  if (answer === "hang") {
    record(0);
    return;
  }
  if (answer === "reset") {
    record(0);
    req.socket.destroy();
    return;
  }
  record(answer.status);
  sendAnswer(res, answer);
}

async function outcomeOf(
  effect: FaultEffect | null,
  call: CallOptions,
): Promise<HttpAnswer | "hang" | "reset"> {
  switch (effect?.kind) {
    case undefined:
    case "delay":
      return call.run(null);
    case "status":
      return call.errorAnswer(effect, null);
    case "committed-error": {
      const committed = await call.run(null);
      return committed.status >= 400 ? committed : call.errorAnswer(effect, committed);
    }
    case "hang":
    case "reset":
      if (effect.committed) await call.run(null);
      return effect.kind;
    case "garbage":
    case "stop":
      return call.run(effect);
  }
}

/** Writes an answer. Does nothing when the caller has gone. */
export function sendAnswer(res: ServerResponse, answer: HttpAnswer): void {
  if (res.destroyed || res.headersSent) return;
  const isText = typeof answer.body === "string";
  const payload = isText ? String(answer.body) : answer.body === undefined ? "" : JSON.stringify(answer.body);
  const type = isText ? {} : { "content-type": "application/json; charset=utf-8" };
  res.writeHead(answer.status, { ...type, ...answer.headers });
  res.end(payload);
}
