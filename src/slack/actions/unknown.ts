/** Buttons of older versions, and of nobody: a private note instead of silence. */
import type { BlockAction, SlackActionMiddlewareArgs } from "@slack/bolt";
import { UNKNOWN_BUTTON } from "../cards/notes.ts";
import type { Outbound } from "../outbound.ts";
import { tell } from "../replies.ts";

export interface UnknownDeps {
  /** Action ids with a handler of their own: every matching listener runs, this one included. */
  known: ReadonlySet<string>;
  outbound: Pick<Outbound, "whisper">;
}

export function unknownAction({ known, outbound }: UnknownDeps) {
  return async ({ action, body, respond }: SlackActionMiddlewareArgs<BlockAction>): Promise<void> => {
    if (known.has(action.action_id)) return;
    // A link button needs no answer: Slack has opened its page.
    if (action.type === "button" && action.url) return;
    const to = {
      userId: body.user.id,
      channel: body.channel?.id ?? null,
      respond: body.response_url ? respond : null,
    };
    await tell(outbound, to, UNKNOWN_BUTTON);
  };
}
