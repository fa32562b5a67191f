/** What every request gets before a route sees it: an id that goes into the answer and the log, and a place in the count. */
import { randomUUID } from "node:crypto";
import type { RequestHandler, Response } from "express";
import type { RequestSeen } from "./ports.ts";

/** Whatever else a caller sends could forge log lines or grow without limit. */
const SOUND_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export const identify: RequestHandler = (request, response, next) => {
  const given = request.get("x-request-id");
  response.locals["requestId"] = given !== undefined && SOUND_ID.test(given) ? given : randomUUID();
  response.set("X-Request-Id", requestIdOf(response));
  next();
};

export function requestIdOf({ locals }: Response): string {
  return String(locals["requestId"]);
}

/**
 * A handler that refuses a large body half-read (Bolt's does) leaves the connection paused, and whatever comes next on it
 * would wait for ever. Node drains by itself only bodies that nobody touched.
 */
export const drain: RequestHandler = (request, response, next) => {
  response.once("finish", () => {
    if (!request.complete) request.resume();
  });
  next();
};

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/** As nginx logs it. */
const CALLER_LEFT = 499;

/** Paths outside `known` count as "other": labels must not be a caller's to invent. */
export function watch(known: ReadonlySet<string>, observe: (request: RequestSeen) => void): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const { path } = request;
    response.once("close", () => {
      observe({
        method: METHODS.has(request.method) ? request.method : "other",
        route: known.has(path) ? path : "other",
        status: response.writableFinished ? response.statusCode : CALLER_LEFT,
        durationMs: performance.now() - startedAt,
      });
    });
    next();
  };
}
