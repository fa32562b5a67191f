/** What deciding several at once needs from the world. */
import type { BatchEnded, BatchItem, BatchOrder } from "../domain/batch.ts";
import type { Person } from "../domain/decision.ts";

export interface BatchDoor {
  /** Whether they may decide this one; a refusal is audited. `fresh` asks Slack again. */
  may(
    order: BatchOrder,
    item: BatchItem,
    how: { fresh: boolean },
  ): Promise<{ ok: true; person: Person } | { ok: false; reason: string }>;
  /** In the form, while it waits for that; else directly, once per order. */
  tell(order: BatchOrder, ended: BatchEnded[]): Promise<void>;
}
