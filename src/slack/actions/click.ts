/** A click on one of our buttons, in our words. */
import type { BlockAction, ButtonAction, SlackActionMiddlewareArgs } from "@slack/bolt";
import type { Listener } from "../replies.ts";

export type ButtonClick = SlackActionMiddlewareArgs<BlockAction<ButtonAction>>;

/** Clicks in a modal have no response URL. */
export function listenerOf({ body, respond }: Pick<ButtonClick, "body" | "respond">): Listener {
  return {
    userId: body.user.id,
    channel: body.channel?.id ?? null,
    respond: body.response_url ? respond : null,
  };
}
