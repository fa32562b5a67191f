/** The overflow menu of an open card: one action id, and what was chosen is in its value. */
import type { BlockAction, OverflowAction, SlackActionMiddlewareArgs } from "@slack/bolt";
import { GARBLED_BUTTON } from "../cards/notes.ts";
import { decodeMoreValue, type MoreValue } from "../ids.ts";
import { type Teller, tell } from "../replies.ts";
import { listenerOf } from "./click.ts";

export type MoreClick = SlackActionMiddlewareArgs<BlockAction<OverflowAction>>;

export type MoreHandler = (value: MoreValue, click: Pick<MoreClick, "body" | "respond">) => Promise<void>;

export function more(handlers: Record<MoreValue["entry"], MoreHandler>, { outbound }: { outbound: Teller }) {
  return async ({ action, body, respond }: MoreClick): Promise<void> => {
    const value = decodeMoreValue(action.selected_option?.value);
    if (value === null) return tell(outbound, listenerOf({ body, respond }), GARBLED_BUTTON);
    await handlers[value.entry](value, { body, respond });
  };
}
