/** Buttons of older versions, and of nobody: a private note instead of silence. */
import type { BlockAction, SlackActionMiddlewareArgs } from "@slack/bolt";
import { UNKNOWN_BUTTON } from "../cards/notes.ts";
import { type Teller, tell } from "../replies.ts";
import { listenerOf } from "./click.ts";

export interface UnknownDeps {
  /** Action ids with a handler of their own: every matching listener runs, this one included. */
  known: ReadonlySet<string>;
  outbound: Teller;
}

export function unknownAction({ known, outbound }: UnknownDeps) {
  return async ({ action, body, respond }: SlackActionMiddlewareArgs<BlockAction>): Promise<void> => {
    if (known.has(action.action_id)) return;
    // A link button needs no answer: Slack has opened its page.
    if (action.type === "button" && action.url) return;
    await tell(outbound, listenerOf({ body, respond }), UNKNOWN_BUTTON);
  };
}
