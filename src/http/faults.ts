/** JSON for everything that is not an answer: unknown paths, refused requests, faults of our own. */
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import type { z } from "zod";
import type { Fault, FaultKind } from "./bodies.ts";
import { requestIdOf } from "./requests.ts";

export function refuse(response: Response, status: number, why: { error: FaultKind; message: string }): void {
  const body: z.infer<typeof Fault> = { ...why, request_id: requestIdOf(response) };
  response.status(status).json(body);
}

export const notFound: RequestHandler = (_request, response) => {
  refuse(response, 404, {
    error: "not_found",
    message: "There is nothing here; GET /docs lists what there is.",
  });
};

/** `onFault` hears of our own faults only; a bad request is the caller's. */
export function answerFaults(onFault: (error: unknown, requestId: string) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    if (status < 500) return refuse(response, status, CALLERS[status] ?? BAD_REQUEST);
    onFault(error, requestIdOf(response));
    refuse(response, 500, {
      error: "internal",
      message: "Something went wrong here; the log has more under this request id.",
    });
  };
}

const BAD_REQUEST = { error: "bad_request", message: "The request could not be read." } as const;

/** What body parsers and the router refuse. */
const CALLERS: Record<number, { error: FaultKind; message: string }> = {
  404: { error: "not_found", message: "There is nothing here; GET /docs lists what there is." },
  413: { error: "payload_too_large", message: "The body is larger than what this route takes." },
  415: { error: "unsupported_media_type", message: "Send the body uncompressed." },
};

function statusOf(error: unknown): number {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}
