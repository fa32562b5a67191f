/** `/emm doctor`: what is set up wrongly or was never seen to work, for operators. Changes nothing. */
import { doctorMessage, EXAMINING } from "../cards/doctor.ts";
import type { DoctorDesk } from "../doctor-ports.ts";
import type { Gate } from "../gate.ts";
import { within } from "../time-limit.ts";
import type { CommandHandler } from "./emm.ts";

/** Notion alone takes ten seconds: whoever asked hears at once that somebody looks. */
const PATIENCE_MS = 1_000;

export interface DoctorDeps {
  desk: DoctorDesk;
  gate: Pick<Gate, "pass">;
}

export function doctor({ desk, gate }: DoctorDeps): CommandHandler {
  return async ({ userId, teamId, progress }) => {
    const permission = await gate.pass({
      ...{ role: "operate", userId, teamId },
      ...{ action: "doctor.read", subject: "doctor" },
    });
    if (!permission.ok) return permission.reason;
    const examining = desk.examine();
    if ((await within(examining, PATIENCE_MS)) === "late") await progress(EXAMINING);
    return doctorMessage(await examining, desk.versions);
  };
}
