/**
 * Requests to the bot, signed as Slack signs them or in an envelope over its socket, and the three seconds it has to
 * answer. Owns the choice of the transport, the replay of the last request and the retries of events; what the bodies
 * say is in payloads.ts.
 */
import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { Delivery } from "../stand-ins.ts";
import { type Envelope, envelopeOf, type SocketMode } from "./socket-mode.ts";
import type { Workspace } from "./workspace.ts";

export interface Answered {
  delivery: Delivery;
  /** What the bot acknowledged with. */
  body: string;
}

interface SignedRequest {
  body: string;
  headers: Record<string, string>;
}

/** One thing to tell the bot, ready for either transport. */
interface Shipment {
  signed: SignedRequest;
  /** Null for bodies that a test made up; those go over HTTP only. */
  envelope: Envelope | null;
}

interface Retry {
  attempt: number;
  delivery: Delivery;
}

export interface SendOptions {
  /** Seconds, as in x-slack-request-timestamp. Default: now. */
  timestamp?: number;
  /** Default: the right one. */
  signature?: string;
  /** Default: application/x-www-form-urlencoded. */
  contentType?: string;
}

export interface Courier {
  deliverTo(requestUrl: string): void;
  /** Interactivity: `payload=` with JSON. */
  sendPayload(payload: unknown): Promise<Answered>;
  sendCommand(fields: Record<string, string>): Promise<Answered>;
  /** Tried again at once, after one and after five minutes, until it is acknowledged. */
  sendEvent(envelope: unknown): Promise<Answered>;
  send(body: string, options?: SendOptions): Promise<Delivery>;
  replayLast(): Promise<Delivery>;
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
  close(): void;
}

const FORM = "application/x-www-form-urlencoded";
const RETRIES_AFTER_MS = [0, 60_000, 300_000];

export function createCourier(workspace: Workspace, sockets: SocketMode, ackLimitMs: number): Courier {
  let target: string | null = null;
  let last: Shipment | null = null;
  const underWay = new Set<Promise<unknown>>();
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  const overHttp = async ({ signed }: Shipment) =>
    target === null ? unreachable(0) : post(target, signed, ackLimitMs);
  const transmit = (shipment: Shipment): Promise<Answered> => {
    const { envelope } = shipment;
    const sending =
      envelope !== null && sockets.isOn() ? overSocket(sockets, envelope, ackLimitMs) : overHttp(shipment);
    const tracked = sending.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
    return tracked;
  };
  const sendNew = (shipment: Shipment) => {
    last = shipment;
    return transmit(shipment);
  };
  const retryEvent = (payload: unknown, { attempt, delivery }: Retry): void => {
    const delayMs = RETRIES_AFTER_MS[attempt - 1];
    if (closed || (target === null && !sockets.isOn()) || delayMs === undefined) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      // Retries come by themselves, later: replayLast means what a person did.
      void transmit(eventShipment(workspace, payload, { attempt, delivery })).then((answered) => {
        if (answered.delivery.error !== null)
          retryEvent(payload, { attempt: attempt + 1, delivery: answered.delivery });
      });
    }, delayMs).unref();
    timers.add(timer);
  };

  return {
    deliverTo: (requestUrl) => {
      target = requestUrl;
    },
    sendPayload: (payload) => {
      const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
      return sendNew({ signed: sign(workspace, body, {}), envelope: envelopeOf("interactive", payload) });
    },
    sendCommand: (fields) => {
      const body = new URLSearchParams(fields).toString();
      return sendNew({ signed: sign(workspace, body, {}), envelope: envelopeOf("slash_commands", fields) });
    },
    sendEvent: async (payload) => {
      const answered = await sendNew(eventShipment(workspace, payload, null));
      const { delivery } = answered;
      if (delivery.error !== null) retryEvent(payload, { attempt: 1, delivery });
      return answered;
    },
    send: async (body, options = {}) =>
      (await sendNew({ signed: sign(workspace, body, options), envelope: null })).delivery,
    replayLast: async () => {
      if (last === null) throw new Error("Nothing was sent yet");
      return (await transmit(last)).delivery;
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
    },
    close: () => {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** `retry` null: the first delivery. */
function eventShipment(workspace: Workspace, payload: unknown, retry: Retry | null): Shipment {
  const signed = sign(workspace, JSON.stringify(payload), { contentType: "application/json" });
  const envelope = envelopeOf("events_api", payload);
  if (retry === null) return { signed, envelope };
  const headers = {
    ...signed.headers,
    "x-slack-retry-num": String(retry.attempt),
    "x-slack-retry-reason": retryReason(retry.delivery),
  };
  return {
    signed: { ...signed, headers },
    // Over a socket Slack has one reason only.
    envelope: { ...envelope, retry_attempt: retry.attempt, retry_reason: "timeout" },
  };
}

async function overSocket(sockets: SocketMode, envelope: Envelope, ackLimitMs: number): Promise<Answered> {
  const startedAt = performance.now();
  const { error, body } = await sockets.deliver(envelope, ackLimitMs);
  const acknowledgedMs = Math.round(performance.now() - startedAt);
  return { delivery: { status: error === null ? 200 : 0, acknowledgedMs, error }, body };
}

function sign(workspace: Workspace, body: string, options: SendOptions): SignedRequest {
  const timestamp = String(options.timestamp ?? Math.floor(workspace.now() / 1000));
  const hmac = createHmac("sha256", workspace.seed.signingSecret).update(`v0:${timestamp}:${body}`);
  return {
    body,
    headers: {
      "content-type": options.contentType ?? FORM,
      "content-length": String(Buffer.byteLength(body)),
      accept: "application/json,*/*",
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": options.signature ?? `v0=${hmac.digest("hex")}`,
    },
  };
}

/** A new connection for each request, so that nothing is left open towards a bot that is killed. */
function post(url: string, signed: SignedRequest, ackLimitMs: number): Promise<Answered> {
  const startedAt = performance.now();
  const elapsed = () => Math.round(performance.now() - startedAt);
  return new Promise((resolve) => {
    const request = httpRequest(
      url,
      { method: "POST", headers: signed.headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", () => finish(unreachable(elapsed())));
        response.on("end", () =>
          finish(answeredWith(response.statusCode ?? 0, Buffer.concat(chunks), elapsed())),
        );
      },
    );
    const timer = setTimeout(() => {
      finish({ delivery: { status: 0, acknowledgedMs: elapsed(), error: "operation_timeout" }, body: "" });
      request.destroy();
    }, ackLimitMs);
    const finish = (answered: Answered) => {
      clearTimeout(timer);
      resolve(answered);
    };
    request.on("error", () => finish(unreachable(elapsed())));
    request.end(signed.body);
  });
}

function answeredWith(status: number, body: Buffer, acknowledgedMs: number): Answered {
  const error = status >= 200 && status < 300 ? null : "dispatch_failed";
  return { delivery: { status, acknowledgedMs, error }, body: body.toString() };
}

function unreachable(acknowledgedMs: number): Answered {
  return { delivery: { status: 0, acknowledgedMs, error: "dispatch_failed" }, body: "" };
}

function retryReason(delivery: Delivery): string {
  if (delivery.error === "operation_timeout") return "http_timeout";
  return delivery.status === 0 ? "connection_failed" : "http_error";
}
