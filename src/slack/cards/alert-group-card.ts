/** One message for many alerts: a storm, or what was held back. Pure. */
import type { AlertRecord, GroupReason } from "../../domain/alert-display.ts";
import { bySeverity, isOpen } from "../../domain/alert-life.ts";
import { COMMAND } from "../ids.ts";
import { LIMITS, moment } from "../limits.ts";
import { alertButtons, HELD_WORDS, headWords, markOf, stateLines, titleOf } from "./alert-card.ts";
import { context, header, type Message, section } from "./blocks.ts";

const SHOWN = 12;

export interface GroupCard {
  id: string;
  reason: GroupReason;
  members: readonly AlertRecord[];
  draw: number;
  notice: string | null;
}

export function alertGroupCard({ id, reason, members, draw, notice }: GroupCard): Message {
  const open = members.filter(isOpen).toSorted(bySeverity);
  const block = (part: string) => `alerts_${draw}_${part}`;
  const title = titleFor(reason, { open: open.length, total: members.length });
  const closed = members.filter((alert) => !isOpen(alert));
  const shown = [...open, ...closed].slice(0, SHOWN).map(lineOf);
  const hidden = Math.max(0, open.length - SHOWN);
  const events = members.reduce((sum, alert) => sum + alert.count, 0);
  const tally = [
    `${events === 1 ? "1 event" : `${events} events`} so far`,
    ...(closed.length > 0 && open.length > 0 ? [`${closed.length} of ${members.length} over already`] : []),
    ...(hidden > 0 ? [`${hidden} more are not shown; \`${COMMAND} alerts\` lists the open ones`] : []),
  ];
  const state = open.every((alert) => alert.state.kind === "acknowledged") ? "acknowledged" : "firing";
  return {
    text: `${title}. ${open
      .slice(0, 3)
      .map((alert) => titleOf(alert, 80))
      .join("; ")}`.trim(),
    blocks: [
      header(block("title"), title),
      ...inSections(shown).map((text, index) => section(block(`list_${index}`), text)),
      context(block("tally"), tally.join(" · ")),
      ...(notice === null || open.length === 0 ? [] : [context(block("notice"), notice)]),
      ...(open.length === 0
        ? []
        : [
            alertButtons(
              { id, state: { kind: state } },
              { blockId: block("actions"), label: title, all: true },
            ),
          ]),
    ],
  };
}

/** A cut inside a line would show the bare signs of a date or of bold type; each is far shorter than a section. */
function inSections(lines: readonly string[]): string[] {
  const sections: string[] = [];
  for (const line of lines) {
    const joined = `${sections.at(-1) ?? ""}\n${line}`;
    if (sections.length > 0 && joined.length <= LIMITS.sectionText) sections[sections.length - 1] = joined;
    else sections.push(line);
  }
  return sections;
}

function lineOf(alert: AlertRecord): string {
  const count = alert.count > 1 ? `, seen ${alert.count} times` : "";
  const line = `${markOf(alert)} *${headWords(alert)}: ${titleOf(alert, 120)}*`;
  if (alert.state.kind === "firing") return `${line}, since ${moment(alert.openedAt)}${count}`;
  return `${line}${count}\n${stateLines(alert)[0] ?? ""}`;
}

function titleFor(reason: GroupReason, { open, total }: { open: number; total: number }): string {
  const problems = total === 1 ? "1 problem" : `${total} problems`;
  if (open === 0) return total === 1 ? "The problem is over" : `All ${problems} are over`;
  if (reason === "storm")
    return total === 1 ? "1 more problem in a short time" : `${problems} in a short time`;
  return `${problems} came up ${HELD_WORDS[reason]}`;
}

/** A reply in the thread. */
export function groupNoteText({ critical, lapsed }: { critical: number; lapsed: number }): string {
  const joined = critical === 1 ? "One critical problem is" : `${critical} critical problems are`;
  const lines = [
    ...(critical > 0 ? [`${joined} new in this list, or back.`] : []),
    ...(lapsed > 0
      ? [
          lapsed === 1
            ? "One of these was acknowledged or snoozed, and is still there."
            : `${lapsed} of these were acknowledged or snoozed, and are still there.`,
        ]
      : []),
  ];
  return lines.join("\n");
}
