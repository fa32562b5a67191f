/** What `/emm incident` answers, privately. Inert mrkdwn; every refusal names the fix. */
import { distance } from "fastest-levenshtein";
import { elapsedWords, type Incident, incidentName, SEVERITY_WORDS } from "../../domain/incident.ts";
import { INCIDENT_WORDS } from "../../domain/incident-order.ts";
import { COMMAND } from "../ids.ts";
import { inertLine, link } from "../limits.ts";
import { nameOf } from "./decision-parts.ts";

const NAME = `${COMMAND} incident`;

const USAGE: Record<(typeof INCIDENT_WORDS)[number], string> = {
  list: `• \`${NAME}\`: what is open`,
  open: `• \`${NAME} open <P1, P2, P3 or P4> <title>\`: P1 ${SEVERITY_WORDS.P1}, P2 ${SEVERITY_WORDS.P2}, P3 ${SEVERITY_WORDS.P3}, P4 ${SEVERITY_WORDS.P4}`,
  update: `• \`${NAME} update <what is new>\``,
  owner: `• \`${NAME} owner <@somebody, or me>\``,
  mitigated: `• \`${NAME} mitigated [how]\`: nobody feels it any more`,
  close: `• \`${NAME} close [how it ended]\`: closes it and writes the post-mortem's skeleton to Notion`,
};

export function incidentUsage(): string {
  const lines = INCIDENT_WORDS.map((word) => USAGE[word]);
  return [...lines, "When several are open, say which after the word: `close #3`."].join("\n");
}

export function unknownIncidentWord(typed: string): string {
  const word = typed.toLowerCase().slice(0, 40);
  const [best] = INCIDENT_WORDS.map((name) => ({ name, far: distance(word, name) })).sort(
    (a, b) => a.far - b.far,
  );
  const isNear = best !== undefined && best.far <= Math.max(1, Math.floor(best.name.length / 2));
  const hint = isNear ? ` Did you mean \`${NAME} ${best.name}\`?` : "";
  return `I do not know \`${NAME} ${inertLine(typed, 40).replace(/`/g, "'")}\`.${hint} Nothing was done.\n${incidentUsage()}`;
}

export function incidentProblem(word: (typeof INCIDENT_WORDS)[number], problem: string): string {
  return `${problem} Nothing was done.\n${USAGE[word]}`;
}

export function openIncidentsText(incidents: readonly Incident[], now: Date): string {
  if (incidents.length === 0) return `No incident is open.\n${USAGE.open}`;
  const shown = incidents.slice(0, 10).map((incident) => incidentLine(incident, now));
  const more = incidents.length - shown.length;
  return [
    incidents.length === 1 ? "*1 open incident*" : `*${incidents.length} open incidents, worst first*`,
    ...shown,
    ...(more > 0 ? [`… and ${more} more`] : []),
  ].join("\n");
}

function incidentLine(incident: Incident, now: Date): string {
  const title = link(incident.cardUrl, titleOf(incident));
  const state = incident.mitigatedAt === null ? "open" : "mitigated, open";
  const owner = incident.owner === null ? "nobody owns it" : `owner ${nameOf(incident.owner)}`;
  return `• ${incidentName(incident)}: ${title}, ${state} for ${elapsedWords(incident.openedAt, now.toISOString())}, ${owner}`;
}

function titleOf({ title }: Incident): string {
  return inertLine(title, 150).replace(/\*/g, "∗");
}

export function incidentOpened(incident: Incident, alertsChannel: string): string {
  return [
    `*${incidentName(incident)}* is open: ${titleOf(incident)}`,
    `Its card comes to <#${alertsChannel}>, with a thread in which alerts and deployments are noted from now on.`,
    `Next: \`${NAME} owner me\` (or \`@somebody\`), then \`${NAME} update …\` as you go.`,
  ].join("\n");
}

export function incidentDone(kind: "update" | "owner" | "mitigated" | "closed", incident: Incident): string {
  const done = {
    update: "noted.",
    owner: `the owner is ${incident.owner === null ? "nobody" : nameOf(incident.owner)}.`,
    mitigated: "marked as mitigated.",
    closed:
      "closed. The skeleton of the post-mortem goes to Notion; the link comes into the incident's thread.",
  };
  return `${link(incident.cardUrl, incidentName(incident))}, ${titleOf(incident)}: ${done[kind]}`;
}

export function noIncidentOpen(): string {
  return `No incident is open, so nothing was done.\n${USAGE.open}`;
}

export function whichIncident(incidents: readonly Incident[], word: string, now: Date): string {
  const [first] = incidents;
  return `Which one? Say it with its number, e.g. \`${NAME} ${word} #${first?.id ?? 1} …\`. Nothing was done.\n${openIncidentsText(incidents, now)}`;
}

export function noSuchIncident(number: number): string {
  return `There is no incident #${number}. \`${NAME}\` lists the open ones. Nothing was done.`;
}

export function incidentIsClosed(incident: Incident): string {
  return `${link(incident.cardUrl, incidentName(incident))} is closed already. Nothing was done.`;
}

export const INELIGIBLE_OWNER =
  "Only full members of this workspace can own an incident, and I could not see that this is one. Nothing was done.";

export const UNKNOWN_OWNER =
  "I need one person: type @ and choose a name from Slack's list, or write `me`. Nothing was done.";
