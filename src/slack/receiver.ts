/**
 * The Bolt app and how Slack reaches it: over HTTP on the express app we are given, or through a socket. Owns signature
 * traps, acknowledgement, repeated deliveries, the last-resort error answer and draining. Knows no handler.
 */
import {
  type AnyMiddlewareArgs,
  App,
  type Context,
  ExpressReceiver,
  type ExpressReceiverOptions,
  type Receiver,
  SocketModeReceiver,
} from "@slack/bolt";
import { AppError, toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import { toAppError } from "./api-errors.ts";
import { boltLogger } from "./bolt-log.ts";
import { acknowledge, guardEndpoint, onlyOnce } from "./intake.ts";
import type { Identity } from "./outbound-reads.ts";
import type { DeliveryLog } from "./ports.ts";
import { within } from "./time-limit.ts";

export const SLACK_ENDPOINT = "/slack/events";

/** Slack's largest payloads, view submissions, stay below 250 KB. */
const BODY_LIMIT = "1mb";

/** For response URLs, which Bolt calls without any time limit. */
const RESPOND_TIMEOUT_MS = 5_000;

/** A listener may wait for a vendor that is down; what it started is durable, so stopping does not wait for it. */
const STOP_PATIENCE_MS = 2_000;

/** The SDK tries for hours; the rest of the bot does not wait that long. */
const SOCKET_PATIENCE_MS = 8_000;

export interface SlackAppDeps {
  botToken: string;
  signingSecret: string | null;
  /** Socket Mode when set. */
  appToken: string | null;
  apiUrl: string;
  /** Our own express app; its body parsers must not run on this path. */
  express: ExpressReceiverOptions["app"] | null;
  deliveries: DeliveryLog;
  /** Who the bot is, as far as known: Slack may be down when the first request comes. */
  knownIdentity: () => Identity | null;
  /** Logs it once and tells the person. */
  onError: (failure: HandlerFailure) => Promise<void>;
  now: () => Date;
  log: Log;
}

export interface HandlerFailure {
  error: Error;
  body: AnyMiddlewareArgs["body"];
  context: Context;
}

export interface SlackApp {
  app: App;
  start(): Promise<void>;
  /** Takes nothing new and waits, not for long, for listeners that are at work. */
  stop(): Promise<void>;
  inFlight(): number;
}

export function createSlackApp(deps: SlackAppDeps): SlackApp {
  const logger = boltLogger(deps.log);
  const socket = deps.appToken === null ? null : socketReceiver(deps, deps.appToken);
  const receiver: Receiver = socket ?? httpReceiver(deps);
  const app = new App({
    receiver,
    logger,
    // Our own, so that no request waits for auth.test and the bot starts while Slack is down.
    authorize: async () => {
      const known = deps.knownIdentity();
      return {
        botToken: deps.botToken,
        ...(known ? { botId: known.botId, botUserId: known.botUserId, teamId: known.teamId } : {}),
      };
    },
    deferInitialization: true,
    convoStore: false,
    extendedErrorHandler: true,
    clientOptions: clientOptions(deps),
  });
  app.use(acknowledge);
  app.use(onlyOnce(deps.deliveries));
  app.error(({ error, body, context }: HandlerFailure) => deps.onError({ error, body, context }));

  const working = trackWork(app);
  return {
    app,
    inFlight: () => working.size,
    async start() {
      await app.init();
      if (socket !== null) await connectSocket(socket, deps.log);
    },
    async stop() {
      if (socket !== null) await socket.stop();
      await within(settled(working), STOP_PATIENCE_MS);
    },
  };
}

function clientOptions({ apiUrl }: SlackAppDeps) {
  return {
    slackApiUrl: apiUrl,
    // Explicit: Socket Mode writes 100 retries into these shared options otherwise.
    retryConfig: { retries: 0 },
    fetch: (input: string | URL | Request, init?: RequestInit) =>
      fetch(input, { ...init, signal: init?.signal ?? AbortSignal.timeout(RESPOND_TIMEOUT_MS) }),
  };
}

function httpReceiver({ signingSecret, express, now, log }: SlackAppDeps): ExpressReceiver {
  if (!signingSecret || !express) {
    throw new AppError(
      "Slack over HTTP needs SLACK_SIGNING_SECRET (or set SLACK_APP_TOKEN for Socket Mode)",
      {
        code: "config_invalid",
        retryable: false,
      },
    );
  }
  guardEndpoint(express, SLACK_ENDPOINT, now);
  return new ExpressReceiver({
    app: express,
    endpoints: SLACK_ENDPOINT,
    signingSecret,
    bodyLimit: BODY_LIMIT,
    logger: boltLogger(log),
  });
}

function socketReceiver(deps: SlackAppDeps, appToken: string): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken,
    logger: boltLogger(deps.log),
    installerOptions: { clientOptions: { slackApiUrl: deps.apiUrl } },
  });
}

/** Refusals stop the start; while Slack does not answer, the socket keeps trying behind a bot that works otherwise. */
async function connectSocket(socket: SocketModeReceiver, log: Log): Promise<void> {
  const connecting = socket.start().catch((error: unknown) => {
    throw toAppError(error, "apps.connections.open");
  });
  if ((await within(connecting, SOCKET_PATIENCE_MS)) !== "late") return;
  log.warn("the Slack socket is not connected yet; still trying");
  connecting.catch((error: unknown) => {
    const { code, message } = toFailure(error);
    log.error({ code, reason: message }, "the Slack socket could not be connected");
  });
}

async function settled(working: Set<Promise<void>>): Promise<object> {
  while (working.size > 0) await Promise.allSettled([...working]);
  return working;
}

/** Bolt's stop() does not wait for listeners, so every delivery is counted here until its last handler is done. */
function trackWork(app: App): Set<Promise<void>> {
  const working = new Set<Promise<void>>();
  const processEvent = app.processEvent.bind(app);
  app.processEvent = (event) => {
    const work = processEvent(event);
    working.add(work);
    const done = () => working.delete(work);
    work.then(done, done);
    return work;
  };
  return working;
}
