/**
 * Slack over a WebSocket, for bots that have no public address. Owns connecting and staying connected, because the SDK
 * by itself is without a connection for ten seconds whenever Slack recycles one, and what people click then is lost.
 * What arrives is handled as over HTTP.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type App, type Receiver, SocketModeReceiver, type SocketModeReceiverOptions } from "@slack/bolt";
import { AppError, toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import { retryAfterSeconds, toAppError } from "./api-errors.ts";
import { boltLogger } from "./bolt-log.ts";
import { within } from "./time-limit.ts";

/** For one attempt; the start of the bot waits for the first one only. */
const CONNECT_LIMIT_MS = 8_000;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

export interface SlackSocket extends Receiver {
  /** Rejects when Slack refuses the token; while Slack does not answer, goes on trying and resolves. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** While not, nothing that people do reaches the bot. */
  isConnected(): boolean;
}

export interface SlackSocketDeps {
  appToken: string;
  clientOptions: NonNullable<SocketModeReceiverOptions["installerOptions"]>["clientOptions"];
  log: Log;
}

export function createSlackSocket({ appToken, clientOptions, log }: SlackSocketDeps): SlackSocket {
  const bolt = boltLogger(log);
  // The SDK calls every lost connection an error; they are replaced.
  const logger = { ...bolt, error: bolt.warn };
  const connections = new Set<SocketModeReceiver>();
  let handler: App | null = null;
  let isStopped = false;

  const connect = async (): Promise<void> => {
    const receiver = new SocketModeReceiver({
      appToken,
      logger,
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: { ...clientOptions, rejectRateLimitedCalls: true } },
    });
    if (handler !== null) receiver.init(handler);
    await opened(receiver);
    if (isStopped) return receiver.stop();
    connections.add(receiver);
    // Replaced when Slack says that it will close this one, not when it is closed, which takes the SDK seconds.
    const replace = () => {
      if (connections.delete(receiver) && !isStopped) void keepTrying();
    };
    receiver.client.on("ws_message", (message: unknown) => {
      if (isGoodbye(message)) replace();
    });
    receiver.client.on("error", replace);
    receiver.client.on("close", replace);
  };
  const keepTrying = async (firstDelayMs = 0): Promise<void> => {
    let delayMs = firstDelayMs;
    while (!isStopped) {
      await sleep(delayMs, undefined, { ref: false });
      if (isStopped) return;
      try {
        return await connect();
      } catch (error) {
        const { code, message } = toFailure(error);
        log.warn({ code, reason: message }, "the Slack socket could not be connected; still trying");
        delayMs = delayAfter(error, delayMs);
      }
    }
  };

  return {
    init(app) {
      handler = app;
    },
    async start() {
      try {
        await connect();
      } catch (error) {
        const { code, message, retryable } = toFailure(error);
        if (!retryable) throw error;
        log.warn({ code, reason: message }, "the Slack socket is not connected yet; still trying");
        void keepTrying(delayAfter(error, 0));
      }
    },
    async stop() {
      isStopped = true;
      await Promise.all([...connections].map((receiver) => receiver.stop()));
    },
    isConnected: () => connections.size > 0,
  };
}

/** Resolves when Slack has said hello. */
async function opened(receiver: SocketModeReceiver): Promise<void> {
  const method = "apps.connections.open";
  // The SDK notices a failed handshake at once and tells its caller seconds later.
  const failed = new Promise<never>((_resolve, reject) => receiver.client.once("error", reject));
  try {
    if ((await within(Promise.race([receiver.start(), failed]), CONNECT_LIMIT_MS)) !== "late") return;
    throw new AppError(`Slack ${method}: no hello in ${CONNECT_LIMIT_MS} ms`, {
      code: "slack_unavailable",
      retryable: true,
    });
  } catch (error) {
    await receiver.stop();
    throw toAppError(error, method);
  }
}

function delayAfter(error: unknown, lastDelayMs: number): number {
  const asked = error instanceof AppError ? retryAfterSeconds(error.cause) : null;
  if (asked !== null) return asked * 1_000;
  return Math.min(MAX_DELAY_MS, Math.max(FIRST_DELAY_MS, lastDelayMs * 2));
}

/** What people write arrives in the same messages, but with its quotes escaped. */
function isGoodbye(message: unknown): boolean {
  return typeof message === "string" && /"type"\s*:\s*"disconnect"/.test(message);
}
