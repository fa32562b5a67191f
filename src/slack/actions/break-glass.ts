/** What follows an approver's click on their own request where that is forbidden: a form, or the words for it. */
import { isAppError } from "../../errors.ts";
import { breakGlassView } from "../cards/break-glass-view.ts";
import { standing } from "../gate.ts";
import { encodeHomeFormValue } from "../ids.ts";
import type { DecisionDesk } from "../ports.ts";
import { type Teller, tell } from "../replies.ts";
import { type ButtonClick, isFromHome, listenerOf } from "./click.ts";

interface BreakGlassDeps {
  desk: Pick<DecisionDesk, "find">;
  outbound: Teller;
}

interface Refused {
  decisionId: string;
  /** Of what they saw. */
  hash: string;
  /** Why the click itself did nothing. */
  sentence: string;
}

export async function offerBreakGlass(
  { desk, outbound }: BreakGlassDeps,
  { body, respond }: Pick<ButtonClick, "body" | "respond">,
  { decisionId, hash, sentence }: Refused,
): Promise<void> {
  const to = listenerOf({ body, respond });
  const decision = await desk.find(decisionId);
  if (decision === null || standing(decision, hash) !== null) return tell(outbound, to, sentence);
  const view = breakGlassView(decision);
  const home = { private_metadata: encodeHomeFormValue({ id: decisionId, hash }) };
  try {
    await outbound.openModal(body.trigger_id, isFromHome(body) ? { ...view, ...home } : view);
  } catch (error) {
    if (!isAppError(error)) throw error;
    // Slack's three seconds were over.
    await tell(outbound, to, `${sentence} Click Approve again to do it all the same.`);
  }
}
