/** Posts and keeps true what the bot says about its own operation: maintenance and digests. */
import type { Digest } from "../domain/digest.ts";
import type { MessageRef } from "../domain/item.ts";
import type { Maintenance } from "../domain/maintenance.ts";
import { digestCard } from "./cards/digest-card.ts";
import { maintenanceCard } from "./cards/maintenance-card.ts";
import type { ReaderSettings } from "./operations-ports.ts";
import type { Outbound } from "./outbound.ts";
import { updateUnlessGone } from "./update-unless-gone.ts";

interface OperationsBoardOptions {
  outbound: Pick<Outbound, "post" | "update">;
  decisionsChannel: string;
  alertsChannel: string;
  reader: ReaderSettings;
}

export function createOperationsBoard(options: OperationsBoardOptions) {
  const { outbound, decisionsChannel, alertsChannel, reader } = options;
  return {
    postMaintenance: (maintenance: Maintenance): Promise<MessageRef> =>
      outbound.post({
        // A store that is restored from a backup gives an id again that was in use after it.
        key: `maintenance:${maintenance.id}:${maintenance.startedAt}`,
        channels: [alertsChannel, decisionsChannel],
        message: () => maintenanceCard(maintenance),
      }),
    /** A card that somebody deleted, with its channel or alone, is not posted again. */
    async updateMaintenance(maintenance: Maintenance): Promise<void> {
      const { card, rev } = maintenance;
      const message = maintenanceCard(maintenance);
      if (card) await updateUnlessGone(outbound, { ref: card, version: rev, message });
    },
    postDigest: (key: string, digest: Digest): Promise<MessageRef> =>
      outbound.post({
        key,
        channels: [decisionsChannel, alertsChannel],
        message: () => digestCard(digest, reader),
      }),
  };
}
