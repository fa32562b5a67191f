/** What `/emm incident` needs from the rest of the bot. */
import type { Incident, IncidentAct, IncidentOrder } from "../domain/incident.ts";

export interface IncidentDesk {
  /** Durable once it returns. */
  begin(order: IncidentOrder): Promise<Incident>;
  find(id: number): Promise<Incident | null>;
  /** Worst first. */
  open(): Promise<Incident[]>;
  /** Durable once it returns; null when it is closed already. */
  act(id: number, act: IncidentAct): Promise<Incident | null>;
}
