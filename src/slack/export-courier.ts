/** Brings an export to one person: the file, or why there is none. Always to their direct message. */
import type { ExportCourier } from "../workflows/ports.ts";
import { textMessage } from "./cards/blocks.ts";
import { EXPORT_UNCONFIRMED, exportComment, exportFailed, nothingToExport } from "./cards/export.ts";
import type { Outbound } from "./outbound.ts";

export function createExportCourier(
  outbound: Pick<Outbound, "post" | "uploadFile" | "shareFile">,
): ExportCourier {
  return {
    upload: outbound.uploadFile,
    share: ({ id, name, channel, counts }) =>
      outbound.shareFile({ id, title: name, channel, comment: exportComment(counts) }),
    async say(key, { channel }, end) {
      const text =
        end.kind === "nothing"
          ? nothingToExport(end.counts)
          : end.kind === "failed"
            ? exportFailed(end.failure)
            : EXPORT_UNCONFIRMED;
      await outbound.post({ key, channels: [channel], message: () => textMessage(text) });
    },
  };
}
