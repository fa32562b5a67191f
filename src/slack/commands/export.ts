/** `/emm export`: what models can learn from past decisions, as a file, for approvers and operators. */
import { EXAMPLE_TYPES } from "../../domain/training-file.ts";
import { EXPORT_STARTED, EXPORT_USAGE, NO_DM } from "../cards/export.ts";
import type { Gate } from "../gate.ts";
import type { Outbound } from "../outbound.ts";
import type { ExportDesk } from "../ports.ts";
import type { CommandHandler } from "./emm.ts";

export interface ExportDeps {
  desk: ExportDesk;
  gate: Gate;
  outbound: Pick<Outbound, "openDm">;
}

export function exportTraining({ desk, gate, outbound }: ExportDeps): CommandHandler {
  return async ({ userId, teamId, triggerId, text }) => {
    const word = text.toLowerCase();
    const only = EXAMPLE_TYPES.find((type) => type === word) ?? null;
    if (word !== "" && only === null) return EXPORT_USAGE;
    const attempt = {
      role: "review",
      userId,
      teamId,
      action: "training.export",
      subject: "training data",
    } as const;
    const permission = await gate.pass(attempt);
    if (!permission.ok) return permission.reason;
    const channel = await outbound.openDm(userId);
    if (channel === null) return NO_DM;
    await desk.start({ id: triggerId, userId, channel, only });
    return EXPORT_STARTED;
  };
}
