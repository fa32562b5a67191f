/** What `/emm incident` needs from the rest of the bot. */
import type { Person } from "../domain/decision.ts";
import type { Incident, IncidentSeverity } from "../domain/incident.ts";

export interface IncidentDesk {
  /** Durable once it returns; the same key opens one incident. */
  begin(order: {
    key: string;
    severity: IncidentSeverity;
    title: string;
    text: string;
    by: Person;
  }): Promise<Incident>;
  find(id: number): Promise<Incident | null>;
  /** Worst first. */
  open(): Promise<Incident[]>;
  /** Durable once it returns; null when it is closed already. */
  act(
    id: number,
    act: {
      key: string;
      by: Person;
      kind: "update" | "owner" | "mitigated" | "closed";
      text: string;
      owner?: Person;
    },
  ): Promise<Incident | null>;
}
