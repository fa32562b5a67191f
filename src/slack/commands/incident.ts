/** `/emm incident`: opens, follows and closes an incident. For operators. */
import type { Person } from "../../domain/decision.ts";
import type { Incident } from "../../domain/incident.ts";
import { type IncidentOrder, readIncidentOrder } from "../../domain/incident-order.ts";
import {
  INELIGIBLE_OWNER,
  incidentDone,
  incidentIsClosed,
  incidentOpened,
  incidentProblem,
  noIncidentOpen,
  noSuchIncident,
  openIncidentsText,
  UNKNOWN_OWNER,
  unknownIncidentWord,
  whichIncident,
} from "../cards/incident-answers.ts";
import type { Directory } from "../directory.ts";
import type { Gate } from "../gate.ts";
import type { IncidentDesk } from "../incident-ports.ts";
import { cleanText } from "../limits.ts";
import type { AuditEntry, AuditTrail } from "../ports.ts";
import type { CommandHandler, CommandRequest } from "./emm.ts";

export interface IncidentDeps {
  desk: IncidentDesk;
  gate: Gate;
  audit: AuditTrail;
  directory: Pick<Directory, "memberOf">;
  alertsChannel: string;
  now: () => Date;
}

type Change = Extract<IncidentOrder, { kind: "update" | "owner" | "mitigated" | "close" }>;

export function incident(deps: IncidentDeps): CommandHandler {
  return async (request) => {
    const order = readIncidentOrder(cleanText(request.text));
    if (order.kind === "unknown") return unknownIncidentWord(order.word);
    if (order.kind === "problem") return incidentProblem(order.word, order.problem);
    const { userId, teamId } = request;
    const subject = "number" in order && order.number !== null ? String(order.number) : "incidents";
    const attempt = { role: "operate", userId, teamId, action: `incident.${order.kind}`, subject } as const;
    const permission = await deps.gate.pass(attempt);
    if (!permission.ok) return permission.reason;
    const by = permission.person;
    switch (order.kind) {
      case "list":
        return openIncidentsText(await deps.desk.open(), deps.now());
      case "open": {
        const { severity, title, text } = order;
        const opened = await deps.desk.begin({ key: keyOf(request), severity, title, text, by });
        await record(deps, request, { kind: order.kind, incident: opened });
        return incidentOpened(opened, deps.alertsChannel);
      }
      default:
        return change(deps, request, { order, by });
    }
  };
}

/** The trigger is new with every command and the same when it is sent again. */
function keyOf({ triggerId }: CommandRequest): string {
  return `slack:${triggerId}`;
}

async function change(
  deps: IncidentDeps,
  request: CommandRequest,
  { order, by }: { order: Change; by: Person },
): Promise<string> {
  const chosen = await choose(deps, order);
  if (typeof chosen === "string") return chosen;
  const owner = order.kind === "owner" ? await ownerIn(deps, request, { order, by }) : null;
  if (typeof owner === "string") return owner;
  const kind = order.kind === "close" ? ("closed" as const) : order.kind;
  const act = { key: keyOf(request), by, kind, text: order.text, ...(owner === null ? {} : { owner }) };
  const changed = await deps.desk.act(chosen.id, act);
  if (changed === null) return incidentIsClosed(chosen);
  await record(deps, request, { kind: order.kind, incident: changed });
  return incidentDone(kind, changed);
}

/** The incident that is meant, or why none can be. */
async function choose({ desk, now }: IncidentDeps, order: Change): Promise<Incident | string> {
  if (order.number !== null) {
    const named = await desk.find(order.number);
    if (named === null) return noSuchIncident(order.number);
    return named.closed === null ? named : incidentIsClosed(named);
  }
  const open = await desk.open();
  const [only] = open;
  if (only === undefined) return noIncidentOpen();
  return open.length === 1 ? only : whichIncident(open, order.kind, now());
}

/** Whoever is named, as Slack knows them; a name that anybody can take is not enough. */
async function ownerIn(
  { directory }: IncidentDeps,
  { mentioned }: CommandRequest,
  { order, by }: { order: Change; by: Person },
): Promise<Person | string> {
  const [named] = mentioned;
  if (named === undefined) return order.text.toLowerCase() === "me" ? by : UNKNOWN_OWNER;
  if (mentioned.length > 1) return UNKNOWN_OWNER;
  const member = await directory.memberOf(named);
  return member.ok ? member.person : INELIGIBLE_OWNER;
}

async function record(
  { audit }: IncidentDeps,
  { userId }: CommandRequest,
  { kind, incident: { id, severity } }: { kind: IncidentOrder["kind"]; incident: Incident },
): Promise<void> {
  const entry: AuditEntry = {
    actor: userId,
    action: `incident.${kind}`,
    subject: String(id),
    outcome: "done",
    detail: severity,
  };
  await audit.record(entry);
}
