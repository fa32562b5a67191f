/** A click on one of our buttons, in our words. */
import type { BlockAction, ButtonAction, SlackActionMiddlewareArgs } from "@slack/bolt";
import type { Listener } from "../replies.ts";

export type AnyClick = SlackActionMiddlewareArgs<BlockAction>;
export type ButtonClick = SlackActionMiddlewareArgs<BlockAction<ButtonAction>>;

/** Clicks in a modal and in the Home tab have no response URL. */
export function listenerOf({ body, respond }: Pick<AnyClick, "body" | "respond">): Listener {
  return {
    userId: body.user.id,
    channel: body.channel?.id ?? null,
    respond: body.response_url ? respond : null,
    ...(isFromHome(body) ? { homeTrigger: body.trigger_id } : {}),
  };
}

export function isFromHome({ view }: Pick<BlockAction, "view">): boolean {
  return view?.type === "home";
}
