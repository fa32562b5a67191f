/** An incident from its opening to its post-mortem: what is kept of it, and what it took. Pure. */
import { DAY_MS, HOUR_MS } from "./calendar.ts";
import type { Person } from "./decision.ts";
import { durationWords } from "./duration.ts";
import type { MessageRef } from "./item.ts";

export const INCIDENT_SEVERITIES = ["P1", "P2", "P3", "P4"] as const;
export type IncidentSeverity = (typeof INCIDENT_SEVERITIES)[number];

export const SEVERITY_WORDS: Record<IncidentSeverity, string> = {
  P1: "nothing works",
  P2: "an important part is down",
  P3: "it works, but badly",
  P4: "a nuisance",
};

/** What opens one. `key` names the order: the same one opens one incident. */
export interface IncidentOrder {
  key: string;
  severity: IncidentSeverity;
  title: string;
  text: string;
  by: Person;
}

/** What people do to an open one. */
export interface IncidentAct {
  key: string;
  by: Person;
  kind: "update" | "owner" | "mitigated" | "closed";
  /** As typed; may be empty but for an update. */
  text: string;
  /** For `owner`. */
  owner?: Person;
}

export interface Incident {
  /** Running number; what people call it by. */
  id: number;
  severity: IncidentSeverity;
  title: string;
  openedBy: Person;
  /** ISO 8601, UTC, like every moment here. */
  openedAt: string;
  owner: Person | null;
  /** When it first had an owner. */
  ownedAt: string | null;
  /** When a person said that nobody feels it any more. */
  mitigatedAt: string | null;
  closed: { by: Person; at: string } | null;
  /** In Notion, once written. */
  postMortemUrl: string | null;
  /** Why the post-mortem cannot be written. */
  problem: string | null;
  card: MessageRef | null;
  cardUrl: string | null;
  /** Grows with every change; the card is stale while cardRev < rev. */
  rev: number;
  cardRev: number;
}

export type TimelineKind =
  | "opened"
  | "update"
  | "owner"
  | "mitigated"
  | "closed"
  | "alert-raised"
  | "alert-acknowledged"
  | "alert-snoozed"
  | "alert-resolved"
  | "deploy";

/** What others saw while it was open; the same key is the same fact, however often it is seen. */
export interface TimelineFact {
  key: string;
  at: string;
  kind: TimelineKind;
  /** What it is about, e.g. the alert's id; pairs what was raised with what was resolved. */
  subject: string | null;
  by: Person | null;
  /** Plain text of people, alerts and platforms: foreign. */
  text: string;
}

/** What led to it is often just before it. */
export const LOOK_BACK_MS = 30 * 60_000;

export function isOpenIncident({ closed }: Incident): boolean {
  return closed === null;
}

export function incidentName({ id, severity }: Pick<Incident, "id" | "severity">): string {
  return `${severity} incident #${id}`;
}

/** Oldest first. */
export function inOrder<T extends TimelineFact>(facts: readonly T[]): T[] {
  return facts.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** null = it did not happen, or nobody noted it. */
export interface IncidentTimes {
  /** The first alert that was noted, whether it has to do with it or not. */
  firstAlertAt: string | null;
  openedAt: string;
  /** Somebody took it, or an alert of it. */
  acknowledgedAt: string | null;
  mitigatedAt: string | null;
  /** "alerts": nobody said so, but every alert of it is over. */
  mitigatedBy: "person" | "alerts" | null;
  resolvedAt: string | null;
  /** Alerts that are still up. */
  unresolved: number;
}

export function timesOf(incident: Incident, facts: readonly TimelineFact[]): IncidentTimes {
  const ofKind = (kind: TimelineKind) => inOrder(facts.filter((fact) => fact.kind === kind));
  const raised = ofKind("alert-raised");
  const ends = ofKind("alert-resolved");
  const endOf = (alert: TimelineFact) => ends.findLast((end) => end.subject === alert.subject)?.at ?? null;
  const unresolved = raised.filter((alert) => endOf(alert) === null).length;
  const lastEnd = raised.map(endOf).toSorted(byTime).at(-1) ?? null;
  // What was over before somebody opened it has ended no more than an alert.
  const areAlertsOver =
    lastEnd !== null && unresolved === 0 && Date.parse(lastEnd) >= Date.parse(incident.openedAt);
  return {
    firstAlertAt: raised[0]?.at ?? null,
    openedAt: incident.openedAt,
    acknowledgedAt: earliest(incident.ownedAt, ofKind("alert-acknowledged")[0]?.at ?? null),
    mitigatedAt: incident.mitigatedAt ?? (areAlertsOver ? lastEnd : null),
    mitigatedBy: incident.mitigatedAt !== null ? "person" : areAlertsOver ? "alerts" : null,
    resolvedAt: incident.closed?.at ?? null,
    unresolved,
  };
}

function byTime(a: string | null, b: string | null): number {
  return Date.parse(a ?? "") - Date.parse(b ?? "");
}

function earliest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) <= Date.parse(b) ? a : b;
}

/** "2 days 3 h", "1 h 8 min", "4 min", "less than a minute". */
export function elapsedWords(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  const days = Math.floor(ms / DAY_MS);
  if (!(days >= 1)) return durationWords(ms);
  const hours = Math.floor((ms % DAY_MS) / HOUR_MS);
  return `${days === 1 ? "1 day" : `${days} days`}${hours > 0 ? ` ${hours} h` : ""}`;
}

/** What each step took, one plain sentence each; what is not known is said so. */
export function durationLines(times: IncidentTimes): { label: string; words: string }[] {
  const { firstAlertAt, openedAt, acknowledgedAt, mitigatedAt, mitigatedBy, resolvedAt } = times;
  const wasFirst = firstAlertAt !== null && Date.parse(firstAlertAt) < Date.parse(openedAt);
  const after = (at: string) =>
    Date.parse(at) <= Date.parse(openedAt)
      ? "before it was opened"
      : `${elapsedWords(openedAt, at)} after the opening`;
  return [
    {
      label: "First alert",
      words: wasFirst
        ? `${elapsedWords(firstAlertAt, openedAt)} before the opening (may be unrelated)`
        : "none before the opening",
    },
    { label: "Acknowledged", words: acknowledgedAt === null ? "not noted" : after(acknowledgedAt) },
    {
      label: "Mitigated",
      words:
        mitigatedAt === null
          ? "not noted"
          : `${after(mitigatedAt)}${mitigatedBy === "alerts" ? " (when the last alert ended)" : ""}`,
    },
    { label: "Resolved", words: resolvedAt === null ? "not yet" : after(resolvedAt) },
  ];
}
