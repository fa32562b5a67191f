/**
 * A sign of life after every good poll, for a monitor outside: it raises the alarm when none comes, which is the one thing
 * that a dead bot cannot do. It never holds up a poll.
 */
import type { Alarm } from "../domain/alert.ts";
import { toFailure } from "../errors.ts";
import type { Log } from "../log.ts";

export interface HeartbeatDeps {
  /** May hold a key: never logged, never shown. null = off. */
  url: string | null;
  alarm: Alarm;
  log: Log;
  /** Names this process. */
  source: string;
  /** Between two beats, when all goes well. */
  everyMs: number;
  fetch?: typeof globalThis.fetch;
}

export interface Heartbeat {
  /** Does not wait and does not reject. */
  beat(): void;
  /** Resolves when none is under way. */
  idle(): Promise<void>;
}

const TIMEOUT_MS = 5_000;
const KEY = "heartbeat-failing";
/** On top of two beats: what a process that is gone has reported must not outlive it for long. */
const GRACE_MS = 3 * 60_000;

export function createHeartbeat({
  url,
  alarm,
  log,
  source,
  everyMs,
  fetch = globalThis.fetch,
}: HeartbeatDeps): Heartbeat {
  let failed = false;
  let running: Promise<void> = Promise.resolve();

  const send = async (address: string): Promise<void> => {
    const problem = await ping(fetch, address);
    if (problem === null) {
      if (failed) await alarm.resolve({ key: KEY, source, detail: "The monitor answers again." });
      failed = false;
      return;
    }
    failed = true;
    log.warn({ problem }, "heartbeat failed");
    await alarm.raise({
      ...{ key: KEY, source, severity: "warning", url: null },
      title: "The monitor behind HEARTBEAT_URL does not hear me",
      detail: `The poll went well, but ${problem}. The monitor may raise a false alarm. Check HEARTBEAT_URL.`,
      freshForMs: 2 * everyMs + GRACE_MS,
    });
  };
  return {
    beat() {
      if (url === null) return;
      running = running
        .then(() => send(url))
        .catch((error: unknown) => {
          log.warn({ code: toFailure(error).code }, "heartbeat could not be reported");
        });
    },
    idle: () => running,
  };
}

/** null = it was heard. Names no part of the address. */
async function ping(fetch: typeof globalThis.fetch, url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok ? null : `the monitor answered ${response.status}`;
  } catch (error) {
    const isSlow = error instanceof Error && error.name === "TimeoutError";
    return isSlow
      ? `the monitor did not answer within ${TIMEOUT_MS / 1_000} s`
      : "the monitor could not be reached";
  }
}
