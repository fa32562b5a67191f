/** `/emm maintenance [30m reason | off]`: for operators; how things are, for everybody. */
import { durationWords } from "../../domain/duration.ts";
import { type MaintenanceOrder, readMaintenanceOrder } from "../../domain/maintenance.ts";
import {
  maintenanceBegun,
  maintenanceEnded,
  maintenanceProblem,
  maintenanceStatus,
} from "../cards/maintenance-card.ts";
import type { Directory } from "../directory.ts";
import type { Gate } from "../gate.ts";
import type { MaintenanceDesk } from "../operations-ports.ts";
import type { AuditTrail } from "../ports.ts";
import type { CommandHandler, CommandRequest } from "./emm.ts";

export interface MaintenanceDeps {
  desk: MaintenanceDesk;
  gate: Gate;
  audit: AuditTrail;
  directory: Pick<Directory, "memberOf">;
  now: () => Date;
}

export function maintenance(deps: MaintenanceDeps): CommandHandler {
  return async (request) => {
    const order = readMaintenanceOrder(request.text);
    if (order.kind === "problem") return maintenanceProblem(order.problem);
    if (order.kind !== "status") return change(deps, request, order);
    const member = await deps.directory.memberOf(request.userId);
    return member.ok ? maintenanceStatus(await deps.desk.latest(), deps.now()) : member.reason;
  };
}

async function change(
  { desk, gate, audit }: MaintenanceDeps,
  { userId, teamId }: CommandRequest,
  order: Extract<MaintenanceOrder, { kind: "begin" | "end" }>,
): Promise<string> {
  const action = `maintenance.${order.kind}`;
  const permission = await gate.pass({ role: "operate", userId, teamId, action, subject: "bot" });
  if (!permission.ok) return permission.reason;
  const { person } = permission;
  const record = (subject: string, detail: string) =>
    audit.record({ actor: userId, action, subject, outcome: "done", detail });
  if (order.kind === "end") {
    const ended = await desk.end(person);
    if (ended) await record(`maintenance ${ended.id}`, "ended before its time");
    return maintenanceEnded(ended);
  }
  const begun = await desk.begin({ by: person, durationMs: order.durationMs, reason: order.reason });
  const what = begun.isNew ? "begun" : "changed";
  const detail = `${what}: ${durationWords(order.durationMs)}, until ${begun.maintenance.endsAt}: ${order.reason}`;
  await record(`maintenance ${begun.maintenance.id}`, detail);
  return maintenanceBegun(begun);
}
