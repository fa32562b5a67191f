/** The check before what every full member of the workspace may do. Refusals are audited. */
import { refusalSentence } from "./cards/notes.ts";
import type { Directory, Permission } from "./directory.ts";
import type { AuditTrail } from "./ports.ts";

export interface MemberAttempt {
  userId: string;
  /** As the payload names it; absent in some. */
  teamId: string | undefined;
  /** For the audit, e.g. "inbox.capture". */
  action: string;
  subject: string;
}

export type MemberGate = (attempt: MemberAttempt) => Promise<Permission>;

interface MemberGateDeps {
  directory: Pick<Directory, "memberOf" | "identity">;
  audit: AuditTrail;
}

export function createMemberGate({ directory, audit }: MemberGateDeps): MemberGate {
  return async ({ userId, teamId, action, subject }) => {
    let permission = await directory.memberOf(userId);
    if (permission.ok && teamId !== undefined && teamId !== (await directory.identity()).teamId) {
      permission = FOREIGN;
    }
    if (!permission.ok) {
      const detail = permission.refusal.kind;
      await audit.record({ actor: userId, action, subject, outcome: "refused", detail });
    }
    return permission;
  };
}

const RIGHT = { deed: "use this", holders: "Members", setting: "SLACK_APPROVERS" };
const FOREIGN: Permission = {
  ok: false,
  refusal: { kind: "other-team" },
  reason: refusalSentence({ kind: "other-team" }, { right: RIGHT, allowed: [] }),
};
