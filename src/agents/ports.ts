/** What the Claude adapter needs from the store. */
import type { CallUsage } from "../domain/analysis.ts";

/** Money: reserved before a request, settled after it, so that the cap holds with many requests in flight. */
export interface SpendLedger {
  /** False when the reservation would pass the daily cap; then nothing may be sent. */
  reserve(
    key: string,
    call: { step: string; model: string; itemId: string; estimateUsd: number; adviser?: string },
  ): Promise<boolean>;
  settle(key: string, usage: CallUsage): Promise<void>;
  /** The request failed without being billed. */
  release(key: string): Promise<void>;
}
