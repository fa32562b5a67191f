/** What `/emm maintenance`, `digest`, `budget` and `stats` need from the rest of the bot. */
import type { BudgetFigures } from "../domain/budget.ts";
import type { Person } from "../domain/decision.ts";
import type { Digest, DigestKind } from "../domain/digest.ts";
import type { DecisionBrief, Figures } from "../domain/figures.ts";
import type { Maintenance } from "../domain/maintenance.ts";

export interface MaintenanceDesk {
  /** The one in force, else the last one; null = there never was one. */
  latest(): Promise<Maintenance | null>;
  /** `isNew` false: one was in force, which has a new end and reason now. */
  begin(order: {
    by: Person;
    durationMs: number;
    reason: string;
  }): Promise<{ maintenance: Maintenance; isNew: boolean }>;
  /** null when none is in force. */
  end(by: Person): Promise<Maintenance | null>;
  /** As last seen, a few seconds ago at most; null = none. */
  inForce(): Maintenance | null;
}

export interface ReportDesk {
  /** What a digest would say now. */
  digest(kind: DigestKind): Promise<Digest>;
  budget(): Promise<BudgetFigures>;
  /** Since midnight in the readers' time zone, newest first. */
  decidedToday(): Promise<DecisionBrief[]>;
  /** One for each span of days, shortest first. */
  stats(): Promise<Figures[]>;
}

/** Where and when readers are. */
export interface ReaderSettings {
  timezone: string;
  /** The Action Pipes in Notion, where every decision is. */
  pipesUrl: string;
}
