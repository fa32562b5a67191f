/** What every command is given: the environment, a terminal, and the parts of the bot that talk to the services. */
import type { Environment } from "../config-rules.ts";
import { AppError } from "../errors.ts";
import { createLog, type Log } from "../log.ts";
import type { Terminal } from "./terminal.ts";

export interface CommandContext {
  env: Environment;
  /** Where files are looked for: the repository, or the folder of the image. */
  folder: string;
  /** The file that was read into `env`; null = there is none, absent = not looked for. */
  envFile?: string | null;
  terminal: Terminal;
  /** Machine-readable answer on stdout, nothing on stderr. */
  json: boolean;
  log: Log;
  /** How long to wait before looking for what may have been created; tests need not wait. */
  lookupDelaysMs?: readonly number[];
}

/** 0 = as it should be, 1 = something is wrong. Wrong usage, which is 2, is commander's and `UsageError`'s. */
export type ExitCode = 0 | 1;

/** What the services' adapters log is for the bot's operators; here every finding is said in the answer. */
export function silentLog(): Log {
  return createLog({ level: "CRITICAL", json: true });
}

/** The arguments cannot be used: exit code 2. */
export function usageError(message: string): AppError {
  return new AppError(message, { code: "config_invalid", retryable: false, userMessage: USAGE });
}

const USAGE = "usage";

export function isUsageError(error: unknown): boolean {
  return error instanceof AppError && error.userMessage === USAGE;
}

export function printJson({ terminal }: Pick<CommandContext, "terminal">, value: unknown): void {
  terminal.out(JSON.stringify(value, null, 2));
}
