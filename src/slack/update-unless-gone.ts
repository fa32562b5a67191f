/** Edits a card whose channel may be archived, or closed to us, by now: there is nothing left to keep true there. */
import { isAppError } from "../errors.ts";
import type { Outbound, OutboundUpdate } from "./outbound.ts";

export async function updateUnlessGone(
  outbound: Pick<Outbound, "update">,
  update: OutboundUpdate,
): Promise<"updated" | "gone"> {
  try {
    return await outbound.update(update);
  } catch (error) {
    if (isAppError(error) && error.code === "slack_channel_gone") return "gone";
    throw error;
  }
}
