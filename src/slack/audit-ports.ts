/** What `/emm audit` needs from the rest of the bot. */
import type { DecisionLife } from "../domain/decision-life.ts";
import type { DecisionQuery } from "../domain/decision-query.ts";

export interface FoundDecision {
  id: string;
  title: string;
  /** ISO 8601, UTC. */
  createdAt: string;
}

export interface AuditDesk {
  /** Newest first; several when what was written fits several. */
  search(query: DecisionQuery): Promise<FoundDecision[]>;
  /** Newest first. */
  latest(): Promise<FoundDecision[]>;
  life(id: string): Promise<DecisionLife | null>;
  /** Brings the file. Durable once it returns; the same order is carried out once. `channel`: the direct message. */
  sendFile(order: { id: string; userId: string; channel: string; decisionId: string }): Promise<void>;
}
