/** The card of an incident and what is said in its thread. Pure; every word of people and alerts inert. */
import {
  durationLines,
  elapsedWords,
  type Incident,
  type IncidentSeverity,
  incidentName,
  inOrder,
  SEVERITY_WORDS,
  type TimelineFact,
  timesOf,
} from "../../domain/incident.ts";
import { inert, inertLine, link, mention, moment, oneLine, plainMoment } from "../limits.ts";
import { context, header, type Message, section, textMessage } from "./blocks.ts";
import { nameOf } from "./decision-parts.ts";

const MARK: Record<IncidentSeverity, string> = { P1: "🔴", P2: "🔴", P3: "🟠", P4: "🔵" };
const SHOWN_ENTRIES = 5;
const ENTRY_LENGTH = 300;
/** A reply holds no more; the rest is counted here and whole in the post-mortem. */
const TOLD_ENTRIES = 15;

export interface CardOptions {
  /** null = it is where it belongs. */
  notice: string | null;
}

export function incidentCard(
  incident: Incident,
  timeline: readonly TimelineFact[],
  { notice }: CardOptions,
): Message {
  const id = (part: string) => `incident_${incident.rev}_${part}`;
  const name = incidentName(incident);
  const title = oneLine(incident.title);
  const latest = inOrder(timeline).slice(-SHOWN_ENTRIES);
  const hidden = timeline.length - latest.length;
  const more =
    hidden > 0
      ? `\n… and ${hidden === 1 ? "one entry" : `${hidden} entries`} before them, in the thread`
      : "";
  return {
    text: `${name}: ${inertLine(title, 200)}. ${plainState(incident)}`,
    blocks: [
      header(id("title"), `${name}: ${title}`),
      section(id("state"), [stateLine(incident), ownerLine(incident)].join("\n")),
      section(id("times"), timesText(incident, timeline)),
      section(id("latest"), `*Latest*\n${latest.map(entryLine).join("\n")}${more}`),
      context(id("more"), ...footer(incident)),
      ...(notice === null ? [] : [context(id("notice"), notice)]),
    ],
  };
}

function stateLine({ severity, openedAt, openedBy, mitigatedAt, closed }: Incident): string {
  if (closed !== null) {
    return `✅ *Closed* by ${nameOf(closed.by)}, ${moment(closed.at)}, after ${elapsedWords(openedAt, closed.at)}. It was ${severity}: ${SEVERITY_WORDS[severity]}.`;
  }
  const state = mitigatedAt === null ? "Open" : "Mitigated";
  return `${MARK[severity]} *${state}*, ${severity}: ${SEVERITY_WORDS[severity]}. Opened by ${nameOf(openedBy)}, ${moment(openedAt)}.`;
}

function plainState({ openedAt, closed, mitigatedAt }: Incident): string {
  if (closed !== null) return `Closed ${plainMoment(closed.at)}.`;
  return `${mitigatedAt === null ? "Open" : "Mitigated"} since ${plainMoment(mitigatedAt ?? openedAt)}.`;
}

function ownerLine({ owner, closed }: Incident): string {
  if (owner !== null) return `Owner: ${nameOf(owner)}`;
  return closed === null ? "Owner: nobody yet. `/emm incident owner me` takes it." : "Owner: nobody";
}

function timesText(incident: Incident, timeline: readonly TimelineFact[]): string {
  const lines = durationLines(timesOf(incident, timeline));
  return lines.map(({ label, words }) => `*${label}* ${words}`).join("\n");
}

function entryLine(fact: TimelineFact): string {
  const who = fact.by === null ? "" : ` (${nameOf(fact.by)})`;
  return `• ${moment(fact.at)}: ${entryText(fact, ENTRY_LENGTH)}${who}`;
}

/** A new owner is called by the mention. */
function entryText({ kind, subject, text }: TimelineFact, max: number): string {
  return kind === "owner" && subject !== null ? `Owner: ${mention(subject)}` : inertLine(text, max);
}

function footer(incident: Incident): string[] {
  if (incident.closed === null) {
    return [
      "Alerts, deployments and rollbacks are noted here by themselves.",
      "`/emm incident update`, `owner`, `mitigated` and `close` do the rest (operators).",
    ];
  }
  if (incident.postMortemUrl !== null) return [postMortemLink(incident.postMortemUrl)];
  if (incident.problem === null) return ["The post-mortem is being written to Notion."];
  return [
    `The post-mortem could not be written to Notion yet: ${inert(incident.problem, 600)} Nothing is lost; I keep trying.`,
  ];
}

function postMortemLink(url: string): string {
  return link(url, "Post-mortem in Notion");
}

/** What happened since the last reply. One line of a person stands alone and whole. */
export function timelineReply(facts: readonly TimelineFact[]): Message {
  const ordered = inOrder(facts);
  const [first] = ordered;
  if (first && ordered.length === 1 && first.by !== null) {
    const words = first.kind === "owner" ? entryText(first, ENTRY_LENGTH) : inert(first.text, 2_800);
    return textMessage(`${nameOf(first.by)}: ${words}`);
  }
  const hidden = ordered.length - TOLD_ENTRIES;
  const lines = ordered.slice(0, TOLD_ENTRIES).map(entryLine);
  if (hidden > 0) lines.push(`… and ${hidden} more; all of them will be in the post-mortem`);
  return textMessage(lines.join("\n"));
}

export function postMortemReply(url: string): Message {
  return textMessage(
    `${postMortemLink(url)}: the timeline and the durations are filled in. What happened and why, the open questions and the follow-up tasks are yours to write.`,
  );
}
