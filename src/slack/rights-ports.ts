/** What the Slack side needs to know of who may decide, beyond the lists in the settings. */
import type { Person } from "../domain/decision.ts";
import type { Deputyship } from "../domain/deputy.ts";

export interface DecisionFacts {
  /** Of 10. */
  impact: number;
  requestedBy: string | null;
  /** Who may decide this one too, because nobody did for long: user ids and group ids. */
  escalatedTo: readonly string[];
  /** Whose approvals count already. */
  voters: readonly Person[];
}

/** A failure lets nobody in. */
export interface RightsBook {
  /** By decision; those that are not known are left out. */
  facts(decisionIds: readonly string[]): Promise<ReadonlyMap<string, DecisionFacts>>;
  /** In force now. Never remembered: a right that ended has ended. */
  deputyships(): Promise<readonly Deputyship[]>;
}
