/** Brings the history of a decision to one person as a file, or says why there is none. */
import type { AuditCourier } from "../workflows/audit-ports.ts";
import { auditFileComment, auditFileFailed, auditFileUnconfirmed } from "./cards/audit.ts";
import { textMessage } from "./cards/blocks.ts";
import type { Outbound } from "./outbound.ts";

export function createAuditCourier(
  outbound: Pick<Outbound, "post" | "uploadFile" | "shareFile">,
): AuditCourier {
  return {
    upload: outbound.uploadFile,
    share: ({ id, name, channel, title }) =>
      outbound.shareFile({ id, title: name, channel, comment: auditFileComment(title) }),
    async say(key, channel, failure) {
      const text = failure === null ? auditFileUnconfirmed() : auditFileFailed(failure);
      await outbound.post({ key, channels: [channel], message: () => textMessage(text) });
    },
  };
}
