/** What the Slack side needs from the rest of the bot to name deputies. */
import type { DeputyOrder, Deputyship } from "../domain/deputy.ts";

export interface DeputyDesk {
  /** Durable once it returns; the same order counts once. `ended`: whose right it ended. */
  order(order: DeputyOrder): Promise<{ ended: Deputyship | null }>;
  /** In force now, the first to end first. */
  inForce(): Promise<Deputyship[]>;
}
