/** Rollbacks in the alerts channel: one card each, kept true, and a word in its thread at the end. */
import { shortName } from "../domain/deployment.ts";
import type { MessageRef } from "../domain/item.ts";
import type { Rollback } from "../domain/rollback.ts";
import type { Log } from "../log.ts";
import { textMessage } from "./cards/blocks.ts";
import { rollbackCard, rollbackEndNote } from "./cards/rollback-card.ts";
import type { Outbound } from "./outbound.ts";
import { updateUnlessGone } from "./update-unless-gone.ts";

export interface RollbackWallOptions {
  outbound: Pick<Outbound, "post" | "update">;
  decisionsChannel: string;
  alertsChannel: string;
  log: Log;
}

export type RollbackWall = ReturnType<typeof createRollbackWall>;

export function createRollbackWall({ outbound, decisionsChannel, alertsChannel, log }: RollbackWallOptions) {
  const channels = [alertsChannel, decisionsChannel];
  return {
    post: (rollback: Rollback): Promise<MessageRef> =>
      outbound.post({ key: `rollback:${rollback.id}`, channels, message: () => rollbackCard(rollback) }),
    async update(rollback: Rollback, card: MessageRef): Promise<void> {
      const message = rollbackCard(rollback);
      const edit = { ref: card, version: rollback.rev, message };
      if ((await updateUnlessGone(outbound, edit)) === "gone") {
        log.warn({ rollback: rollback.id, target: shortName(rollback.target) }, "card was deleted in Slack");
      }
    },
    async tellEnd(rollback: Rollback): Promise<void> {
      const { card } = rollback;
      const place =
        card === null ? { channels } : { channels: [card.channel, ...channels], threadTs: card.ts };
      await outbound.post({
        key: `rollback-end:${rollback.id}`,
        ...place,
        message: () => textMessage(rollbackEndNote(rollback)),
      });
    },
  };
}
