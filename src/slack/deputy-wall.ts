/** Tells deputies, directly, that they are, and that they no longer are. */
import type { DeputyWall } from "../workflows/deputy-ports.ts";
import { textMessage } from "./cards/blocks.ts";
import { endedText, namedText } from "./cards/deputy-answers.ts";
import type { Outbound } from "./outbound.ts";

export interface DeputyWallOptions {
  outbound: Pick<Outbound, "post" | "openDm">;
}

export function createDeputyWall({ outbound }: DeputyWallOptions): DeputyWall {
  const tell = async (key: string, slackId: string, text: string): Promise<void> => {
    const dm = await outbound.openDm(slackId);
    // Somebody who cannot be written to, e.g. because they have left; `/emm deputy` shows it to everybody.
    if (dm !== null) await outbound.post({ key, channels: [dm], message: () => textMessage(text) });
  };
  return {
    tellNamed: (deputyship) =>
      tell(`deputy-named:${deputyship.id}`, deputyship.deputy.slackId, namedText(deputyship)),
    tellEnded: ({ id }, ended) => tell(`deputy-ended:${id}`, ended.deputy.slackId, endedText(ended)),
  };
}
