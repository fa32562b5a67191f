/** What incidents need from the world. */
import type { Person } from "../domain/decision.ts";
import type { Incident, IncidentSeverity, TimelineFact } from "../domain/incident.ts";
import type { MessageRef } from "../domain/item.ts";

export interface IncidentBook {
  find(id: number): Promise<Incident | null>;
  /** Worst first. */
  open(): Promise<Incident[]>;
  timeline(id: number): Promise<TimelineFact[]>;
  behind(untouchedSince: Date): Promise<Incident[]>;
  unwritten(untouchedSince: Date): Promise<number[]>;
  begin(opening: {
    key: string;
    severity: IncidentSeverity;
    title: string;
    by: Person;
    at: Date;
    text: string;
  }): Promise<Incident>;
  change(
    id: number,
    change: { fact: TimelineFact; owner?: Person; isMitigated?: boolean; isClosed?: boolean },
  ): Promise<Incident | null>;
  gather(id: number, facts: readonly TimelineFact[], at: Date): Promise<boolean>;
  claimUntold(id: number, teller: string): Promise<TimelineFact[]>;
  cardPosted(id: number, posted: { card: MessageRef; url: string | null }): Promise<void>;
  cardShows(id: number, rev: number): Promise<void>;
  postMortemWritten(id: number, url: string, at: Date): Promise<unknown>;
  postMortemStuck(id: number, problem: string, at: Date): Promise<unknown>;
}

/** What alerts and deployments did meanwhile. */
export interface IncidentFacts {
  between(from: Date, until: Date): Promise<TimelineFact[]>;
}

/** The alerts channel. */
export interface IncidentWall {
  post(
    incident: Incident,
    timeline: readonly TimelineFact[],
  ): Promise<{ card: MessageRef; url: string | null }>;
  update(incident: Incident, timeline: readonly TimelineFact[]): Promise<void>;
  /** In the thread, once per key. */
  tell(incident: Incident, key: string, facts: readonly TimelineFact[]): Promise<void>;
  /** In the thread: where the post-mortem is. */
  tellPostMortem(incident: Incident): Promise<void>;
}
