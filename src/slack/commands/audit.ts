/** `/emm audit <decision> [file]`: everything that happened to it, for approvers and operators. */
import { readDecisionQuery } from "../../domain/decision-query.ts";
import type { AuditDesk } from "../audit-ports.ts";
import { AUDIT_FILE_STARTED, AUDIT_USAGE, auditText, noneText, severalText } from "../cards/audit.ts";
import { NO_DM } from "../cards/export.ts";
import type { Gate } from "../gate.ts";
import type { Outbound } from "../outbound.ts";
import type { AuditTrail } from "../ports.ts";
import type { CommandHandler, CommandRequest } from "./emm.ts";

export interface AuditDeps {
  desk: AuditDesk;
  gate: Gate;
  audit: AuditTrail;
  outbound: Pick<Outbound, "openDm">;
}

/** The last word, when more than that was written. */
const AS_FILE = /^(.*\S)\s+file$/is;

export function audit(deps: AuditDeps): CommandHandler {
  const { desk, gate } = deps;
  return async (request) => {
    const { userId, teamId } = request;
    const wanted = AS_FILE.exec(request.text)?.[1];
    const typed = wanted ?? request.text;
    const attempt = { role: "review", userId, teamId, action: "audit.read", subject: "audit" } as const;
    const permission = await gate.pass(attempt);
    if (!permission.ok) return permission.reason;
    const query = readDecisionQuery(typed);
    if (query === null) return AUDIT_USAGE;
    const found = await desk.search(query);
    const [first] = found;
    if (first === undefined) return noneText(typed, await desk.latest());
    if (found.length > 1) return severalText(found);
    return wanted === undefined ? tell(deps, request, first.id) : sendFile(deps, request, first.id);
  };
}

async function tell({ desk, audit: trail }: AuditDeps, { userId }: CommandRequest, id: string) {
  const life = await desk.life(id);
  if (life === null) return AUDIT_USAGE;
  const entry = { actor: userId, action: "audit.read", outcome: "done", detail: "" } as const;
  await trail.record({ ...entry, subject: life.decision.id });
  return auditText(life);
}

async function sendFile({ desk, outbound }: AuditDeps, { userId, triggerId }: CommandRequest, id: string) {
  const channel = await outbound.openDm(userId);
  if (channel === null) return NO_DM;
  await desk.sendFile({ id: triggerId, userId, channel, decisionId: id });
  return AUDIT_FILE_STARTED;
}
