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
} from "@slack/bolt";
import { AppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { ARRIVED_AT, type Arrivals, timeAcks } from "./ack-clock.ts";
import { boltLogger } from "./bolt-log.ts";
import { acknowledge, answerAll, guardEndpoint, onlyOnce, traced } from "./intake.ts";
import type { Identity } from "./outbound-reads.ts";
import type { DeliveryLog, SlackMeter } from "./ports.ts";
import { createSlackSocket } from "./socket.ts";
import { within } from "./time-limit.ts";

export const SLACK_ENDPOINT = "/slack/events";

/** Slack's largest payloads, view submissions, stay below 250 KB. */
const BODY_LIMIT = "1mb";

/** For response URLs, which Bolt calls without any time limit. */
const RESPOND_TIMEOUT_MS = 5_000;

/** A listener may wait for a vendor that is down; what it started is durable, so stopping does not wait for it. */
const STOP_PATIENCE_MS = 5_000;

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
  meter?: Pick<SlackMeter, "acknowledged" | "unanswered">;
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
  /** Over HTTP always; a socket may be lost. */
  isReachable(): boolean;
}

export function createSlackApp(deps: SlackAppDeps): SlackApp {
  const logger = boltLogger(deps.log);
  const { appToken, log } = deps;
  const socket =
    appToken === null ? null : createSlackSocket({ appToken, clientOptions: clientOptions(deps), log });
  const app = new App({
    receiver: socket ?? httpReceiver(deps),
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
  app.use(traced(log));
  app.use(acknowledge);
  app.use(onlyOnce(deps.deliveries));
  app.error(({ error, body, context }: HandlerFailure) => deps.onError({ error, body, context }));

  answerAll(app, log);
  if (deps.meter) timeAcks(app, deps.meter);
  const working = trackWork(app);
  return {
    app,
    inFlight: () => working.size,
    isReachable: () => socket?.isConnected() ?? true,
    async start() {
      await app.init();
      await socket?.start();
    },
    async stop() {
      await socket?.stop();
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
  const arrivals: Arrivals = new WeakMap();
  guardEndpoint(express, SLACK_ENDPOINT, { now, arrivals });
  return new ExpressReceiver({
    app: express,
    endpoints: SLACK_ENDPOINT,
    signingSecret,
    bodyLimit: BODY_LIMIT,
    customPropertiesExtractor: (request) => ({ [ARRIVED_AT]: arrivals.get(request) }),
    logger: boltLogger(log),
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
