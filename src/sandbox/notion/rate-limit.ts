/**
 * Notion's budget for one connection: so many requests per fixed window of 60 seconds. The windows follow one
 * another from the first request on, without regard to when the client was busy.
 */
const WINDOW_MS = 60_000;

export interface RateLimit {
  /** Spends one request; otherwise the whole seconds until there is a new budget. */
  take(requestsPerMinute: number | null): { ok: true } | { ok: false; retryAfterSeconds: number };
}

export function createRateLimit(now: () => number): RateLimit {
  let firstAt: number | null = null;
  let window = 0;
  let spent = 0;
  return {
    take: (requestsPerMinute) => {
      if (requestsPerMinute === null) return { ok: true };
      const at = now();
      firstAt ??= at;
      const current = Math.floor((at - firstAt) / WINDOW_MS);
      if (current !== window) {
        window = current;
        spent = 0;
      }
      if (spent >= requestsPerMinute) {
        const leftMs = firstAt + (window + 1) * WINDOW_MS - at;
        return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) };
      }
      spent += 1;
      return { ok: true };
    },
  };
}
