/** Structured logs: one JSON line per event. Ids and codes only; never message texts, tokens or model output. */
import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;

export interface LogOptions {
  /** DEBUG, INFO, WARNING or ERROR, as in the environment. */
  level: string;
  json: boolean;
  destination?: DestinationStream;
}

const PINO_LEVEL: Record<string, string> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
};

const SECRET_PATHS = [
  "token",
  "apiKey",
  "authorization",
  "*.token",
  "*.apiKey",
  "*.authorization",
  "headers",
  "*.headers",
];

export function createLog({ level, json, destination }: LogOptions): Log {
  const options = {
    level: PINO_LEVEL[level] ?? "info",
    messageKey: "message",
    base: null,
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_PATHS, censor: "[redacted]" },
  };
  if (destination) return pino(options, destination);
  if (json) return pino(options);
  return pino({
    ...options,
    transport: { target: "pino-pretty", options: { messageKey: "message", timestampKey: "timestamp" } },
  });
}

/** A child logger that names the module in every line. */
export function moduleLog(log: Log, module: string): Log {
  return log.child({ module });
}
