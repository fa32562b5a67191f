/** Bolt's and the WebClient's log lines through ours. */
import { type Logger, LogLevel } from "@slack/bolt";
import type { Log } from "../log.ts";

/** Debug lines are dropped: at that level the SDK logs request bodies, and those hold what people wrote. */
export function boltLogger(log: Log): Logger {
  return {
    debug: () => undefined,
    info: (...words: unknown[]) => log.debug(sentence(words)),
    warn: (...words: unknown[]) => log.warn(sentence(words)),
    error: (...words: unknown[]) => log.error(sentence(words)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}

function sentence(words: unknown[]): string {
  return words
    .map((word) => (word instanceof Error ? word.message : typeof word === "string" ? word : typeof word))
    .join(" ")
    .slice(0, 500);
}
