/**
 * The life of an alert, as pure rules: firing → acknowledged or snoozed → resolved, and back when it returns. A case is
 * one problem: its latest episode and who reports it now. Every rule takes a case and gives the next one; who calls them,
 * and that nobody else does meanwhile, is the store's business.
 */
import { createHash } from "node:crypto";
import type { AlertEnd, AlertSignal, Severity } from "./alert.ts";
import type { Person } from "./decision.ts";

/** What one source says about a problem. */
export interface AlertReport {
  source: string;
  severity: Severity;
  title: string;
  detail: string;
  url: string | null;
  lastAt: string;
  /** Not repeated by then, it no longer holds; null = until it is taken back. */
  freshUntil: string | null;
}

export type AlertState =
  | { kind: "firing" }
  /** Somebody cares for it; it opens again when it is still there at `until`. */
  | { kind: "acknowledged"; by: Person; at: string; until: string }
  | { kind: "snoozed"; by: Person; at: string; until: string }
  /** `unseen`: nobody said that it is over, but nobody reports it any more. `by` for `by-hand`. */
  | { kind: "resolved"; at: string; how: "ended" | "unseen" | "by-hand"; by: Person | null; detail: string };

export interface Alert {
  /** Of this episode; what buttons carry. */
  id: string;
  key: string;
  /** Grows when the problem comes back long after it was over: that is another message. */
  episode: number;
  severity: Severity;
  title: string;
  detail: string;
  url: string | null;
  state: AlertState;
  openedAt: string;
  lastAt: string;
  /** Events of this episode. */
  count: number;
  /** How often it came back soon after it was over. */
  returns: number;
  /** Acknowledgements and snoozes that ran out while it was still there. */
  lapses: number;
  /** Whose acknowledgement or snooze ran out last. */
  lapsed: { kind: "acknowledged" | "snoozed"; by: Person } | null;
  /** Sources that see it now. */
  reporters: number;
  /** Grows with every change that a reader could see. */
  rev: number;
  /** `rev` of the last change that is more than another count. */
  loudRev: number;
}

/** `alert` is the latest episode; null = never seen. */
export interface AlertCase {
  alert: Alert | null;
  reports: AlertReport[];
}

/** A problem that is back within this time of its end is the same one. */
export const FLAP_MS = 30 * 60_000;

const RANK: Record<Severity, number> = { info: 0, warning: 1, critical: 2 };

export function isOpen(alert: Alert): boolean {
  return alert.state.kind !== "resolved";
}

export function isWorse(severity: Severity, than: Severity): boolean {
  return RANK[severity] > RANK[than];
}

/** Worst first, then oldest. */
export function bySeverity(
  a: Pick<Alert, "severity" | "openedAt">,
  b: Pick<Alert, "severity" | "openedAt">,
): number {
  return RANK[b.severity] - RANK[a.severity] || Date.parse(a.openedAt) - Date.parse(b.openedAt);
}

export function raised(found: AlertCase, signal: AlertSignal, now: Date): AlertCase {
  const at = now.toISOString();
  const known = found.reports.find((report) => report.source === signal.source);
  const isRenewal = signal.freshForMs !== undefined && known !== undefined && holds(known, now);
  const report: AlertReport = {
    source: signal.source,
    severity: signal.severity,
    title: signal.title,
    detail: signal.detail,
    url: signal.url,
    lastAt: at,
    freshUntil:
      signal.freshForMs === undefined ? null : new Date(now.getTime() + signal.freshForMs).toISOString(),
  };
  const others = found.reports.filter((one) => one.source !== signal.source && holds(one, now));
  const reports = [...others, report];
  const seen = { lastAt: at, ...summary(reports) };
  const { alert } = found;
  if (alert === null || isLongOver(alert, now)) {
    return { alert: firstSeen({ ...seen, key: signal.key, episode: (alert?.episode ?? 0) + 1 }), reports };
  }
  const counted = isRenewal ? alert.count : alert.count + 1;
  const reopened = isOpen(alert) ? alert : { ...alert, returns: alert.returns + 1, state: FIRING };
  // An acknowledgement was for what was known then.
  const isSoothed = reopened.state.kind === "acknowledged" || reopened.state.kind === "snoozed";
  const state = isSoothed && isWorse(seen.severity, alert.severity) ? FIRING : reopened.state;
  const next = review({ ...reopened, ...seen, state, count: counted }, now);
  return { alert: revised(alert, next), reports };
}

/** One source no longer sees it. */
export function ended(found: AlertCase, end: Omit<AlertEnd, "key">, now: Date): AlertCase {
  const { alert } = found;
  const isKnown = found.reports.some((report) => report.source === end.source);
  if (alert === null || !isKnown) return passed(found, now);
  const reports = found.reports.filter((report) => report.source !== end.source && holds(report, now));
  const state: AlertState = {
    kind: "resolved",
    at: now.toISOString(),
    how: "ended",
    by: null,
    detail: end.detail ?? "",
  };
  return { alert: revised(alert, settled({ alert, reports, now, state })), reports };
}

/** Time went by: reports fade, acknowledgements and snoozes run out. */
export function passed(found: AlertCase, now: Date): AlertCase {
  const { alert } = found;
  const reports = found.reports.filter((report) => holds(report, now));
  if (alert === null) return { alert, reports };
  const state: AlertState = {
    kind: "resolved",
    at: now.toISOString(),
    how: "unseen",
    by: null,
    detail: "",
  };
  return { alert: revised(alert, settled({ alert, reports, now, state })), reports };
}

export type AlertAct = { kind: "acknowledge" | "snooze"; until: string } | { kind: "resolve" };

export type AlertActResult =
  | { kind: "done" }
  /** It stands so already; nothing changed. */
  | { kind: "already"; state: AlertState }
  /** It is being watched and is still there: it ends by itself, not by saying so. */
  | { kind: "still-seen"; source: string; lastAt: string }
  | { kind: "not-found" };

export interface Acting {
  by: Person;
  now: Date;
}

export function acted(
  found: AlertCase,
  act: AlertAct,
  { by, now }: Acting,
): { result: AlertActResult; next: AlertCase } {
  const current = passed(found, now);
  const { alert } = current;
  if (alert === null) return { result: { kind: "not-found" }, next: current };
  const refuse = (result: AlertActResult) => ({ result, next: current });
  if (!isOpen(alert)) return refuse({ kind: "already", state: alert.state });
  const at = now.toISOString();
  const done = (state: AlertState, reports: AlertReport[]) => ({
    result: { kind: "done" as const },
    next: { alert: revised(alert, { ...alert, state, reporters: reports.length }), reports },
  });
  switch (act.kind) {
    case "acknowledge":
      if (alert.state.kind === "acknowledged") return refuse({ kind: "already", state: alert.state });
      return done({ kind: "acknowledged", by, at, until: act.until }, current.reports);
    case "snooze":
      return done({ kind: "snoozed", by, at, until: act.until }, current.reports);
    case "resolve": {
      const watcher = current.reports.find((report) => report.freshUntil !== null);
      if (watcher !== undefined) {
        return refuse({ kind: "still-seen", source: watcher.source, lastAt: watcher.lastAt });
      }
      return done({ kind: "resolved", at, how: "by-hand", by, detail: "" }, []);
    }
  }
}

/** The next moment at which `passed` could change something; null = never by itself. */
export function nextReviewAt({ alert, reports }: AlertCase): Date | null {
  if (alert === null || !isOpen(alert)) return null;
  const moments = reports.flatMap(({ freshUntil }) => (freshUntil === null ? [] : [Date.parse(freshUntil)]));
  if (alert.state.kind === "acknowledged" || alert.state.kind === "snoozed") {
    moments.push(Date.parse(alert.state.until));
  }
  return moments.length === 0 ? null : new Date(Math.min(...moments));
}

const FIRING: AlertState = { kind: "firing" };

function holds(report: AlertReport, now: Date): boolean {
  return report.freshUntil === null || Date.parse(report.freshUntil) > now.getTime();
}

function isLongOver({ state }: Alert, now: Date): boolean {
  return state.kind === "resolved" && now.getTime() - Date.parse(state.at) >= FLAP_MS;
}

type Summary = Pick<Alert, "severity" | "title" | "detail" | "url" | "reporters">;

/** In the words of whoever sees it worst, the latest of them. */
function summary(reports: AlertReport[]): Summary {
  const [worst] = reports.toSorted(
    (a, b) => RANK[b.severity] - RANK[a.severity] || Date.parse(b.lastAt) - Date.parse(a.lastAt),
  );
  const { severity = "info", title = "", detail = "", url = null } = worst ?? {};
  return { severity, title, detail, url, reporters: reports.length };
}

function firstSeen(seen: Summary & Pick<Alert, "key" | "episode" | "lastAt">): Alert {
  return {
    ...seen,
    // Rows are forgotten one day and their messages are not: the moment keeps this from ever being an old one's.
    id: `${createHash("sha256").update(seen.key).digest("hex").slice(0, 16)}-${Date.parse(seen.lastAt).toString(36)}`,
    state: FIRING,
    openedAt: seen.lastAt,
    count: 1,
    returns: 0,
    lapses: 0,
    lapsed: null,
    rev: 1,
    loudRev: 1,
  };
}

interface Settling {
  alert: Alert;
  reports: AlertReport[];
  now: Date;
  /** How it ends, when nobody is left who sees it. */
  state: AlertState;
}

function settled({ alert, reports, now, state }: Settling): Alert {
  if (!isOpen(alert)) return alert;
  if (reports.length === 0) return { ...alert, state, reporters: 0 };
  return review({ ...alert, ...summary(reports) }, now);
}

function review(alert: Alert, now: Date): Alert {
  const { state } = alert;
  if (state.kind !== "acknowledged" && state.kind !== "snoozed") return alert;
  if (Date.parse(state.until) > now.getTime()) return alert;
  return {
    ...alert,
    state: FIRING,
    lapses: alert.lapses + 1,
    lapsed: { kind: state.kind, by: state.by },
  };
}

/** "no poll for 245 s" and "no poll for 260 s" say the same. */
export function withoutNumbers(text: string): string {
  return text.replace(/\d+([.,]\d+)*/g, "#");
}

/** Counts the revision up when somebody who reads it would see a difference. */
function revised(before: Alert, after: Alert): Alert {
  const rev = before.rev + 1;
  const isLoud =
    before.severity !== after.severity ||
    withoutNumbers(before.title) !== withoutNumbers(after.title) ||
    JSON.stringify(before.state) !== JSON.stringify(after.state) ||
    before.returns !== after.returns;
  if (isLoud) return { ...after, rev, loudRev: rev };
  const isQuiet =
    before.count !== after.count ||
    before.title !== after.title ||
    before.detail !== after.detail ||
    before.url !== after.url ||
    before.reporters !== after.reporters;
  return isQuiet ? { ...after, rev } : after;
}
