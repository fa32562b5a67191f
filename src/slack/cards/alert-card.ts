/** The message about one problem, from firing to resolved, and the replies in its thread. Pure. */
import type { Severity } from "../../domain/alert.ts";
import type { AlertNote, AlertRecord } from "../../domain/alert-display.ts";
import { isOpen } from "../../domain/alert-life.ts";
import type { Person } from "../../domain/decision.ts";
import { durationWords } from "../../domain/duration.ts";
import { ACTIONS, encodeAlertValue } from "../ids.ts";
import { inert, inertLine, link, mention, moment, oneLine, plainMoment } from "../limits.ts";
import { actions, type Block, button, context, type Message, section } from "./blocks.ts";

const SEVERITY: Record<Severity, { word: string; mark: string }> = {
  critical: { word: "Critical", mark: "🔴" },
  warning: { word: "Warning", mark: "🟠" },
  info: { word: "Note", mark: "🔵" },
};

export function severityWord(severity: Severity): string {
  return SEVERITY[severity].word;
}

/** A sign for the eye; the words say the same. */
export function markOf({ state, severity }: Pick<AlertRecord, "state" | "severity">): string {
  switch (state.kind) {
    case "firing":
      return SEVERITY[severity].mark;
    case "acknowledged":
      return "👀";
    case "snoozed":
      return "💤";
    case "resolved":
      return state.how === "unseen" ? "⚪" : "✅";
  }
}

/** How bad it is, or that it is no more; that nobody reports it does not mean that it is well. */
export function headWords({ state, severity }: Pick<AlertRecord, "state" | "severity">): string {
  if (state.kind !== "resolved") return severityWord(severity);
  return state.how === "unseen" ? "No longer reported" : "Over";
}

/** Inert. */
export function titleOf(alert: Pick<AlertRecord, "title" | "key">, max = 200): string {
  return inertLine(oneLine(alert.title) || alert.key, max).replace(/\*/g, "∗");
}

export function alertCard(alert: AlertRecord, { notice }: { notice: string | null }): Message {
  const id = (part: string) => `alert_${alert.rev}_${part}`;
  const isOver = !isOpen(alert);
  const head = headWords(alert);
  const detail = inert(alert.detail.trim(), 1_500);
  return {
    text: `${head}: ${titleOf(alert)}. ${plainState(alert)}`,
    blocks: [
      section(
        id("head"),
        `${markOf(alert)} *${head}: ${titleOf(alert)}*${detail === "" ? "" : `\n${detail}`}`,
      ),
      context(id("state"), ...stateLines(alert), ...moreLines(alert)),
      ...(notice === null || isOver ? [] : [context(id("notice"), notice)]),
      ...(isOver ? [] : [alertButtons(alert, { blockId: id("actions"), label: titleOf(alert, 60) })]),
    ],
  };
}

interface ButtonPlace {
  blockId: string;
  label: string;
  /** "all" for a message about several. */
  all?: boolean;
}

export function alertButtons(
  { id, state }: { id: string; state: { kind: string } },
  { blockId, label, all = false }: ButtonPlace,
): Block {
  const value = encodeAlertValue({ id });
  const words = all ? " all" : "";
  const acknowledge = button({
    action: ACTIONS.alertAck,
    text: `Acknowledge${words}`,
    value,
    label: `Acknowledge: ${label}`,
    style: "primary",
  });
  return actions(blockId, [
    ...(state.kind === "acknowledged" ? [] : [acknowledge]),
    button({ action: ACTIONS.alertSnooze, text: `Snooze${words}…`, value, label: `Snooze: ${label}` }),
    button({ action: ACTIONS.alertResolve, text: `Resolve${words}`, value, label: `Resolve: ${label}` }),
  ]);
}

/** How it stands, for people: inert mrkdwn. */
export function stateLines({ state, openedAt }: AlertRecord): string[] {
  switch (state.kind) {
    case "firing":
      return [`Firing since ${moment(openedAt)}`];
    case "acknowledged":
      return [
        `Acknowledged by ${nameOf(state.by)}, ${moment(state.at)}; asks again ${moment(state.until)} if it is still there`,
      ];
    case "snoozed":
      return [`Snoozed by ${nameOf(state.by)} until ${moment(state.until)}`];
    case "resolved": {
      const lasted = `it lasted ${durationWords(Date.parse(state.at) - Date.parse(openedAt))}`;
      const why = state.detail.trim() === "" ? "" : ` ${inertLine(state.detail, 300)}`;
      if (state.how === "by-hand")
        return [`Resolved by ${nameOf(state.by)}, ${moment(state.at)}; ${lasted}${why}`];
      if (state.how === "unseen") return [`Nobody reports it any more, ${moment(state.at)}; ${lasted}`];
      return [`Resolved ${moment(state.at)}; ${lasted}.${why}`];
    }
  }
}

function moreLines(alert: AlertRecord): string[] {
  const lines: string[] = [];
  if (alert.count > 1) lines.push(`Seen ${alert.count} times, last ${moment(alert.lastAt)}`);
  if (alert.returns > 0) lines.push(`Came back ${times(alert.returns)}`);
  if (alert.reporters > 1) lines.push(`Reported by ${alert.reporters} sources`);
  if (alert.shown.heldBy !== null) lines.push(`Held back ${HELD_WORDS[alert.shown.heldBy]}`);
  const more = link(alert.url, "More about it");
  return alert.url === null || more === "More about it" ? lines : [...lines, more];
}

export const HELD_WORDS = { "quiet-hours": "during quiet hours", maintenance: "during maintenance" } as const;

export function times(n: number): string {
  return n === 1 ? "once" : n === 2 ? "twice" : `${n} times`;
}

/** For notifications and screen readers. */
function plainState({ state, openedAt }: AlertRecord): string {
  switch (state.kind) {
    case "firing":
      return `Firing since ${plainMoment(openedAt)}.`;
    case "acknowledged":
      return `Acknowledged by ${nameOf(state.by)}.`;
    case "snoozed":
      return `Snoozed by ${nameOf(state.by)} until ${plainMoment(state.until)}.`;
    case "resolved":
      if (state.how === "unseen") return "Nobody reports it any more.";
      return state.how === "by-hand" ? `Resolved by ${nameOf(state.by)}.` : "Resolved.";
  }
}

/** A mention would notify them at every edit. */
function nameOf(person: Person | null): string {
  return inertLine(person?.name ?? "", 80) || "somebody";
}

/** A reply in the thread. Inert mrkdwn. */
export function alertNoteText(alert: AlertRecord, note: AlertNote): string {
  const title = titleOf(alert);
  const detail = inert(alert.detail.trim(), 1_500);
  const seen = note.more > 0 ? ` Seen ${note.more} more ${note.more === 1 ? "time" : "times"}.` : "";
  switch (note.kind) {
    case "worse":
      return `*Now ${severityWord(alert.severity).toLowerCase()}: ${title}.*${seen}\n${detail}`;
    case "lapsed": {
      const { lapsed } = alert;
      const who = lapsed === null ? "Somebody" : personOf(lapsed.by);
      const did = lapsed?.kind === "snoozed" ? "snoozed this" : "acknowledged this";
      return `${who} ${did}, and it is still there: *${title}*.${seen}\n${detail}`;
    }
    case "returned":
      return `It is back: *${title}*.${seen}\n${detail}`;
    case "repeated":
      return `Still there.${seen}${note.more > 0 ? ` ${alert.count} in all.` : ""}\n${detail}`;
  }
}

function personOf(person: Person): string {
  return person.slackId === null ? nameOf(person) : mention(person.slackId);
}

/** The database is gone, or back. */
export function outageText(
  outage: { detail: string; since: string } | { detail: null; since: string; lasted: string },
): string {
  if (outage.detail === null) {
    return `✅ *Over: the database does not answer*\nIt was gone for ${outage.lasted}, from ${moment(outage.since)}. Work goes on where it stopped.`;
  }
  return (
    `🔴 *Critical: the database does not answer*\nSince ${moment(outage.since)}: ${inertLine(outage.detail, 300)}\n` +
    "Nothing is lost, but clicks and commands fail and polls stand still until it is back. Check the database behind `DATABASE_URL`."
  );
}
