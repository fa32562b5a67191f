/** The skeleton of a post-mortem: what is known filled in, what is not asked for. Plain text, for a Notion property. */
import {
  durationLines,
  elapsedWords,
  type Incident,
  type IncidentTimes,
  incidentName,
  inOrder,
  SEVERITY_WORDS,
  type TimelineFact,
  timesOf,
} from "./incident.ts";

/** More than anybody reads; the rest is counted. */
const TIMELINE_LINES = 400;

export function postMortem(
  incident: Incident,
  facts: readonly TimelineFact[],
): { key: string; title: string; text: string } {
  const times = timesOf(incident, facts);
  const durations = durationLines(times).map(({ label, words }) => `${label}: ${words}.`);
  const sections = [
    [`${incidentName(incident)}: ${incident.title}`, ...summary(incident)],
    ["DURATIONS", ...durations],
    ["TIMELINE (UTC)", ...timeline(facts)],
    ["WHAT HAPPENED AND WHY", "(to be written)"],
    ["OPEN QUESTIONS", ...questions(incident, times, facts).map((question) => `- ${question}`)],
    ["FOLLOW-UP TASKS", "[ ] (task, who, until when)"],
  ];
  return {
    // A store that is restored from a backup gives a number again that was in use after it.
    key: `post-mortem:${incident.id}:${incident.openedAt}`,
    title: `Post-mortem of ${incidentName(incident)}: ${incident.title}`,
    text: sections.map((lines) => lines.join("\n")).join("\n\n"),
  };
}

function summary({ severity, openedBy, openedAt, owner, closed }: Incident): string[] {
  const end =
    closed === null
      ? "Still open."
      : `Closed ${utc(closed.at)} UTC by ${closed.by.name}, after ${elapsedWords(openedAt, closed.at)}.`;
  return [
    `Severity: ${severity} (${SEVERITY_WORDS[severity]}).`,
    `Opened ${utc(openedAt)} UTC by ${openedBy.name}. ${end}`,
    `Owner: ${owner?.name ?? "nobody"}.`,
  ];
}

function timeline(facts: readonly TimelineFact[]): string[] {
  const ordered = inOrder(facts);
  const shown = ordered.slice(0, TIMELINE_LINES).map(({ at, text, by }) => {
    const who = by === null ? "" : ` (${by.name})`;
    return `${utc(at)}  ${text.replace(/\s+/g, " ").trim()}${who}`;
  });
  const more = ordered.length - shown.length;
  return more > 0 ? [...shown, `… and ${more} more entries, until ${utc(ordered.at(-1)?.at ?? "")}`] : shown;
}

/** From what is missing: the answers are people's. */
function questions(incident: Incident, times: IncidentTimes, facts: readonly TimelineFact[]): string[] {
  const hadAlert =
    times.firstAlertAt !== null && Date.parse(times.firstAlertAt) < Date.parse(incident.openedAt);
  const deploys = facts.filter(
    ({ kind, at }) => kind === "deploy" && Date.parse(at) <= Date.parse(incident.openedAt),
  );
  return [
    "What did people notice, and how many of them?",
    hadAlert
      ? "Was the first alert about this incident? If not, which one should have come?"
      : "No alert came before it was opened: which one should have?",
    ...(deploys.length > 0
      ? ["Something was deployed or restarted shortly before it: did that cause it?"]
      : []),
    ...(incident.owner === null ? ["Nobody owned it: who should have?"] : []),
    ...(times.mitigatedAt === null ? ["When did people stop feeling it?"] : []),
    ...(times.unresolved > 0
      ? [
          `${times.unresolved === 1 ? "One alert was" : `${times.unresolved} alerts were`} still up when it was closed: why?`,
        ]
      : []),
    "What would have made it shorter?",
  ];
}

/** YYYY-MM-DD HH:MM. */
function utc(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
}
