/** Details: the whole analysis in a modal, and its pages. Reading needs no right beyond seeing the card. */
import { detailsView } from "../cards/details-view.ts";
import { GARBLED_BUTTON, resultSentence } from "../cards/notes.ts";
import { decodeDecisionValue, decodePageValue } from "../ids.ts";
import type { Outbound } from "../outbound.ts";
import type { DecisionDesk } from "../ports.ts";
import { openPrepared, type Teller, tell } from "../replies.ts";
import { type ButtonClick, listenerOf } from "./click.ts";

export interface DetailsDeps {
  desk: Pick<DecisionDesk, "find">;
  outbound: Pick<Outbound, "updateModal"> & Teller;
}

export function details({ desk, outbound }: DetailsDeps) {
  return async ({ action, body, respond }: ButtonClick): Promise<void> => {
    const to = listenerOf({ body, respond });
    const value = decodeDecisionValue(action.value);
    if (value === null) return tell(outbound, to, GARBLED_BUTTON);
    await openPrepared({
      outbound,
      triggerId: body.trigger_id,
      title: "Full analysis",
      prepare: async () => {
        const decision = await desk.find(value.id);
        return decision === null
          ? { refusal: unknownDecision(body.user.id) }
          : { view: detailsView(decision) };
      },
      refuse: (sentence) => tell(outbound, to, sentence),
    });
  };
}

export function turnPage({ desk, outbound }: DetailsDeps) {
  return async ({ action, body }: ButtonClick): Promise<void> => {
    const value = decodePageValue(action.value);
    const { view } = body;
    if (value === null || !view) return;
    const decision = await desk.find(value.id);
    if (decision !== null) await outbound.updateModal(view, detailsView(decision, value.page));
  };
}

function unknownDecision(userId: string): string {
  return resultSentence({ kind: "not-found" }, { userId, replacementUrl: null }) ?? GARBLED_BUTTON;
}
