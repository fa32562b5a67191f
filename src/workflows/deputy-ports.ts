/** What naming deputies needs from the world. */
import type { DeputyOrder, Deputyship } from "../domain/deputy.ts";

export interface DeputyBook {
  /** Once for each order. */
  note(order: DeputyOrder): Promise<void>;
  /** When this person gave their last order; ISO 8601, UTC. */
  lastOrder(principalId: string): Promise<string | null>;
  inForce(now: Date): Promise<Deputyship[]>;
  /** What stood just before this order; null = nobody. */
  before(order: DeputyOrder): Promise<Deputyship | null>;
}

export interface DeputyWall {
  /** To the deputy, directly; once for each order. */
  tellNamed(deputyship: Deputyship): Promise<void>;
  tellEnded(order: Pick<DeputyOrder, "id">, ended: Deputyship): Promise<void>;
}
