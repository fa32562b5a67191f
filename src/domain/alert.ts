/** A problem that people are told about. One key is one problem: it is raised often and told once. */

export type Severity = "critical" | "warning" | "info";

export interface AlertSignal {
  /** Names the problem, e.g. "notion-failing"; the same key is the same problem, whoever sees it. */
  key: string;
  severity: Severity;
  /** One line of plain text. */
  title: string;
  /** Plain text: what was seen, and what to do. */
  detail: string;
  /** Who sees it: a replica, or the name of an outside system. It ends when nobody sees it any more. */
  source: string;
  url: string | null;
  /**
   * For conditions that are watched: the source repeats its signal while they hold, which is not counted, and is
   * taken to be gone when it has not done so for this long. Absent = each signal is an event, is counted, and stands
   * until its source or a person takes it back.
   */
  freshForMs?: number;
}

export interface AlertEnd {
  key: string;
  source: string;
  /** Plain text; null when there is nothing to add. */
  detail: string | null;
}

/**
 * Where problems are reported. Both are durable once they return. Repeating a signal makes no second message: it is
 * counted, or renews a condition that is watched (`freshForMs`). Ending what nobody raised does nothing.
 */
export interface Alarm {
  raise(signal: AlertSignal): Promise<void>;
  resolve(end: AlertEnd): Promise<void>;
}
