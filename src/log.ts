/**
 * Structured logs: one JSON line per event, with timestamp, level, message and module. Ids and codes only; never
 * message texts, tokens or model output. A line also says what caused it: `correlation` is the Slack request, poll or
 * workflow at the beginning of the chain, `workflow` and `step` are where the chain is now.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type DestinationStream, type Logger, pino } from "pino";
import { createScrub } from "./scrub.ts";

export type Log = Logger;

export interface LogOptions {
  /** DEBUG, INFO, WARNING or ERROR, as in the environment. */
  level: string;
  json: boolean;
  /** Values that never appear in a line, whatever brought them there. */
  secrets?: readonly string[];
  destination?: DestinationStream;
}

const PINO_LEVEL: Record<string, string> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
};

/** By name as well, so that a token nobody knows of is not written either. */
const SECRET_PATHS = ["token", "apiKey", "authorization", "headers", "response_url", "trigger_id"];

/** The root: take a `moduleLog` of it, so that every line names its module. */
export function createLog({ level, json, secrets = [], destination }: LogOptions): Log {
  const scrub = createScrub(secrets);
  const options = {
    level: PINO_LEVEL[level] ?? "info",
    messageKey: "message",
    base: null,
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_PATHS.flatMap((path) => [path, `*.${path}`]), censor: "[redacted]" },
    serializers: { err: plainError },
    // A copy: pino writes the fields of the line into it.
    mixin: () => ({ ...context.getStore() }),
    // The finished line, because redaction by path knows neither messages nor stacks.
    hooks: { streamWrite: scrub },
  };
  if (destination) return pino(options, destination);
  if (json) return pino(options);
  return pino({
    ...options,
    transport: { target: "pino-pretty", options: { messageKey: "message", timestampKey: "timestamp" } },
  });
}

/** A child of the root that names the module in every line. */
export function moduleLog(log: Log, module: string): Log {
  return log.child({ module });
}

/** Classes whose messages are the language's own; others (a vendor, a parser, the database) quote what they were given. */
const SPEAKS_FOR_ITSELF = /^(TypeError|RangeError|ReferenceError)$/;

/** Never the error's own fields: a driver puts the row into them. */
function plainError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    ...("code" in error && { code: String(error.code) }),
    ...(SPEAKS_FOR_ITSELF.test(error.name) && { message: error.message }),
    // What comes before the first frame is the message again.
    stack: /^ {4}at [\s\S]*/m.exec(error.stack ?? "")?.[0],
    ...(error.cause !== undefined && { cause: plainError(error.cause) }),
  };
}

interface LogContext {
  correlation: string;
  workflow?: string;
  step?: string;
}

/** Follows a chain of awaits, so that it need not be passed through every function of it. */
const context = new AsyncLocalStorage<LogContext>();

/** What is logged within `run` carries this correlation, unless it is already part of a longer chain. */
export function correlated<T>(correlation: string, run: () => T): T {
  return context.run({ correlation, ...context.getStore() }, run);
}

/** What is logged within `run` belongs to this step. Work that nobody asked for is correlated by its workflow. */
export function withinStep<T>(place: { workflow: string; step: string }, run: () => T): T {
  return context.run({ correlation: context.getStore()?.correlation ?? place.workflow, ...place }, run);
}

/** For work that a queue runs later, in somebody else's chain: keeps this one's context. */
export function keepingContext<A extends unknown[], R>(run: (...args: A) => R): (...args: A) => R {
  return AsyncLocalStorage.bind(run);
}
