/** Run the dialectic, from the menu of an open card. */
import { type DialecticDeps, orderDialectic } from "../dialectic-order.ts";
import { type Teller, tell } from "../replies.ts";
import { listenerOf } from "./click.ts";
import type { MoreHandler } from "./more.ts";

export function runDialectic(deps: DialecticDeps & { outbound: Teller }): MoreHandler {
  return async ({ id: decisionId }, { body, respond }) => {
    const reply = await orderDialectic(deps, { decisionId, user: body.user });
    await tell(deps.outbound, listenerOf({ body, respond }), reply);
  };
}
