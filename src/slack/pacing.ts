/** Keeps background calls under Slack's rate limits: one message a second per channel, fifty updates a minute. */
import PQueue from "p-queue";
import { AppError } from "../errors.ts";
import { keepingContext } from "../log.ts";
import { retryAfterSeconds } from "./api-errors.ts";
import { createSpacing, type Spacing } from "./spacing.ts";

/** Longer waits are the caller's: its workflow tries again later. */
const MAX_WAIT_SECONDS = 60;

export interface Pacing {
  /** Runs posts to one channel in order, spaced out; with `canWait`, behind all others that wait for it. */
  post<T>(channel: string, send: () => Promise<T>, canWait?: boolean): Promise<T>;
  /**
   * Runs updates one at a time. While an update of the same message waits for its turn, a later one takes its
   * place, unless its `version` is older; everybody gets the result of the one that was sent.
   */
  update<T>(job: UpdateJob<T>): Promise<T>;
}

export interface UpdateJob<T> {
  /** The message. */
  key: string;
  version: number;
  /** Behind all others that wait. */
  canWait?: boolean;
  send: () => Promise<T>;
}

interface WaitingUpdate {
  version: number;
  send: () => Promise<unknown>;
  done: Promise<unknown>;
}

export interface PacingOptions {
  postIntervalMs: number;
  /** Waits between attempts; injected so that tests need no clock. */
  sleep: (durationMs: number) => Promise<void>;
}

/** Without the queue's own intervals: they are measured by the wall clock. */
interface Line {
  queue: PQueue;
  turn: Spacing;
}

function createLine(spacing: { turns: number; withinMs: number }): Line {
  return { queue: new PQueue({ concurrency: 1 }), turn: createSpacing(spacing) };
}

export function createPacing({ postIntervalMs, sleep }: PacingOptions): Pacing {
  const channels = new Map<string, Line>();
  // chat.update is Tier 3: 50 a minute for the whole workspace, with short bursts: ten in the time of twelve posts.
  const updates = createLine({ turns: 10, withinMs: 12 * postIntervalMs });
  const waiting = new Map<string, WaitingUpdate>();

  function lineOf(channel: string): Line {
    const existing = channels.get(channel);
    if (existing) return existing;
    for (const [name, { queue }] of channels) {
      if (channels.size >= 200 && queue.size === 0 && queue.pending === 0) channels.delete(name);
    }
    const line = createLine({ turns: 1, withinMs: postIntervalMs });
    channels.set(channel, line);
    return line;
  }

  return {
    post(channel, send, canWait = false) {
      const { queue, turn } = lineOf(channel);
      return queue.add(
        keepingContext(async () => {
          await turn();
          return patiently(send, sleep);
        }),
        { throwOnTimeout: true, priority: canWait ? -1 : 0 },
      );
    },
    async update<T>({ key, version, canWait, send }: UpdateJob<T>): Promise<T> {
      const earlier = waiting.get(key);
      if (earlier) {
        if (version >= earlier.version) Object.assign(earlier, { version, send });
        return earlier.done as Promise<T>;
      }
      const slot: WaitingUpdate = { version, send, done: Promise.resolve() };
      waiting.set(key, slot);
      slot.done = updates.queue.add(
        keepingContext(async () => {
          await updates.turn();
          waiting.delete(key);
          return patiently(slot.send, sleep);
        }),
        { priority: canWait ? -1 : 0 },
      );
      return slot.done as Promise<T>;
    },
  };
}

/** A 429 was not carried out, so the same call is safe to repeat after the wait Slack asks for. */
async function patiently<T>(send: () => Promise<T>, sleep: PacingOptions["sleep"]): Promise<T> {
  let waited = 0;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      const seconds = retryAfterSeconds(error);
      if (seconds === null) throw error;
      waited += seconds;
      if (waited > MAX_WAIT_SECONDS) {
        throw new AppError(`Slack asks to wait ${seconds} s`, {
          code: "slack_unavailable",
          retryable: true,
          cause: error,
        });
      }
      await sleep(seconds * 1000);
    }
  }
}
