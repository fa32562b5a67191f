/** `/emm poll`: looks into the inbox now, for operators. */
import { pollText } from "../cards/health.ts";
import type { Gate } from "../gate.ts";
import type { AuditTrail, Operations } from "../ports.ts";
import type { CommandHandler } from "./emm.ts";

export interface PollDeps {
  operations: Pick<Operations, "pollNow">;
  gate: Gate;
  audit: AuditTrail;
}

export function poll({ operations, gate, audit }: PollDeps): CommandHandler {
  return async ({ userId, teamId, text }) => {
    if (text !== "") return "`/emm poll` takes nothing after it: it looks into the inbox now.";
    const attempt = { role: "operate", userId, teamId, action: "poll.now", subject: "inbox" } as const;
    const permission = await gate.pass(attempt);
    if (!permission.ok) return permission.reason;
    const report = await operations.pollNow();
    const detail = `found ${report.found}, started ${report.started}`;
    await audit.record({ actor: userId, action: "poll.now", subject: "inbox", outcome: "done", detail });
    return pollText(report);
  };
}
