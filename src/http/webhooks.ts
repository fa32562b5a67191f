/**
 * POST /webhooks/…: as little as possible of strangers is read, and everybody is answered in JSON at once. Who is known
 * and what a message means is behind the port; here are sizes, media types and answers.
 */
import express, { type Request, type RequestHandler, type Response } from "express";
import type { z } from "zod";
import { SENDERS, type Sender, type WebhookOutcome } from "../domain/webhook.ts";
import type { FaultKind, WebhookHandshake, WebhookReceipt } from "./bodies.ts";
import { refuse } from "./faults.ts";
import type { HttpPorts, WebhookDoor, WebhookHead } from "./ports.ts";
import { requestIdOf } from "./requests.ts";

export const HANDSHAKE_PATH = "/webhooks/notion/handshake";
const RETRY_SECONDS = 10;

type SenderPath = `/webhooks/${Sender}`;

export function webhookHandlers(ports: HttpPorts): Record<SenderPath, RequestHandler[]> {
  const entries = SENDERS.map((sender) => [`/webhooks/${sender}`, handlersFor(sender, ports)] as const);
  // The keys are the senders', one each.
  return Object.fromEntries(entries) as Record<SenderPath, RequestHandler[]>;
}

/** Before any handler of these paths, for every method: a route that is off is not there. */
export function webhookGates(ports: HttpPorts): Record<string, RequestHandler> {
  const gates = SENDERS.map((sender): [string, RequestHandler] => [
    `/webhooks/${sender}`,
    async (_request, _response, next) => next((await ports.webhooks().isOpen(sender)) ? undefined : "route"),
  ]);
  const handshake: RequestHandler = (_request, _response, next) =>
    next(ports.webhooks().awaitHandshake === null ? "route" : undefined);
  return { ...Object.fromEntries(gates), [HANDSHAKE_PATH]: handshake };
}

function handlersFor(sender: Sender, ports: HttpPorts): RequestHandler[] {
  return [
    counted(sender, ports),
    (request, response, next) => {
      const why = ports.webhooks().turnAway(sender, headOf(request));
      if (why === null) return next();
      refuse(response, 401, { error: "unauthorized", message: why });
    },
    (request, response, next) => {
      // null: no body at all, which is refused as one that cannot be read.
      if (request.is(["json", "+json"]) !== false) return next();
      const message = "Send JSON, with Content-Type: application/json.";
      refuse(response, 415, { error: "unsupported_media_type", message });
    },
    (request, response, next) => {
      const limit = ports.webhooks().limitBytes(sender);
      // Senders do not compress; a small body that grows large is an attack.
      express.raw({ type: () => true, limit, inflate: false })(request, response, next);
    },
    (request, response) => receive({ sender, ports, request, response }),
  ];
}

interface Visit {
  sender: Sender;
  ports: HttpPorts;
  request: Request;
  response: Response;
}

async function receive({ sender, ports, request, response }: Visit): Promise<void> {
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  try {
    const head = headOf(request);
    const answer = await ports.webhooks().receive(sender, { head, raw, requestId: requestIdOf(response) });
    answerWith(answer, response);
  } catch (error) {
    const reason = await ports.whyNotReady();
    if (reason === null) throw error;
    response.set("Retry-After", String(RETRY_SECONDS));
    const message = `The bot cannot take it now (${reason}). Send it again.`;
    refuse(response, 503, { error: "not_ready", message });
  }
}

function answerWith(answer: Awaited<ReturnType<WebhookDoor["receive"]>>, response: Response): void {
  switch (answer.kind) {
    case "accepted":
    case "repeated":
    case "ignored": {
      response.locals[OUTCOME] = answer.kind;
      const body: z.infer<typeof WebhookReceipt> = {
        status: answer.kind,
        ...(answer.kind === "ignored" ? { reason: answer.reason } : {}),
        ...(answer.kind !== "ignored" && answer.key !== null ? { key: answer.key } : {}),
      };
      response.status(answer.kind === "ignored" ? 200 : 202).json(body);
      return;
    }
    case "refused":
    case "invalid":
    case "conflict": {
      const { status, error } = REFUSALS[answer.kind];
      refuse(response, status, { error, message: answer.message });
    }
  }
}

const REFUSALS: Record<"refused" | "invalid" | "conflict", { status: number; error: FaultKind }> = {
  refused: { status: 401, error: "unauthorized" },
  invalid: { status: 400, error: "bad_request" },
  conflict: { status: 409, error: "conflict" },
};

/** Only for whoever holds the API key; asked for by `emm notion-webhook`. */
export function notionHandshake(ports: HttpPorts): RequestHandler {
  return async (_request, response) => {
    const { awaitHandshake } = ports.webhooks();
    // The gate lets nobody come here without a key.
    if (awaitHandshake === null) throw new Error("there is no API key");
    const { openUntil, token } = await awaitHandshake();
    const body: z.infer<typeof WebhookHandshake> = {
      status: token === null ? "waiting" : "received",
      open_until: openUntil,
      verification_token: token,
    };
    response.set("Cache-Control", "no-store").json(body);
  };
}

const OUTCOME = "webhookOutcome";

function counted(sender: Sender, ports: HttpPorts): RequestHandler {
  return (_request, response, next) => {
    response.once("close", () => ports.webhookSeen({ sender, outcome: outcomeOf(response) }));
    next();
  };
}

function outcomeOf({ locals, statusCode }: Response): WebhookOutcome {
  const told: WebhookOutcome | undefined = locals[OUTCOME];
  if (told !== undefined) return told;
  if (statusCode >= 500) return "failed";
  return statusCode === 401 ? "refused" : "invalid";
}

function headOf(request: Request): WebhookHead {
  return {
    header: (name) => request.get(name),
    query(name) {
      const value: unknown = request.query[name];
      return typeof value === "string" ? value : undefined;
    },
  };
}
