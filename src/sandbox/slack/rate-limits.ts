/** Slack's rate limits as token buckets. Bursts up to a bucket's size pass, as Slack lets them. */
import type { Tier } from "./coverage.ts";

interface Bucket {
  tokens: number;
  at: number;
}

const PER_MINUTE: Record<1 | 2 | 3 | 4, number> = { 1: 1, 2: 20, 3: 50, 4: 100 };
/** Tier 1 is once a minute with "a small amount of burst behavior". */
const TIER_1_BURST = 5;
/** One message per second and channel; "short bursts" are tolerated. */
const POST_BURST = 5;
/** "Several hundred messages per minute" for the whole workspace. */
const POSTS_PER_MINUTE = 300;

export interface RateLimits {
  /** 0 = carry on; otherwise whole seconds for Retry-After. */
  secondsToWait(method: string, tier: Tier, channel: string): number;
}

export function createRateLimits(now: () => number): RateLimits {
  const buckets = new Map<string, Bucket>();
  const take = (key: string, size: number, perSecond: number): number => {
    const at = now();
    const bucket = buckets.get(key) ?? { tokens: size, at };
    const tokens = Math.min(size, bucket.tokens + (Math.max(0, at - bucket.at) / 1000) * perSecond);
    buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
    return tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
  };
  return {
    secondsToWait: (method, tier, channel) => {
      if (tier === "none") return 0;
      if (tier !== "postMessage")
        return take(method, Math.max(TIER_1_BURST, PER_MINUTE[tier]), PER_MINUTE[tier] / 60);
      const forChannel = take(`${method} ${channel}`, POST_BURST, 1);
      return forChannel > 0 ? forChannel : take(method, POSTS_PER_MINUTE, POSTS_PER_MINUTE / 60);
    },
  };
}
